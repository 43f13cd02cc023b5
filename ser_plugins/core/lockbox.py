"""The clips of a fold, those of its test part shut: `reading` alone unlocks them."""

from collections.abc import Collection, Mapping

from .audio import Wav
from .clips import Clips, Entry


class LockedError(RuntimeError):
    """Code that wants to hear a test clip outside `reading.read_test`."""


class Lockbox:
    """Gives clips as `clips[id]`, but for those of the test part.

    Args:
        clips: the decoded recordings.
        shut: ids of the test part.
    """

    def __init__(self, clips: Clips, shut: Collection[str]):
        self._clips, self.shut = clips, frozenset(shut)

    def __getitem__(self, id: str) -> Wav:
        if id in self.shut:
            raise LockedError(f"{id} is in the test part, which reading.read_test alone may hear")
        return self._clips[id]

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Return what is known of each clip, which is not its sound."""
        return self._clips.entries

    @property
    def key(self) -> str:
        """Return what tells these decoded recordings from all others."""
        return self._clips.folder.name

    def unlock(self) -> Clips:
        """Return every clip; for `reading`, once the reading is on record."""
        return self._clips
