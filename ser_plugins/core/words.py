"""Figures and lists as people say them, and the word that they may have meant."""

import difflib
from collections.abc import Iterable, Sequence


def nearest(word: str, known: Iterable[str], rest: str = "") -> str:
    """Ask for the known word that is most like one that is not known; nothing if none is.

    Args:
        word: as it was written.
        known: what it may be.
        rest: of what was written, to be put behind the known word.

    >>> nearest("modle", ["model", "features"]), nearest("sound", ["model"])
    ("; did you mean 'model'?", '')
    """
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0] + rest!r}?" if near else ""


def percent(part: float, digits: int = 0) -> str:
    """Return a part of one in per cent.

    >>> percent(0.066), percent(0.5719, 1)
    ('7 %', '57.2 %')
    """
    return f"{100 * part:.{digits}f} %"


def percent_in_words(part: float) -> str:
    """Return a part of one in per cent, which is 0 or 100 only where it is just that.

    >>> percent_in_words(0.624), percent_in_words(0.004), percent_in_words(0.997)
    ('62 %', 'under 1 %', 'over 99 %')
    """
    if 0 < part < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < part < 1 else percent(part)


def duration(seconds: float) -> str:
    """Return a duration.

    >>> duration(2.44), duration(95), duration(600), duration(3725)
    ('2.4 s', '1 min 35 s', '10 min', '1 h 2 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def shorten(items: Sequence[str], most: int = 5) -> str:
    """Join the first few items and count the others.

    >>> shorten(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
