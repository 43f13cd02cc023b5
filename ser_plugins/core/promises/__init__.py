"""The contract as checks that anybody can run, one function for each promise of the hookspecs.

>>> [one.promise for one in report("models", "cnn_bigru") if one.state == BROKEN]
[]
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .. import exits
from ..faults import reason
from . import building
from .attempts import Make, attempts_of, checks, subject
from .kit import BrokenPromiseError, Check, UntriedError, unlogged

__all__ = [
    "BROKEN",
    "KEPT",
    "UNTRIED",
    "BrokenPromiseError",
    "Check",
    "Outcome",
    "Promise",
    "UntriedError",
    "attempt",
    "checks",
    "of",
    "report",
    "subject",
    "tried",
]

# What all that follows of the same plugin rests on: one cause is told once.
BASIC = ("files_are_read_by_name", "eval_is_deterministic", "the_domain_is_known")
KEPT, BROKEN, UNTRIED = "kept", "broken", "untried"


class Promise(NamedTuple):
    """One promise of one plugin, to be tried by calling it.

    Args:
        name: the name of its check.
        says: the promise in one sentence.
        subject: takes options of the plugin, and returns what the attempt takes.
        attempt: tries the promise on a callable that builds the plugin.
    """

    name: str
    says: str
    subject: Callable[..., Make]
    attempt: Callable[[Make], None]

    def __call__(self, **options: Any) -> None:
        """Try it, with further options where these are only known now; nothing is logged.

        Raises:
            BrokenPromiseError: with a hint; what the plugin itself raises comes through.
            UntriedError: where it does not apply, or something is needed.
        """
        with unlogged():
            self.attempt(self.subject(**options))


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


def of(
    kind: str,
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    folder: Path | None = None,
    tree: Path | None = None,
) -> list[Promise]:
    """Return what a registered name promises; nothing is built before one is tried.

    Args:
        kind: of plugins.
        name: as registered.
        options: of the plugin.
        folder: of a corpus, where a copy of it lies; nothing is written there.
        tree: of a corpus, a golden tree: a file of names, and what each is read as.

    Raises:
        InputError: for a name that nobody registered, options that it does not take, a folder that
            is none, a tree of no names, or either for what is no corpus.
    """
    options = options or {}
    building.refuse_strange(kind, name, options)
    make = functools.partial(subject, kind, name, **options)
    found = attempts_of(kind, name, folder, tree)
    return [Promise(check.__name__, check.__doc__ or "", make, to) for check, to in found]


def report(
    kind: str,
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    folder: Path | None = None,
    tree: Path | None = None,
) -> list[Outcome]:
    """Try every promise of a registered name, as `of` gives them, and tell what came of each.

    What cannot be built is told by the first, and the others are left.
    """
    return list(tried(of(kind, name, options, folder=folder, tree=tree)))


def tried(promises: Iterable[Promise]) -> Iterator[Outcome]:
    """Try promises one by one; where a basic one is broken, what rests on it is left untried.

    What cannot be built is told by that alone.
    """
    needed = ""
    for promise in promises:
        if needed:
            yield Outcome(promise.name, promise.says, UNTRIED, f"needs {needed} to be kept first")
            continue
        yield (outcome := attempt(promise))
        if promise.name == building.it_can_be_built.__name__ and outcome.state != KEPT:
            return
        if promise.name in BASIC and outcome.state == BROKEN:
            needed = promise.name


def attempt(promise: Promise) -> Outcome:
    """Return what comes of a promise; whatever else it raises breaks it."""
    try:
        with exits.refused():
            promise()
    except UntriedError as why:
        return Outcome(promise.name, promise.says, UNTRIED, str(why))
    except Exception as error:  # noqa: BLE001  a stranger's plugin may raise anything
        hint = str(error) if isinstance(error, BrokenPromiseError) else reason(error)
        return Outcome(promise.name, promise.says, BROKEN, hint)
    return Outcome(promise.name, promise.says, KEPT, "")
