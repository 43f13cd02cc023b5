"""Finds what a name, a file, a module or a package stands for."""

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from ser_plugins.core import about, packages, registry
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hookspecs import PROJECT
from ser_plugins.core.registry import ONE, PluginError, UnknownPluginError
from ser_plugins.core.words import nearest

Named = tuple[str, str]  # a kind and a name
KIND_OF = {ONE[kind]: kind for kind in registry.KINDS} | {kind: kind for kind in registry.KINDS}


def find(words: Sequence[str], kinds: Sequence[str]) -> list[Named]:
    """Return what a name, a file, a module or a distribution stands for.

    Args:
        words: a name, a file, a module or a distribution; two words are a kind and a name.
        kinds: to which a name is confined, or all.

    Raises:
        UnknownPluginError: if there is no such thing, or it registers nothing.
        OptionError: for a kind in place of a name.
    """
    text = words[-1]
    if found := [(kind, text) for kind in about.kinds_of(text) if kind in kinds]:
        return found
    if text in KIND_OF:  # not the script of tools/ that is called so, which Python would import
        kind = KIND_OF[text]
        raise OptionError(
            f"{text} is a kind; name a plugin, or `list {kind}` to see which there are"
        )
    if text.endswith(".py"):
        registry.use_plugins(text)
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
    origins = packages.entries_of(text)
    for origin, why in registry.default().broken.items():
        if origin in (*origins, text) or origin.startswith(f"{text}."):
            raise PluginError(f"plugin {origin} does not load: {why}")
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
    registry.use_plugins(text)
    return _all_of(text)


def _all_of(origin: str) -> list[Named]:
    if found := about.brought_by(origin):
        return found
    raise UnknownPluginError(f"{origin} registers no name: a hook returns {{name: what it is}}")


def which(text: str, subjects: Sequence[Named]) -> str:
    """Say that a text means several plugins."""
    kinds, names = zip(*subjects, strict=True)
    if len(set(names)) == 1:
        return f"{names[0]!r} is of the {' and of the '.join(kinds)}; put the kind before the name"
    return f"{text} has several plugins; show one of {', '.join(names)}"


def _explain(name: str) -> str:
    names = {each for kind in registry.KINDS for each in registry.default().names(kind)}
    return (
        f"no plugin, file, module or installed package is called {name!r}; `list` lists the "
        f"plugins{nearest(name, sorted(names))}"
    )
