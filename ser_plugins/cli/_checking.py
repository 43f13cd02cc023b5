"""Tries what plugins promise, and prints what came of it."""

import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ser_plugins.core import about, registry
from ser_plugins.core.errors import OptionError
from ser_plugins.core.faults import reason
from ser_plugins.core.promises import BROKEN, KEPT, UNTRIED, Outcome, attempt, of, subject
from ser_plugins.core.scaffold import ONE
from ser_plugins.core.types import Corpus

from ._columns import hang, say
from ._subjects import Named

INDENT = 11
GIVEN = {"models": (40, 8)}  # features and labels for which a model's parameters are counted
MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
BUILDS = "It can be built."


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
        trial = Trial(kind, name, options)
        if trial.lacks and len(subjects) == 1:
            raise OptionError(f"{name}: {trial.lacks}")
        provider = about.about(kind, name).provider
        say(hang(f"{name}:", f"{ONE[kind]}, from {provider}{trial.size}", 4))
        totals += say_outcomes(trial.outcomes(*(folder, tree) if kind == "datasets" else ()))
        say()
    say(summary(totals))
    return int(totals[BROKEN] > 0)


class Trial:
    """One plugin, built once to see whether it can be, and how large it is.

    Args:
        kind: of plugin.
        name: as it is registered.
        options: of the plugin.

    Attributes:
        built: the plugin, or None where it cannot be built.
        lacks: the options that it cannot be built without; empty where that is not why.

    Raises:
        OptionError: for options that it does not take.
    """

    def __init__(self, kind: str, name: str, options: Mapping[str, Any]):
        self.kind, self.name, self.options = kind, name, options
        self.built: Any = None
        self.lacks, self.fault = "", ""
        factory = registry.default().get(kind, name)
        if not callable(factory) and not isinstance(factory, Corpus):
            self.fault = f"it is {factory!r}; expected a class or a function that builds it"
            return
        try:
            self.built = subject(kind, name, **options)(*GIVEN.get(kind, ()))
        except OptionError as error:
            if error.__cause__ is None:
                raise
            self.lacks = self._missing(error.__cause__)
            self.fault = reason(error)
        except Exception as error:  # noqa: BLE001  a stranger's plugin may raise anything
            self.fault = reason(error)

    def _missing(self, error: BaseException) -> str:
        options = about.about(self.kind, self.name).options
        needed = [p.name for p in options if p.default is p.empty and p.kind not in MANY]
        missing = [name for name in needed if name not in self.options]
        if not missing and not isinstance(error, ValueError):
            return ""
        if missing:
            shown = ", ".join(f"{name}: …" for name in missing)
            return f"it needs {', '.join(missing)}: --options '{{{shown}}}'"
        names = ", ".join(p.name for p in options)
        return f"{error}; --options '{{NAME: VALUE}}' sets one of: {names}"

    @property
    def size(self) -> str:
        """Return how many parameters a model has, to be put after what it is."""
        if self.kind != "models" or not hasattr(self.built, "parameters"):
            return ""
        parameters = sum(p.numel() for p in self.built.parameters())
        return "; {:,} parameters with {} features and {} labels".format(
            parameters, *GIVEN["models"]
        )

    def outcomes(self, folder: Path | None = None, tree: Path | None = None) -> list[Outcome]:
        """Return what comes of every promise; of one that it can be built, where it cannot."""
        if self.lacks:
            return [Outcome("built", BUILDS, UNTRIED, self.lacks)]
        if self.fault:
            return [Outcome("built", BUILDS, BROKEN, self.fault)]
        every = of(self.kind, self.name, folder, tree)
        return [attempt(promise, **self.options) for promise in every]


def say_outcomes(found: Sequence[Outcome]) -> Counter[str]:
    """Print a line a promise, and its hint under it; return how many are kept, broken, untried.

    Neighbours that have the same hint have it once, under the last.
    """
    following = [one.hint for one in found[1:]]
    for one, after in zip_longest(found, following):
        state = one.state.upper() if one.state == BROKEN else one.state
        say(hang(f"  {state}", " ".join(one.says.split()), INDENT))
        if one.hint and one.hint != after:
            say(hang(" " * INDENT + "->", one.hint, INDENT + 3))
    return Counter(one.state for one in found)


def summary(totals: Mapping[str, int]) -> str:
    """Return the last line: how many promises are kept, broken and untried.

    >>> summary(Counter(kept=9, untried=2))
    '9 of 11 promises kept, 2 untried'
    """
    rest = "".join(f", {totals[state]} {state}" for state in (BROKEN, UNTRIED) if totals[state])
    return f"{totals[KEPT]} of {sum(totals.values())} promises kept{rest}"
