"""Answers what visitors of the page bring: checks it, hears it, and draws it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import recordings
from ..audio import length_of, opened
from ..errors import CorpusError, InputError, OptionError
from ..inference import EmotionClassifier
from ..recordings import Recording
from ..windows import HOP, WINDOW, check_windows
from ..words import duration
from . import answer as page_answer

MOST_SAMPLES = 600 * 48_000 * 8  # decoded, of all channels: what is small as a file can be large
DRAWING = "<p class='ser-small' role='status'>Drawing …</p>"
Answer = tuple[str, str]


@dataclass(frozen=True)
class Desk:
    """What stands between the page and the classifier.

    Args:
        classifier: that hears.
        longest: seconds of a recording, 1 to 600.
        window: seconds above which a recording gets a timeline, and that it hears at a time.
        hop: seconds from window to window.
    """

    classifier: EmotionClassifier
    longest: float = recordings.LONGEST
    window: float = WINDOW
    hop: float = HOP

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= recordings.LONGEST:
            raise OptionError(
                f"the longest recording must be 1 to {recordings.LONGEST} s, not {self.longest!r}; "
                "longer ones are for ser-predict --timeline"
            )
        check_windows(self.window, self.hop)

    def look(self, sound: str | None) -> Iterator[Answer]:
        """Yield that it listens, then the answer as HTML, then that with its pictures.

        What cannot be heard is said in words; nothing is raised that a visitor could mend.

        Args:
            sound: path of the recording; None where there is none.
        """
        if not sound:
            yield page_answer.EMPTY, ""
            return
        path = Path(sound)
        yield page_answer.LISTENING, ""
        try:
            self.check(path)
            # Decoded once, for the answer and the close view.
            recording = recordings.hear(path, None, self.classifier.sample_rate)
            (found,) = self.classifier.hear([recording])
            if found.error:
                raise CorpusError(found.error)
            said = page_answer.answer(found, path.name)
            yield said, DRAWING
            yield said, self.draw(recording)
        except InputError as error:
            yield page_answer.refusal(str(error).replace(sound, path.name)), ""

    def check(self, path: Path) -> None:
        """Refuse what is gone, or would take too long.

        Raises:
            CorpusError: saying why.
        """
        if not path.exists():
            raise CorpusError("The recording has been deleted since it was brought.")
        with opened(path) as file:
            seconds, samples = length_of(file), file.frames * file.channels
        if seconds > self.longest:
            raise CorpusError(
                f"{path} lasts {duration(seconds)}; at most {duration(self.longest)} are heard "
                "here."
            )
        if samples > MOST_SAMPLES:
            raise CorpusError(f"{path} holds more samples than are heard here: lower its rate.")

    def draw(self, recording: Recording) -> str:
        """Return the pictures of a recording that was heard."""
        from . import drawings  # imports matplotlib

        return drawings.show(self.classifier, recording, self.window, self.hop)
