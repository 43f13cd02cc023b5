"""Hears long recordings window by window, one after another, and draws each at its end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import CorpusError
from .inference import EmotionClassifier, Prediction
from .recordings import Recording
from .windows import HOP, WINDOW, windows


@dataclass(frozen=True)
class Timelines:
    """What is heard over time, in memory that hardly grows with a recording.

    Args:
        classifier: a trained system.
        window: seconds that are heard at a time, 0.1 to 600.
        hop: seconds from window to window, 0.01 to `window`.
        pictures: where to draw each file; nothing is drawn by default.
    """

    classifier: EmotionClassifier
    window: float = WINDOW
    hop: float = HOP
    pictures: Mapping[Path, Path] = field(default_factory=dict)

    def hear(self, paths: Iterable[Path]) -> Iterator[Prediction]:
        """Yield what is heard in each window of each file; after an error the next file.

        An error starts where the last window that was heard stops, or at 0.
        """
        for path in paths:
            failure: list[str] = []
            known = 0.0
            course = self._course() if path in self.pictures else None
            for answer in self.classifier.hear(self._windows(path, course, failure)):
                if course:
                    course.add(answer)
                known = answer.stop
                yield answer
            if failure:
                yield Prediction("", {}, 0.0, str(path), known, error=failure[0])
            elif course:
                self._draw(course, path)

    def _windows(self, path: Path, course: Any, failure: list[str]) -> Iterator[Recording]:
        """Yield the windows of a file; what ends them early is kept as a failure."""
        try:
            for one in windows(path, self.classifier.sample_rate, self.window, self.hop):
                if course:
                    course.envelope.add(one)
                yield one
        except CorpusError as error:
            failure.append(str(error))

    def _course(self) -> Any:
        from .timeline_picture import Course, Envelope  # imports matplotlib

        return Course(self.classifier.labels, Envelope(self.classifier.sample_rate))

    def _draw(self, course: Any, path: Path) -> None:
        from .timeline_picture import draw_timeline

        place = self.pictures[path]
        place.parent.mkdir(parents=True, exist_ok=True)
        title = f"{path.name}: windows of {self.window:g} s every {self.hop:g} s"
        draw_timeline(course, title, place)
