"""Says whether a plugin was written for the hook API that is here."""

import ast
import importlib.metadata
import sys
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from . import packages
from .errors import PluginError
from .hookspecs import API, PROJECT

STATEMENT = "requires"
FITTING = f">={API},<{Version(API).major + 1}"  # what a plugin states that is written today


def check(plugin: Any, origin: str) -> None:
    """Refuse a plugin that states, as `requires`, another hook API than is here.

    A plugin that is no module may leave that to the module that its entry point names.

    Raises:
        PluginError: for one that does not fit, or whose `requires` names no versions.
    """
    module = sys.modules.get(origin.partition(":")[0])
    for place in (plugin, module):
        if hasattr(place, STATEMENT):
            check_versions(getattr(place, STATEMENT), origin)
            return


def check_stated(origin: str) -> None:
    """Refuse, by its text alone, a plugin that does not load and states another hook API.

    That it does not fit is why it does not load: it may import what is not here.

    Raises:
        PluginError: as `check`.
    """
    for node in _statements(origin):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        value = getattr(node, "value", None)
        if STATEMENT in names and isinstance(value, ast.Constant):
            check_versions(value.value, origin)


def check_versions(wanted: Any, origin: str) -> None:
    """Refuse versions of the hook API that are none, or do not hold the one that is here.

    Raises:
        PluginError: saying what is wanted, what is here and what to do.
    """
    try:
        versions = SpecifierSet(str(wanted) if isinstance(wanted, str) else "?")
    except InvalidSpecifier:
        raise PluginError(
            f"plugin {origin}: {STATEMENT} is {wanted!r}; expected versions of the hook API, "
            f'such as "{FITTING}"'
        ) from None
    if API in versions:
        return
    raise PluginError(
        f"plugin {origin} requires the hook API {wanted}, but ser_plugins "
        f"{importlib.metadata.version(PROJECT)} has {API}; install a ser_plugins and a version of "
        "the plugin that fit each other"
    )


def _statements(origin: str) -> list[ast.stmt]:
    """Return what stands at the top level of a plugin; nothing where it cannot be read."""
    spec = None if origin.endswith(".py") else packages.find(origin.partition(":")[0])
    path = Path(origin if spec is None else spec.origin or "")
    try:
        return ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return []
