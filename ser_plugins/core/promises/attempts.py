"""Collects the checks of a kind, and says on what each is tried: a plugin, a copy, a partner."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import build
from ..errors import InputError
from . import (
    augmentations,
    building,
    datasets,
    features,
    golden_trees,
    layouts,
    models,
    on_copies,
    on_recordings,
    partners,
    pipeline,
)
from .kit import Check, collect

Make = Callable[..., Any]
Attempt = tuple[Check, Callable[[Make], None]]
MODULES = (
    building,
    datasets,
    golden_trees,
    on_copies,
    on_recordings,
    features,
    models,
    augmentations,
    pipeline,
)


def checks(kind: str) -> list[Check]:
    """Return the checks of a kind, in the order in which they are written.

    Args:
        kind: of plugins; or `building`, which all share, `copies` and `trees`, which corpora are
            tried on, or `pipeline`, in which features and models meet.
    """
    return collect(MODULES, kind)


def subject(kind: str, name: str, **options: Any) -> Make:
    """Return what the checks of a kind take: a callable that builds the plugin anew."""
    makers: dict[str, Make] = {
        "datasets": build.get_dataset,
        "features": build.make_features,
        "models": build.make_model,
        "augmentations": build.make_augmentation,
    }
    return functools.partial(makers[kind], name, **options)


def attempts_of(kind: str, name: str, folder: Path | None, tree: Path | None) -> list[Attempt]:
    """Return the checks that a registered name is tried by, each with how it is tried.

    Raises:
        InputError: for a folder that is none, a tree of no names, or either for what is no corpus.
    """
    first = building.it_can_be_built
    found: list[Attempt] = [(first, functools.partial(first, kind=kind))]
    found += [(check, check) for check in checks(kind)]
    if kind == "datasets":
        found += _on_files(folder, tree)
    elif folder or tree:
        raise InputError(f"a folder or tree is of a corpus; {name} is one of the {kind}")
    if kind in ("features", "models"):
        found += [(c, functools.partial(_paired, c, kind)) for c in checks("pipeline")]
    return found


def _on_files(folder: Path | None, tree: Path | None) -> list[Attempt]:
    """Return the attempts on files, which are looked at first for what nobody can read."""
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the one that the corpus lies in")
    if tree is not None:
        golden_trees.read(tree)
    where = (folder, tree)
    return [
        *((check, functools.partial(_on_copy, check, where)) for check in checks("copies")),
        *((check, functools.partial(check, tree=tree)) for check in checks("trees")),
    ]


def _on_copy(check: Check, where: tuple[Path | None, Path | None], make: Make) -> None:
    with layouts.copy_of(make(), *where) as root:
        check(make, root)


def _paired(check: Check, kind: str, make: Make) -> None:
    """Try a promise of features and a model together, one of them the plainest."""
    with partners.registered():
        if kind == "features":
            check(make, subject("models", partners.MEAN))
        else:
            check(subject("features", partners.FRAMES), make)
