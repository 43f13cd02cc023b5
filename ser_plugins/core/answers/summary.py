"""What is said at the end of a prediction: how many, of which emotion, what failed, how fast."""

from collections import Counter
from collections.abc import Iterator, Sequence
from time import monotonic

from ..prediction import UNSURE, Prediction
from ..words import duration
from .forms import reason

SHOWN = 20  # failures that are listed


class Summary:
    """Counts predictions as they come.

    Args:
        labels: the emotions, in their order.
        files: how many are to be heard.
        by_window: whether there are several predictions a file.
    """

    def __init__(self, labels: Sequence[str], files: int, by_window: bool):
        self.labels, self.files, self.by_window = labels, files, by_window
        self.counts: Counter[str] = Counter()
        self.failed: list[tuple[str, str]] = []
        self.seconds = 0.0
        self.heard = 0.0  # of the file that is heard by windows
        self.since = monotonic()

    def add(self, answer: Prediction) -> float:
        """Count one; return how many seconds of sound it adds."""
        if answer.error:
            self.failed.append((answer.source, reason(answer)))
            return 0.0
        self.counts[answer.label] += 1
        known = self.heard if self.by_window and answer.start else 0.0
        new, self.heard = answer.stop - known, answer.stop
        self.seconds += new
        return new

    def lines(self) -> Iterator[str]:
        """Yield what is said; nothing where there was nothing to do."""
        if not self.files:
            return
        took = max(monotonic() - self.since, 1e-3)
        yield (
            f"{_many(self.files - len(self.failed), 'file')} heard, {len(self.failed)} failed; "
            f"{duration(self.seconds)} of sound in {duration(took)}, {self.seconds / took:.0f} "
            "times real time"
        )
        if self.counts:
            what = _many(self.counts.total(), "window") + ": " if self.by_window else ""
            order = [label for label in (*self.labels, UNSURE) if self.counts[label]]
            yield what + ", ".join(f"{label} {self.counts[label]}" for label in order)
        if self.failed:
            yield "failed:"
        for path, why in self.failed[:SHOWN]:
            yield f"  {path}: {why}"
        if len(self.failed) > SHOWN:
            yield f"  and {len(self.failed) - SHOWN} more"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
