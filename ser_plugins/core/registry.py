"""Finds plugins, and turns a kind and a name into an object. Knows nothing of audio."""

import functools
import importlib
import logging
import os
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import pluggy

from . import compatibility, exits, faults, hookspecs, loading, naming, packages
from .errors import InputError, PluginError
from .words import nearest

log = logging.getLogger(__name__)

KINDS = ("datasets", "features", "models", "augmentations")
ONE = dict(zip(KINDS, ("dataset", "features", "model", "augmentation"), strict=True))
BLOCK = "SER_PLUGINS_BLOCK"
_unfinished: ContextVar["Registry | None"] = ContextVar("unfinished", default=None)


class UnknownPluginError(InputError, LookupError):
    """A name that no plugin registered."""


class Entry(NamedTuple):
    """A registered thing, and the plugin that brought it."""

    origin: str
    value: Any


class Registry:
    """Names of each kind from the plugins it is given; `broken` says why those that failed did.

    >>> Registry().names("models")
    []
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.broken: dict[str, str] = {}
        self.found: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in KINDS}

    def add(self, plugin: Any, origin: str) -> None:
        """Register one more plugin, a module or an object with hooks; again is no change.

        Raises:
            PluginError: for a hook that no hookspec has, that fails or returns no mapping from
                names, a plugin without any, or one that requires another hook API.
        """
        compatibility.check(plugin, origin)
        try:
            self._register(plugin, origin)
        except Exception as error:
            why = faults.reason(error, faults.file_of(plugin))
            raise PluginError(f"plugin {origin} does not load: {why}") from error

    def _register(self, plugin: Any, origin: str) -> None:
        if self.manager.is_registered(plugin):
            return
        try:
            self.manager.register(plugin, origin)
            self.manager.check_pending()
            found = self._call_hooks(plugin)
        except Exception:
            if self.manager.is_registered(plugin):  # it is not, where pluggy refused a hook
                self.manager.unregister(plugin)  # or its bad hook would fail every later add
            raise
        for kind, things in found.items():
            self.found[kind][origin] = things

    def remove(self, origin: str) -> None:
        """Take a plugin out again, with all that it registered; of one that is not there, nothing.

        Args:
            origin: what it was added under.
        """
        if self.manager.has_plugin(origin):
            self.manager.unregister(name=origin)
        for things in self.found.values():
            things.pop(origin, None)

    def _call_hooks(self, plugin: Any) -> dict[str, Mapping[str, Any]]:
        """Return what a plugin registers of each kind."""
        found = {}
        for caller in self.manager.get_hookcallers(plugin) or ():
            (impl,) = [impl for impl in caller.get_hookimpls() if impl.plugin is plugin]
            with exits.refused():
                things = impl.function()
            if not isinstance(things, Mapping):
                raise PluginError(f"{caller.name} must return a mapping from name to thing")
            for name in things:
                naming.check(name, f" of {caller.name}")
            found[caller.name.removeprefix("ser_")] = things
        if not found:
            raise PluginError("no hook: mark a function such as ser_models with @hookimpl")
        return found

    def try_add(self, load: Callable[[], Any], origin: str) -> None:
        """Load and register a plugin that nobody asked for; one that fails only warns."""
        plugin = None
        try:
            plugin = load()
            compatibility.check(plugin, origin)
            self._register(plugin, origin)
        except Exception as error:  # noqa: BLE001  a stranger's module may raise anything
            self.broken[origin] = faults.reason(error, faults.file_of(plugin))
            log.warning("plugin %s did not load, the others do: %s", origin, self.broken[origin])

    def names(self, kind: str) -> list[str]:
        """Return the registered names of a kind, sorted."""
        return sorted(self._entries(kind))

    def origin(self, kind: str, name: str) -> str:
        """Return the plugin that registered a name."""
        return self._entry(kind, name).origin

    def get(self, kind: str, name: str) -> Any:
        """Return what is registered under a name.

        Raises:
            UnknownPluginError: listing what exists, and the nearest spelling.
        """
        return self._entry(kind, name).value

    def _entries(self, kind: str) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for origin, things in self.found[kind].items():
            for name, value in things.items():
                if name in entries:
                    raise PluginError(
                        f"{kind}: {name!r} is registered by both {entries[name].origin} and "
                        f"{origin}; rename one, or name the one to leave out in {BLOCK}"
                    )
                entries[name] = Entry(origin, value)
        return entries

    def _entry(self, kind: str, name: str) -> Entry:
        try:
            return self._entries(kind)[name]
        except KeyError:
            raise UnknownPluginError(self._explain(kind, name)) from None

    def _explain(self, kind: str, name: str) -> str:
        text = f"no {ONE[kind]} {'are' if ONE[kind] == kind else 'is'} called {name!r}; there are: "
        text += ", ".join(self.names(kind))
        text += nearest(name, self.names(kind))
        if self.broken:
            text += f" (failed to load: {', '.join(sorted(self.broken))})"
        return text


def builtin_modules() -> Iterator[str]:
    """Yield the name of every module in `ser_plugins.<kind>` that does not begin with `_`."""
    for kind in KINDS:
        package = importlib.import_module(f"ser_plugins.{kind}")
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not info.name.rpartition(".")[2].startswith("_"):
                yield info.name


@functools.cache
def default() -> Registry:
    """Return the registry that everything uses: built-in plugins, then installed ones.

    A plugin that asks for another while it loads finds those before it.
    """
    if unfinished := _unfinished.get():
        return unfinished
    registry = Registry()
    token = _unfinished.set(registry)
    try:
        _fill(registry)
    finally:
        _unfinished.reset(token)
    return registry


def _fill(registry: Registry) -> None:
    blocked = set(filter(None, os.environ.get(BLOCK, "").split(",")))
    loaders: dict[str, Callable[[], Any]] = {
        name: functools.partial(loading.load, name) for name in builtin_modules()
    }
    for entry in packages.entry_points():
        loaders[entry.value] = functools.partial(loading.load, entry.value, entry.load)
    for origin, load in loaders.items():
        if origin not in blocked:
            registry.try_add(load, origin)


def use_plugins(*plugins: str) -> None:
    """Register modules by import name, or Python files by path, for this process.

    Raises:
        PluginError: for one that is missing or does not load; these were asked for by name.
    """
    for plugin in plugins:
        is_file = plugin.endswith(".py")
        origin = str(Path(plugin).expanduser().resolve()) if is_file else plugin
        try:
            module = loading.load_file(Path(origin)) if is_file else loading.load(plugin)
        except PluginError:
            raise
        except Exception as error:
            why = faults.reason(error, Path(origin) if is_file else None)
            raise PluginError(f"plugin {plugin} does not load: {why}") from error
        default().add(module, origin)
