"""Hears long recordings window by window, one after another, and draws each at its end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .courses import Course, Envelope
from .errors import CorpusError, OptionError
from .inference import EmotionClassifier
from .prediction import Prediction
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

    def _windows(
        self, path: Path, course: Course | None, failure: list[str]
    ) -> Iterator[Recording]:
        """Yield the windows of a file; what ends them early is kept as a failure."""
        try:
            for one in windows(path, self.classifier.sample_rate, self.window, self.hop):
                if course:
                    course.envelope.add(one)
                yield one
        except CorpusError as error:
            failure.append(str(error))

    def _course(self) -> Course:
        return Course(self.classifier.labels, Envelope(self.classifier.sample_rate))

    def _draw(self, course: Course, path: Path) -> None:
        from .timeline_picture import draw_timeline  # imports matplotlib

        place = self.pictures[path]
        place.parent.mkdir(parents=True, exist_ok=True)
        title = f"{path.name}: windows of {self.window:g} s every {self.hop:g} s"
        draw_timeline(course, title, place)


def name_pictures(paths: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """Return where the picture of each file goes: after its name or, where others have it, path.

    Raises:
        OptionError: if two would still have one name.
    """
    stems = Counter(path.stem.lower() for path in paths)
    places = {}
    for path in paths:
        own = path.stem if stems[path.stem.lower()] == 1 else "_".join(path.absolute().parts[1:])
        places[path] = folder / f"{own}.png"
    if len({str(place).lower() for place in places.values()}) < len(paths):
        raise OptionError("the pictures of two files would have one name; draw them one by one")
    return places
