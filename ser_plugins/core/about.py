"""Says what a registered name is: documentation, parameters, file, and the facts of a corpus."""

import functools
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from . import build, registry
from .providers import provider
from .types import Corpus

# What chooses a plugin on the command line of a recipe.
FLAGS = {
    "datasets": "--dataset {}",
    "features": "--features {}",
    "models": "--model {}",
    "augmentations": "--augment '[{}]'",
}
COUNTED_WITH = (40, 8)  # features and labels for which the parameters of a model are counted
# What core gives, so that nobody sets it by options.
BY_CORE = {
    "features": {"sample_rate"},
    "models": {"n_features", "n_classes"},
    "augmentations": {"sample_rate"},
}


class About(NamedTuple):
    """What is known of a name without building it.

    Args:
        kind: of plugin.
        name: as it is registered.
        provider: the package and its version, or the file.
        file: where it is written, if that is a file.
        summary: one sentence.
        texts: its documentation: of the module, then of the factory, where they have any.
        parameters: of the factory, in order; empty for a corpus that is made beforehand.
    """

    kind: str
    name: str
    provider: str
    file: Path | None
    summary: str
    texts: tuple[str, ...]
    parameters: tuple[inspect.Parameter, ...]

    @property
    def options(self) -> tuple[inspect.Parameter, ...]:
        """Return the parameters that a user sets."""
        return tuple(p for p in self.parameters if p.name not in BY_CORE.get(self.kind, ()))


def about(kind: str, name: str) -> About:
    """Return what is known of a registered name.

    >>> about("models", "pooled_linear").options[0].name
    'dropout'
    """
    factory = registry.default().get(kind, name)
    module = _module(kind, name)
    texts = (inspect.cleandoc(module.__doc__ or "") if module else "", _doc(factory))
    alone = module is not None and _is_alone(kind, name, module)
    summary = next(filter(None, texts if alone else texts[::-1]), "")
    file = getattr(module, "__file__", None)
    return About(
        kind,
        name,
        provider(kind, name),
        Path(file) if file else None,
        first_sentence(summary),
        tuple(filter(None, texts)),
        _parameters(factory),
    )


def facts(name: str, corpus: Corpus) -> dict[str, str]:
    """Return what a corpus says of itself; empty is what it says nothing of.

    >>> facts("ravdess", build.get_dataset("ravdess"))["recordings"]
    '1,440'
    """
    unknown = "not known beforehand"
    names = [protocol.name for protocol in corpus.protocols]
    return {
        "labels": ", ".join(corpus.labels or ()) or unknown,
        "speakers": str(corpus.speakers or unknown),
        "recordings": f"{corpus.size:,}" if corpus.size else unknown,
        "languages": ", ".join(corpus.languages),
        "licence": corpus.licence,
        "url": corpus.url,
        "to obtain": _obtained(name, corpus),
        "protocols": ", ".join(names) or "none of its own: five folds by speaker",
    }


def _obtained(name: str, corpus: Corpus) -> str:
    if corpus.embedded:
        return "rendered when it is first used"
    if corpus.obtain:
        return f"`ser-download {name} FOLDER`"
    return " ".join(corpus.request.split()) or "by hand"


def first_sentence(text: str) -> str:
    r"""Return the first sentence of a documentation, on one line.

    >>> first_sentence("Mel bands, at\n20 Hz. More of it.\n\nAnd more.")
    'Mel bands, at 20 Hz.'
    """
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=\.) ", paragraph, maxsplit=1)[0]


def _doc(factory: Any) -> str:
    """Return the documentation that a factory has of its own."""
    factory = _bare(factory)
    own = inspect.isclass(factory) or inspect.isroutine(factory)
    return inspect.cleandoc(factory.__doc__ or "") if own else ""


def _bare(factory: Any) -> Any:
    while isinstance(factory, functools.partial):
        factory = factory.func
    return factory


def _parameters(factory: Any) -> tuple[inspect.Parameter, ...]:
    if isinstance(factory, Corpus):
        return ()
    try:
        return tuple(build.parameters(factory).values())
    except (TypeError, ValueError):  # what is written in C, or is no factory, tells of none
        return ()


def _module(kind: str, name: str) -> ModuleType | None:
    """Return the module in which a plugin is written.

    That is the one that has the hook; where this is a package that gathers what its modules hold,
    the module that holds it.
    """
    plugins = registry.default()
    plugin = plugins.manager.get_plugin(plugins.origin(kind, name))
    module = plugin if isinstance(plugin, ModuleType) else sys.modules.get(type(plugin).__module__)
    factory = plugins.get(kind, name)
    made = _bare(factory.read if isinstance(factory, Corpus) else factory)
    place = getattr(made, "__module__", None) or ""
    if module is not None and place.startswith(f"{module.__name__}."):
        return sys.modules.get(place, module)
    return module


def _is_alone(kind: str, name: str, module: ModuleType) -> bool:
    """Tell whether a module holds one name only, so that its text is about that."""
    plugins = registry.default()
    origin = plugins.origin(kind, name)
    beside = ((k, n) for k in registry.KINDS for n in plugins.found[k].get(origin, ()))
    return sum(_module(*each) is module for each in beside) == 1


def kinds_of(name: str) -> list[str]:
    """Return the kinds that have a name."""
    return [kind for kind in registry.KINDS if name in registry.default().names(kind)]


def brought_by(origin: str) -> list[tuple[str, str]]:
    """Return kind and name of all that a plugin, or a package of plugins, registers.

    Args:
        origin: the path of a file, or the name of a module or package.
    """

    def is_from(registered: str) -> bool:
        module = registered.partition(":")[0]
        return origin in (registered, module) or module.startswith(f"{origin}.")

    plugins = registry.default()
    names = ((kind, name) for kind in registry.KINDS for name in plugins.names(kind))
    return [(kind, name) for kind, name in names if is_from(plugins.origin(kind, name))]
