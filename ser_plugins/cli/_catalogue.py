"""Prints what is registered, as a table or one by one."""

import inspect
from collections.abc import Sequence
from itertools import groupby

from ser_plugins.core import about, experiments, registry
from ser_plugins.core.about import About
from ser_plugins.core.types import Corpus

from ._columns import fit, hang, say, unbroken, width


def say_list(kinds: Sequence[str], parameters: bool) -> None:
    """Print a line a plugin, by kind and package; the registry warns of what did not load."""
    plugins = registry.default()
    every = [about.about(kind, name) for kind in kinds for name in plugins.names(kind)]
    indent = 4 + max((len(each.name) for each in every), default=0)
    for kind in kinds:
        of_kind = sorted((one for one in every if one.kind == kind), key=_place)
        for provider, some in groupby(of_kind, key=lambda one: one.provider):
            say(_ends(f"{kind}, {about.FLAGS[kind].format('NAME')}", provider))
            for one in some:
                say(hang(f"  {one.name}", one.summary or "(no docstring)", indent))
                if parameters and one.options:
                    say(hang("", unbroken(map(short, one.options)), indent))
            say()
    say_experiments()
    say("`show NAME` prints all that is known of one.")


def _place(one: About) -> tuple[bool, str, str]:
    """Return what plugins are sorted by: our own first, then by package and name."""
    return not one.provider.startswith("ser_plugins "), one.provider, one.name


def _ends(left: str, right: str) -> str:
    return left + right.rjust(max(len(right) + 2, width() - len(left)))


def short(parameter: inspect.Parameter) -> str:
    """Return a parameter and its default, without its type.

    >>> short(inspect.Parameter("n", inspect.Parameter.KEYWORD_ONLY, default=3, annotation=int))
    'n=3'
    """
    return str(parameter.replace(annotation=inspect.Parameter.empty)).replace(" = ", "=")


def say_experiments() -> None:
    """Print the YAMLs that installed packages bring."""
    if found := list(experiments.installed()):
        say("experiments, python recipes/train.py NAME:")
        for name in found:
            say(f"  {name}")
        say()


def say_about(one: About) -> None:
    """Print all that is known of a name without trying it."""
    say(_ends(f"{one.name}, of the {one.kind}", one.provider))
    if one.file:
        say(str(one.file))
    for text in one.texts:
        say(f"\n{fit(text)}")
    if one.parameters:
        say("\nParameters:")
        for parameter in one.parameters:
            say(hang("  ", str(parameter), 4))


def say_corpus(name: str, corpus: Corpus) -> None:
    """Print the facts of a corpus, and a few files as they lie."""
    say("\nFacts:")
    for head, text in about.facts(name, corpus).items():
        if text:
            say(hang(f"  {head}", text, 14))
    for file in corpus.example:
        say(hang("  files" if file == corpus.example[0] else "", file, 14))
