"""Says which package, of which version, brings a plugin."""

import functools
import importlib.metadata
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import hookspecs, packages, registry
from .errors import BundleError

# A distribution or, where there is none, a module of any word, and a version.
PROVIDER = re.compile(r"\w[\w.-]{0,99}( [A-Za-z0-9.+!-]{1,50})?")
OWN_FILE = re.compile(r"a file, [^/]{1,255}\.py")


def provider(kind: str, name: str) -> str:
    """Return the distribution and version of a registered name, or `a file, <its name>`.

    >>> provider("features", "mfcc").split()[0]
    'ser_plugins'
    """
    origin = registry.default().origin(kind, name)
    if origin.endswith(".py"):
        return f"a file, {Path(origin).name}"
    package = _package(origin)
    if package == hookspecs.PROJECT:
        return f"{package} {importlib.metadata.version(package)}"
    by_entry = {entry.value: entry.dist for entry in packages.entry_points() if entry.dist}
    if dist := by_entry.get(origin):
        return f"{dist.name} {dist.version}"
    if found := _distributions().get(package):
        return f"{found[0]} {importlib.metadata.version(found[0])}"
    # What was installed with `pip install -e` may list no files, and then only its entry points.
    beside = (dist for value, dist in by_entry.items() if _package(value) == package)
    return next((f"{dist.name} {dist.version}" for dist in beside), package)


def _package(origin: str) -> str:
    return origin.partition(":")[0].partition(".")[0]


def record(used: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Return the providers of some kinds and names: `{kind: {name: provider}}`."""
    found: dict[str, dict[str, str]] = {}
    for kind, name in used:
        found.setdefault(kind, {})[name] = provider(kind, name)
    return found


@functools.cache
def _distributions() -> Mapping[str, Sequence[str]]:
    """Return the distributions of each importable package; slow, and seldom needed."""
    return importlib.metadata.packages_distributions()


def check_installed(needed: Any) -> None:
    """Refuse a bundle whose plugins are not all here, saying where they are to be had.

    Args:
        needed: what a bundle records: `{kind: {name: provider}}`; nothing it says is believed.

    Raises:
        BundleError: naming the package, or that the record is damaged.
    """
    check_record(needed)
    for kind, names in needed.items():
        for name, source in names.items():
            if name not in registry.default().names(kind):
                raise BundleError(_where(kind, name, source))


def check_record(needed: Any) -> None:
    """Refuse a record that no bundle can have.

    Raises:
        BundleError: naming what cannot be a plugin, or its package.
    """
    expected = "plugins must hold, by kind and name, a package and its version, or a .py file"
    by_kind = isinstance(needed, dict) and set(needed) <= set(registry.KINDS)
    if not by_kind or not all(isinstance(names, dict) for names in needed.values()):
        raise BundleError(expected)
    for names in needed.values():
        for name, source in names.items():
            if not name.isprintable() or not _is_provider(source):
                found = f"{reprlib.repr(name)}: {reprlib.repr(source)}"
                raise BundleError(f"{expected}; not {found}, which is none or cannot be printed")


def _is_provider(text: Any) -> bool:
    if not isinstance(text, str) or not text.isprintable():
        return False
    return bool(PROVIDER.fullmatch(text) or OWN_FILE.fullmatch(text))


def _where(kind: str, name: str, source: str) -> str:
    missing = f"it needs the {kind} plugin {name!r}, which is not here"
    if OWN_FILE.fullmatch(source):
        return (
            f"{missing} and was {source} of its author's. Ask them for it, read it, and name it "
            "with --plugins, or with ser_plugins.use_plugins"
        )
    package, _, version = source.partition(" ")
    if package == hookspecs.PROJECT:
        return f"{missing}; ser_plugins {version} has it: install that version"
    made = f"{missing}; it was made with that of the package {package!r}"
    made += f", version {version}" if version else ""
    if why := _why_not(package):
        return f"{made}; that package is here, but did not load: {why}"
    return f"{made}. Look at what that package is before you install it: it is code"


def _why_not(package: str) -> str:
    """Return why plugins of an installed package did not load; nothing where they did."""
    broken = registry.default().broken
    return "; ".join(broken[value] for value in packages.entries_of(package) if value in broken)
