"""Loads plugins, and finds what a name, a file, a module or a package stands for."""

import difflib
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from ser_plugins.core import about, packages, registry
from ser_plugins.core.errors import OptionError
from ser_plugins.core.faults import reason
from ser_plugins.core.hookspecs import PROJECT
from ser_plugins.core.registry import PluginError, UnknownPluginError

Named = tuple[str, str]  # a kind and a name


def load(*plugins: str) -> None:
    """Load modules and files.

    Raises:
        PluginError: saying in plain words, with file and line, why one does not load.
    """
    for plugin in plugins:
        file = Path(plugin).expanduser().resolve() if plugin.endswith(".py") else None
        try:
            registry.use_plugins(plugin)
        except PluginError as error:
            if error.__cause__ is None:
                raise
            raise PluginError(f"plugin {plugin} does not load: {reason(error, file)}") from error


def find(words: Sequence[str], kinds: Sequence[str]) -> list[Named]:
    """Return what a name, a file, a module or a distribution stands for.

    Args:
        words: a name, a file, a module or a distribution; two words are a kind and a name.
        kinds: to which a name is confined, or all.

    Raises:
        UnknownPluginError: if there is no such thing, or it registers nothing.
    """
    text = words[-1]
    if found := [(kind, text) for kind in about.kinds_of(text) if kind in kinds]:
        return found
    if text.endswith(".py"):
        load(text)
        found = _all_of(str(Path(text).expanduser().resolve()))
    elif len(words) > 1:
        registry.default().get(kinds[0], text)  # says what there is
    else:
        found = _of_package(text)
    if of_kinds := [one for one in found if one[0] in kinds]:
        return of_kinds
    raise UnknownPluginError(f"{text} registers none of the {', '.join(kinds)}")


def _of_package(text: str) -> list[Named]:
    """Return what an installed distribution, or a module, registers."""
    entries = [e for e in metadata.entry_points(group=PROJECT) if e.dist]
    origins = [e.value for e in entries if e.dist and _plain(e.dist.name) == _plain(text)]
    for origin, error in registry.default().broken.items():
        if origin in (*origins, text) or origin.startswith(f"{text}."):
            raise PluginError(f"plugin {origin} does not load: {reason(error)}") from error
    if found := [one for origin in [*origins, text] for one in about.brought_by(origin)]:
        return list(dict.fromkeys(found))
    try:
        metadata.distribution(text)
    except (metadata.PackageNotFoundError, ValueError):
        pass
    else:
        raise UnknownPluginError(
            f"the package {text} is installed and registers nothing: its setup.cfg needs, under "
            f"[options.entry_points], `{PROJECT} =` and a line as `my_model = my_package.my_model`"
        )
    return _of_module(text)


def _of_module(text: str) -> list[Named]:
    """Return what a module registers that is no entry point, or say what to do with a folder."""
    if text and Path(text).is_dir():
        raise OptionError(
            f"{text} is a folder: install the package in it, as `pip install -e {text}`, and check "
            "it by its name; or give the .py file of a plugin"
        )
    if packages.find(text) is None:
        raise UnknownPluginError(_explain(text))
    load(text)
    return _all_of(text)


def _all_of(origin: str) -> list[Named]:
    if found := about.brought_by(origin):
        return found
    raise UnknownPluginError(f"{origin} registers no name: a hook returns {{name: what it is}}")


def _plain(name: str) -> str:
    """Return the name of a distribution as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def which(text: str, subjects: Sequence[Named]) -> str:
    """Say that a text means several plugins."""
    kinds, names = zip(*subjects, strict=True)
    if len(set(names)) == 1:
        return f"{names[0]!r} is of the {' and of the '.join(kinds)}; put the kind before the name"
    return f"{text} has several plugins; show one of {', '.join(names)}"


def _explain(name: str) -> str:
    names = {each for kind in registry.KINDS for each in registry.default().names(kind)}
    near = difflib.get_close_matches(name, sorted(names), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return (
        f"no plugin, file, module or installed package is called {name!r}; `list` lists the "
        f"plugins{hint}"
    )
