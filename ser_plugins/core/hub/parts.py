"""Counts what the parts of a fold hold."""

from dataclasses import dataclass

from .. import protocols
from ..protocols import Parts


@dataclass(frozen=True)
class Part:
    """How large a part of the fold is.

    Args:
        clips: recordings.
        speakers: known ones; 0 where the corpus does not say.
        shared: how many of these are in another part too.
    """

    clips: int
    speakers: int
    shared: int


def count(parts: Parts) -> dict[str, Part]:
    """Return how large the parts are; speakers are counted, not named: they may be people."""
    speakers = {part: protocols.speakers(rows) for part, rows in parts.items()}
    others = {
        part: set().union(*(who for other, who in speakers.items() if other != part))
        for part in parts
    }
    return {
        part: Part(len(rows), len(speakers[part]), len(speakers[part] & others[part]))
        for part, rows in parts.items()
    }
