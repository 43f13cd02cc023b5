"""The contract as checks that anybody can run, one function for each promise of the hookspecs.

>>> for check in checks("models"):
...     check(subject("models", "cnn_bigru"))
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .. import build
from . import augmentations, copies, datasets, features, layouts, models, partners, pipeline
from .kit import BrokenPromiseError, Check, UntriedError, checks

__all__ = [
    "BROKEN",
    "KEPT",
    "UNTRIED",
    "BrokenPromiseError",
    "Check",
    "Outcome",
    "Promise",
    "UntriedError",
    "checks",
    "of",
    "report",
    "run",
    "subject",
]

MODULES = (augmentations, copies, datasets, features, models, pipeline)
KEPT, BROKEN, UNTRIED = "kept", "broken", "untried"


class Promise(NamedTuple):
    """One promise of one plugin, to be tried by calling it.

    Args:
        name: the name of its check.
        says: the promise in one sentence.
        attempt: tries it; raises when it is broken, `UntriedError` when it does not apply.
    """

    name: str
    says: str
    attempt: Callable[[], None]

    def __call__(self) -> None:
        """Try it; raise when it is broken, `UntriedError` when it does not apply."""
        self.attempt()


class Outcome(NamedTuple):
    """What came of one check.

    Args:
        promise: the name of the check.
        says: the promise in one sentence.
        state: `KEPT`, `BROKEN` or `UNTRIED`.
        hint: why it is broken and what to do, or why it is untried and what is needed.
    """

    promise: str
    says: str
    state: str
    hint: str


def subject(kind: str, name: str, **options: Any) -> Callable[..., Any]:
    """Return what the checks of a kind take: a callable that builds the plugin anew."""
    makers: dict[str, Callable[..., Any]] = {
        "datasets": build.get_dataset,
        "features": build.make_features,
        "models": build.make_model,
        "augmentations": build.make_augmentation,
    }
    return functools.partial(makers[kind], name, **options)


def of(
    kind: str, name: str, folder: Path | None = None, tree: Path | None = None, **options: Any
) -> list[Promise]:
    """Return what a registered name promises; nothing is built before one is tried.

    Args:
        kind: of plugins.
        name: as registered.
        folder: of a corpus, where a copy of it lies; nothing is written there.
        tree: of a corpus, a golden tree: a file of names, and what each is read as.
        options: of the plugin.
    """
    make = subject(kind, name, **options)
    tried = [(check, functools.partial(check, make)) for check in checks(kind)]
    if kind == "datasets":
        tried += [(c, functools.partial(_on_copy, c, make, folder, tree)) for c in checks("copies")]
    if kind in ("features", "models"):
        tried += [(c, functools.partial(_paired, c, kind, make)) for c in checks("pipeline")]
    return [Promise(check.__name__, check.__doc__ or "", attempt) for check, attempt in tried]


def _on_copy(check: Check, make: Check, folder: Path | None, tree: Path | None) -> None:
    with layouts.copy_of(make(), folder, tree) as root:
        check(make, root)


def _paired(check: Check, kind: str, make: Check) -> None:
    """Try a promise of features and a model together, one of them the plainest."""
    with partners.registered():
        if kind == "features":
            check(make, subject("models", partners.MEAN))
        else:
            check(subject("features", partners.FRAMES), make)


def report(
    kind: str, name: str, folder: Path | None = None, tree: Path | None = None, **options: Any
) -> list[Outcome]:
    """Try every promise of a registered name, as `of` gives them, and tell what came of each."""
    return [_try(promise) for promise in of(kind, name, folder, tree, **options)]


def _try(promise: Promise) -> Outcome:
    """Return what comes of a promise; whatever else it raises breaks it."""
    try:
        promise()
    except UntriedError as why:
        return Outcome(promise.name, promise.says, UNTRIED, str(why))
    except Exception as error:  # noqa: BLE001  a stranger's plugin may raise anything
        hint = str(error) if isinstance(error, BrokenPromiseError) else repr(error)
        return Outcome(promise.name, promise.says, BROKEN, hint)
    return Outcome(promise.name, promise.says, KEPT, "")


def run(kind: str, name: str, folder: Path | None = None, **options: Any) -> dict[str, str]:
    """Return the promises of a registered name that are broken, with a hint each."""
    outcomes = report(kind, name, folder, **options)
    return {one.promise: f"{one.says} {one.hint}" for one in outcomes if one.state == BROKEN}
