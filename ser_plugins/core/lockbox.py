"""The clips of a fold, those of its test part shut: `reading` alone opens them."""

from collections.abc import Collection
from dataclasses import dataclass

from .audio import Wav
from .cache import Clips


class LockedError(RuntimeError):
    """Code that wants to hear a test clip outside `reading.read_test`."""


@dataclass(frozen=True)
class Lockbox:
    """Gives clips as `clips[id]`, but for those of the test part.

    Args:
        clips: the decoded recordings.
        shut: ids of the test part.
    """

    clips: Clips
    shut: Collection[str]

    def __getitem__(self, id: str) -> Wav:
        if id in self.shut:
            raise LockedError(f"{id} is in the test part, which reading.read_test alone may hear")
        return self.clips[id]
