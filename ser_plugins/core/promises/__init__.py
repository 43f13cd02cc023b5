"""The contract as checks that anybody can run, one function for each promise of the hookspecs.

>>> for check in checks("models"):
...     check(subject("models", "cnn_bigru"))
"""

import functools
from collections.abc import Callable
from typing import Any

from .. import build
from . import augmentations, datasets, features, models, pipeline
from .kit import BrokenPromiseError, Check, checks

__all__ = ["BrokenPromiseError", "Check", "checks", "run", "subject"]

MODULES = (augmentations, datasets, features, models, pipeline)


def subject(kind: str, name: str, **options: Any) -> Callable[..., Any]:
    """Return what the checks of a kind take: a callable that builds the plugin anew."""
    makers: dict[str, Callable[..., Any]] = {
        "datasets": build.get_dataset,
        "features": build.make_features,
        "models": build.make_model,
        "augmentations": build.make_augmentation,
    }
    return functools.partial(makers[kind], name, **options)


def run(kind: str, name: str, **options: Any) -> dict[str, str]:
    """Run every check of a kind; return the promises that are broken, with a hint each."""
    make, broken = subject(kind, name, **options), {}
    for check in checks(kind):
        try:
            check(make)
        except Exception as error:  # noqa: BLE001  a stranger's plugin may raise anything
            hint = error if isinstance(error, BrokenPromiseError) else repr(error)
            broken[check.__name__] = f"{check.__doc__} {hint}"
    return broken
