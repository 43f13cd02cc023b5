"""Tests for packages of plugins: every promise of a plugin as a case of its own, for pytest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .core import promises, registry

__all__ = ["promises_of"]


def promises_of(
    kind: str,
    *names: str,
    options: Mapping[str, Any] | None = None,
    tree: Path | None = None,
    folder: Path | None = None,
) -> pytest.MarkDecorator:
    """Parametrise a test that calls its argument `promise`: a case for each promise of a plugin.

    A promise that is broken fails with a hint; one that does not apply is skipped, saying why.
    Options that only a fixture knows are given to the call: `promise(**options)`.

    Args:
        kind: `datasets`, `features`, `models` or `augmentations`.
        names: as registered; without any, every registered name of the kind.
        options: of the plugin.
        tree: of a corpus, a golden tree: a text of file names, and what each is read as; or a
            folder of such texts, named as the corpora.
        folder: of a corpus, where a copy of it lies; nothing is written there.

    Raises:
        InputError: for a name that nobody registered, or a tree or folder that is none.

    >>> @promises_of("models", "cnn_bigru", options={"hidden": 8})
    ... def test_model(promise):
    ...     promise()
    """
    every = [
        (name, promise)
        for name in names or registry.default().names(kind)
        for promise in promises.of(kind, name, options, folder=folder, tree=_tree_of(name, tree))
    ]
    cases = [pytest.param(promise, id=f"{name}-{promise.name}") for name, promise in every]
    return pytest.mark.parametrize("promise", cases)


def _tree_of(name: str, tree: Path | None) -> Path | None:
    """Return the tree of a corpus: the text, or its own in a folder, where it has one there."""
    if tree is None or not tree.is_dir():
        return tree
    own = tree / f"{name}.txt"
    return own if own.is_file() else None
