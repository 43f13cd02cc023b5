"""How long an epoch has taken, over all starts of its run."""

import time
from pathlib import Path

from speechbrain.utils.checkpoints import (
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)


@register_checkpoint_hooks
class Clock:
    """Counts the seconds of an epoch, as a recoverable; those lost with a kill do not count."""

    def __init__(self) -> None:
        self.before, self.began = 0.0, time.perf_counter()

    def start(self) -> None:
        """Begin an epoch, or go on with the one that was loaded."""
        self.began = time.perf_counter() - self.before
        self.before = 0.0

    @property
    def seconds(self) -> float:
        """Return the seconds of the epoch so far."""
        return time.perf_counter() - self.began

    @mark_as_saver
    def save(self, path: Path) -> None:
        """Write the seconds."""
        path.write_text(str(self.seconds), encoding="utf-8")

    @mark_as_loader
    def load(self, path: Path, end_of_epoch: bool) -> None:
        """Read the seconds of an epoch that is not at its end."""
        self.before = 0.0 if end_of_epoch else float(path.read_text(encoding="utf-8"))
