"""Sections of the plugins: card, options and defaults, sizes, and the promises of each kind."""

import inspect
import sys

from ser_plugins import Corpus, get_dataset, make_model
from ser_plugins.core import promises, registry

from .markdown import facts, fenced, joined, table

N_FEATURES, N_CLASSES = 64, 8  # with which the parameters of a network are counted
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
    model = make_model(name, N_FEATURES, N_CLASSES)
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"**{count:,} parameters** with {N_FEATURES} features and {N_CLASSES} labels."


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
    found = {
        "clips": corpus.size and f"{corpus.size:,}",
        "speakers": corpus.speakers,
        "emotions": ", ".join(corpus.labels or ()),
        "languages": ", ".join(corpus.languages),
        "licence": corpus.licence,
        "from": corpus.url and f"<{corpus.url}>",
        "obtain": obtaining(name, corpus),
        "protocols": ", ".join(f"[{p.name}](#protocol-{p.name})" for p in corpus.protocols),
    }
    return section("datasets", name, facts(found), layout(corpus), options("datasets", name))


def obtaining(name: str, corpus: Corpus) -> str:
    """Say how a person gets a corpus."""
    if corpus.embedded:
        return "rendered when it is first used"
    if corpus.obtain:
        return f"`python tools/download.py {name} FOLDER`"
    return " ".join(corpus.request.split())


def layout(corpus: Corpus) -> str:
    """Return a few files as a real copy has them."""
    files = getattr(corpus, "example", ())
    return "As its files lie:\n\n" + fenced("text", "\n".join(files)) if files else ""


def promises_of(kind: str) -> str:
    """Return the table of the promises of a kind."""
    rows = ((f"`{check.__name__}`", check.__doc__) for check in promises.checks(kind))
    return table(("promise", "what it says"), rows)
