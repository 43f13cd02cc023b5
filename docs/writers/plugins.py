"""Sections of the plugins: card, options and defaults, sizes, and the promises of each kind."""

import inspect
import sys

from ser_plugins import Corpus, get_dataset, make_model
from ser_plugins.core import about, promises, registry

from .markdown import facts, fenced, joined, table

DOMAINS = {"wave": "Changes the waveform.", "feats": "Changes the features."}


def names(kind: str) -> list[str]:
    """Return the names of a kind that ship with the toolkit, whatever else is installed."""
    known = registry.default()
    return [n for n in known.names(kind) if known.origin(kind, n).startswith("ser_plugins.")]


def section(kind: str, name: str, *parts: str) -> str:
    """Return a plugin's section, which other pages reach as `#<kind>-<name>`."""
    module = sys.modules[registry.default().origin(kind, name)]
    heading = f"({kind}-{name})=\n## `{name}`"
    return joined(heading, inspect.getdoc(module) or "", *parts)


def options(kind: str, name: str) -> str:
    """Return what shows the options of a plugin with their defaults, from its docstring."""
    factory = registry.default().get(kind, name)
    if isinstance(factory, Corpus):
        return ""
    what = "autoclass" if inspect.isclass(factory) else "autofunction"
    return fenced("{eval-rst}", f".. {what}:: {factory.__module__}.{factory.__qualname__}")


def features() -> str:
    """Return a section for each kind of features."""
    return joined(*(section("features", n, options("features", n)) for n in names("features")))


def models() -> str:
    """Return a section for each model, with the size of its weights."""
    return joined(*(section("models", n, size(n), options("models", n)) for n in names("models")))


def size(name: str) -> str:
    """Say how many parameters a model has as it stands."""
    n_features, n_classes = about.COUNTED_WITH
    model = make_model(name, n_features, n_classes)
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"**{count:,} parameters** with {n_features} features and {n_classes} labels."


def augmentations() -> str:
    """Return a section for each augmentation."""
    kind = "augmentations"
    return joined(
        *(
            section(kind, n, DOMAINS[registry.default().get(kind, n).domain], options(kind, n))
            for n in names(kind)
        )
    )


def datasets() -> str:
    """Return a section for each corpus: its card, its facts, how its files lie, its options."""
    return joined(*map(dataset, names("datasets")))


def dataset(name: str) -> str:
    """Return the section of a corpus."""
    corpus = get_dataset(name)
    found = about.facts(name, corpus)
    if corpus.url:
        found["url"] = f"<{corpus.url}>"
    if corpus.protocols:
        links = (f"[{p.name}](#protocol-{p.name})" for p in corpus.protocols)
        found["protocols"] = ", ".join(links)
    return section("datasets", name, facts(found), layout(corpus), options("datasets", name))


def layout(corpus: Corpus) -> str:
    """Return a few files as a real copy has them."""
    if not corpus.example:
        return ""
    return "As its files lie:\n\n" + fenced("text", "\n".join(corpus.example))


def promises_of(kind: str) -> str:
    """Return the table of the promises of a kind: all that `check` tries, of any name."""
    found = promises.of(kind, names(kind)[0])
    rows = ((f"`{promise.name}`", " ".join(promise.says.split())) for promise in found)
    return table(("promise", "what it says"), rows)
