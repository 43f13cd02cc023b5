"""What kinds of values keys of an experiment take, each with the words that say so."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NamedTuple

REQUIRED = object()


class Key(NamedTuple):
    """One key.

    Args:
        about: what it sets, for `--help`.
        expected: the legal values in words, for errors.
        accepts: tells whether a value is legal.
        is_text: whether a command line gives it as it stands, unparsed.
        default: what it is where a YAML does not have it; most keys must be there.
    """

    about: str
    expected: str
    accepts: Callable[[Any], bool]
    is_text: bool = False
    default: Any = REQUIRED


def text(about: str) -> Key:
    """Take text that is not empty."""
    return Key(about, "text", lambda v: isinstance(v, str) and v != "", is_text=True)


def whole(about: str, least: int, most: int = 2**32 - 1, default: Any = REQUIRED) -> Key:
    """Take a whole number of a range."""
    return Key(
        about,
        f"a whole number from {least}" + (f" to {most}" if most < 2**32 - 1 else ""),
        lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= most,
        default=default,
    )


def number(
    about: str, expected: str, accepts: Callable[[float], bool], default: Any = REQUIRED
) -> Key:
    """Take a finite number of which `accepts` is true."""
    return Key(
        about, f"a number {expected}", lambda v: _is_number(v) and accepts(v), False, default
    )


def choice(about: str, *names: str, default: Any = REQUIRED) -> Key:
    """Take one of some names."""
    expected = " or ".join((", ".join(names[:-1]), names[-1]))
    return Key(about, expected, lambda v: v in names, is_text=True, default=default)


def flag(about: str, default: Any = REQUIRED) -> Key:
    """Take True or False."""
    return Key(about, "True or False", lambda v: isinstance(v, bool), default=default)


def mapping(about: str) -> Key:
    """Take a mapping."""
    return Key(about, "a mapping", lambda v: isinstance(v, Mapping))


def words(about: str) -> Key:
    """Take a list of words, or an empty one."""
    return Key(
        about,
        "a list of words",
        lambda v: isinstance(v, list) and all(isinstance(w, str) and w for w in v),
    )


def optional(key: Key, default: Any = REQUIRED) -> Key:
    """Take null too."""
    return key._replace(
        expected=f"{key.expected}, or null",
        accepts=lambda v: v is None or key.accepts(v),
        default=default,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
