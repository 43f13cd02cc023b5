"""Splits a command line into YAML files, overrides, and flags that take several words."""

from collections import deque
from collections.abc import Container, Sequence
from pathlib import Path

from .errors import OptionError
from .experiments import locate

Override = tuple[str, str]


def split_arguments(
    arguments: Sequence[str], lists: Container[str] = ()
) -> tuple[list[Path], list[Override], dict[str, list[str]]]:
    """Split a command line into YAML files, overrides, and the flags that take several words.

    A YAML file is a path, or `package:file.yaml` for one that an installed package brings.

    Args:
        arguments: the command line.
        lists: names of flags that are no keys; each takes every word up to the next flag.

    >>> split_arguments(["a.yaml", "--seeds", "1", "2", "--lr", "0.1"], {"seeds"})[1:]
    ([('lr', '0.1')], {'seeds': ['1', '2']})
    """
    files: list[Path] = []
    overrides: list[Override] = []
    found: dict[str, list[str]] = {}
    rest = deque(arguments)
    while rest:
        argument = rest.popleft()
        if not argument.startswith("--"):
            files.append(locate(argument))
            continue
        key, equals, value = argument[2:].partition("=")
        words = [value] if equals else []
        while not equals and rest and not rest[0].startswith("--") and (key in lists or not words):
            words.append(rest.popleft())
        if not words:
            raise OptionError(f"--{key} needs a value, such as --{key} True")
        if key in lists:
            found[key] = [*found.get(key, []), *words]
        else:
            overrides.append((key, words[0]))
    return files, overrides, found
