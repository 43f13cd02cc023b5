"""The contract as checks that anybody can run, one function for each promise of the hookspecs.

>>> for check in checks("models"):
...     check(subject("models", "cnn_bigru"))
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import build
from . import augmentations, datasets, features, models, pipeline
from .kit import BrokenPromiseError, Check, checks

__all__ = ["BrokenPromiseError", "Check", "Outcome", "checks", "report", "run", "subject"]

MODULES = (augmentations, datasets, features, models, pipeline)
KEPT, BROKEN = "kept", "broken"


class Outcome(NamedTuple):
    """What came of one check.

    Args:
        promise: the name of the check.
        says: the promise in one sentence.
        state: `KEPT` or `BROKEN`.
        hint: why it is broken, and what to do; empty where it is kept.
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


def report(kind: str, name: str, **options: Any) -> list[Outcome]:
    """Run every check of a kind on a registered name, and tell what came of each."""
    make = subject(kind, name, **options)
    return [_try(check, make) for check in checks(kind)]


def _try(check: Check, *subjects: Any) -> Outcome:
    """Return what comes of a check; whatever it raises breaks the promise."""
    try:
        check(*subjects)
    except Exception as error:  # noqa: BLE001  a stranger's plugin may raise anything
        hint = str(error) if isinstance(error, BrokenPromiseError) else repr(error)
        return Outcome(check.__name__, check.__doc__ or "", BROKEN, hint)
    return Outcome(check.__name__, check.__doc__ or "", KEPT, "")


def run(kind: str, name: str, **options: Any) -> dict[str, str]:
    """Return the promises of a registered name that are broken, with a hint each."""
    outcomes = report(kind, name, **options)
    return {one.promise: f"{one.says} {one.hint}" for one in outcomes if one.state == BROKEN}
