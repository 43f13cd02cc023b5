"""Tries what plugins promise, and prints what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ser_plugins.core import about
from ser_plugins.core.errors import OptionError
from ser_plugins.core.promises import BROKEN, KEPT, UNTRIED, Outcome, of, subject, tried
from ser_plugins.core.promises.building import GIVEN, built
from ser_plugins.core.registry import ONE

from ._columns import hang, say
from ._subjects import Named

INDENT = 11


def try_all(
    subjects: Sequence[Named], options: Mapping[str, Any], folder: Path | None, tree: Path | None
) -> int:
    """Print what comes of every promise of some plugins; return 1 if any is broken.

    Raises:
        OptionError: for flags that do not fit the plugins, or options that one cannot do without.
    """
    if options and len(subjects) > 1:
        names = ", ".join(name for _, name in subjects)
        raise OptionError(f"--options are those of one plugin; check one of {names}")
    if (folder or tree) and not any(kind == "datasets" for kind, _ in subjects):
        raise OptionError("--data_folder and --tree are of a corpus; no corpus is checked here")
    totals: Counter[str] = Counter()
    for kind, name in subjects:
        where = {"folder": folder, "tree": tree} if kind == "datasets" else {}
        trial = Trial(kind, name, options, **where)
        if trial.lacks and len(subjects) == 1:
            raise OptionError(f"{name}: {trial.lacks}")
        provider = about.about(kind, name).provider
        say(hang(f"{name}:", f"{ONE[kind]}, from {provider}{trial.size}", 4))
        totals += say_outcomes(trial.outcomes())
        say()
    say(summary(totals))
    return int(totals[BROKEN] > 0)


class Trial:
    """One plugin, built once to see whether it can be, and how large it is.

    Args:
        kind: of plugin.
        name: as it is registered.
        options: of the plugin.
        where: `folder` and `tree`, of a corpus.

    Attributes:
        built: the plugin, or None where it cannot be built.
        lacks: why it cannot be built with these options alone; empty where that is not why.

    Raises:
        OptionError: for options that it does not take.
    """

    def __init__(self, kind: str, name: str, options: Mapping[str, Any], **where: Path | None):
        self.kind = kind
        self._rest = tried(of(kind, name, options, **where))
        self._first = next(self._rest)
        self.lacks = self._first.hint if self._first.state == UNTRIED else ""
        is_built = self._first.state == KEPT
        self.built: Any = built(kind, subject(kind, name, **options)) if is_built else None

    @property
    def size(self) -> str:
        """Return how many parameters a model has, to be put after what it is."""
        if self.kind != "models" or not hasattr(self.built, "parameters"):
            return ""
        parameters = sum(p.numel() for p in self.built.parameters())
        return "; {:,} parameters with {} features and {} labels".format(
            parameters, *GIVEN["models"]
        )

    def outcomes(self) -> list[Outcome]:
        """Return what comes of every promise."""
        return [self._first, *self._rest]


def say_outcomes(found: Sequence[Outcome]) -> Counter[str]:
    """Print a line a promise, and its hint under it; return how many are kept, broken, untried.

    What is broken has its name before it. Neighbours that have the same hint have it once, under
    the last, which says how many they are.
    """
    for hint, group in groupby(found, key=lambda one: one.hint):
        same = list(group)
        for one in same:
            broken = one.state == BROKEN
            named = f"{one.promise}: {one.says}" if broken else one.says
            state = one.state.upper() if broken else one.state
            say(hang(f"  {state}", " ".join(named.split()), INDENT))
        if hint:
            these = f"all {len(same)}: " if len(same) > 1 else ""
            say(hang(" " * INDENT + "->", f"{these}{hint}", INDENT + 3))
    return Counter(one.state for one in found)


def summary(totals: Mapping[str, int]) -> str:
    """Return the last line: how many promises are kept, broken and untried.

    >>> summary(Counter(kept=9, untried=2))
    '9 of 11 promises kept, 2 untried'
    """
    rest = "".join(f", {totals[state]} {state}" for state in (BROKEN, UNTRIED) if totals[state])
    return f"{totals[KEPT]} of {sum(totals.values())} promises kept{rest}"
