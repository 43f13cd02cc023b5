"""Makes the folds that plugins declare."""

from collections.abc import Sequence

from .types import Fold, Protocol

WHAT = ("audio", "group", "speaker", "text")  # may be on two sides, where a protocol says so


def next_validates(blocks: Sequence[Sequence[str]], column: str = "speaker") -> tuple[Fold, ...]:
    """Return folds that test each block of values once; the next one validates.

    >>> next_validates([["JE"], ["KL"], ["DC"]])[2]
    Fold(test={'speaker': ['DC']}, valid={'speaker': ['JE']}, train=None)
    """
    following = [*blocks[1:], *blocks[:1]]
    return tuple(
        Fold({column: list(test)}, {column: list(valid)})
        for test, valid in zip(blocks, following, strict=True)
    )


def random_folds(test: int = 20, valid: int = 10) -> tuple[Fold, ...]:
    """Return folds over clips, stratified by label; the test parts are disjoint.

    Args:
        test: per cent of the clips of each label that a fold tests.
        valid: per cent that validates; what is left is trained on.
    """
    starts = range(0, 101 - test, test)
    return tuple(
        Fold(*({"percent": part} for part in _parts(start, test, valid))) for start in starts
    )


def _parts(start: int, test: int, valid: int) -> tuple[list[str], list[str], list[str]]:
    order = [str((start + i) % 100) for i in range(100)]
    return order[:test], order[test : test + valid], order[test + valid :]


def random_protocol(
    name: str, labels: Sequence[str], note: str = "", folds: tuple[Fold, ...] = random_folds()
) -> Protocol:
    """Return a protocol that shares every voice between its sides, as many published figures do.

    Args:
        name: begins with `leaky-`.
        labels: class names in the order of their ids.
        note: what a reader should know besides.
        folds: by default five, 70 % train, 10 % valid and 20 % test.
    """
    about = "train and test share every voice: only for comparison with published random splits"
    shares = tuple(f"{what}:{side}" for what in WHAT for side in ("test", "valid"))
    text = f"{about}; {note}" if note else about
    return Protocol(name, folds, tuple(labels), shares=shares, note=text)
