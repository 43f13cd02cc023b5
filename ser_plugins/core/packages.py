"""Finds what installed packages hold, without running their code."""

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from packaging.utils import canonicalize_name

from .hookspecs import PROJECT


def find(name: str) -> ModuleSpec | None:
    """Return where a module lies, or None; only the package at its head is asked for by import.

    >>> find("ser_plugins.core.types").name
    'ser_plugins.core.types'
    """
    head, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(head)  # through the finders of editable installs, too
    except (ValueError, ImportError):  # a module that somebody made by hand, or a name of none
        return None
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(f"{spec.name}.{part}", list(spec.submodule_search_locations))
    return spec


def folders(package: str) -> list[Path]:
    """Return the folders of a package; none where there is no such package."""
    spec = find(package)
    return [Path(each).absolute() for each in (spec and spec.submodule_search_locations) or ()]


def entry_points() -> Iterator[importlib.metadata.EntryPoint]:
    """Yield the entry points by which installed packages bring plugins."""
    yield from importlib.metadata.entry_points(group=PROJECT)


def entries_of(distribution: str) -> list[str]:
    """Return the plugins that an installed distribution declares, as `module` or `module:object`.

    Args:
        distribution: its name, in any of the spellings that pip takes: `my-pkg`, `My_pkg`.
    """
    wanted = canonicalize_name(distribution)
    found = ((entry.value, entry.dist) for entry in entry_points())
    return [value for value, dist in found if dist and canonicalize_name(dist.name) == wanted]


def plugin_packages() -> list[str]:
    """Return the packages that hold the plugins of the installed ones, sorted."""
    found = set()
    for entry in entry_points():
        parts = entry.value.partition(":")[0].strip().split(".")
        names = [".".join(parts[: i + 1]) for i in range(len(parts))]
        found |= {name for name in names if folders(name)}
    return sorted(found)
