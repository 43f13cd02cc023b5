"""What a system says of one recording."""

from collections.abc import Mapping
from dataclasses import dataclass

UNSURE = "unsure"  # the label below the threshold
SAID = 3  # emotions in one line


@dataclass(frozen=True)
class Prediction:
    """What a system says of one recording.

    Args:
        label: the emotion with the highest score, or `unsure` where that is below the threshold
            and for digital silence; empty where there is an error.
        scores: calibrated probabilities by emotion, in the system's order; they sum to one.
        seconds: duration of the recording.
        source: the path, or `array`.
        start: where it begins in the source, in seconds.
        note: what should be known of the sound: `too quiet` (below -60 dBFS), `clipped` (over 1 %
            of its samples), or nothing.
        error: why there is no prediction; empty where there is one.
    """

    label: str
    scores: Mapping[str, float]
    seconds: float
    source: str = "array"
    start: float = 0.0
    note: str = ""
    error: str = ""

    def __str__(self) -> str:
        """Return it in one line, the likeliest emotions first."""
        best = sorted(self.scores, key=self.scores.__getitem__, reverse=True)[:SAID]
        said = ", ".join(f"{label} {self.scores[label]:.2f}" for label in best)
        note = f", {self.note}" if self.note else ""
        return self.error or f"{self.source}: {said} ({self.seconds:.1f} s{note})"

    @property
    def score(self) -> float:
        """Return the highest score; 0 where there is an error."""
        return max(self.scores.values(), default=0.0)

    @property
    def stop(self) -> float:
        """Return where it ends in the source, in seconds."""
        return self.start + self.seconds
