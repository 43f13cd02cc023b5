"""Answers what visitors of the page bring: checks it, hears it, and draws it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import soundfile

from .. import recordings
from ..errors import CorpusError, InputError, OptionError
from ..inference import EmotionClassifier, Prediction
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
    window: float = 3.0
    hop: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= recordings.LONGEST:
            raise OptionError(
                f"the longest recording must be 1 to {recordings.LONGEST} s, not {self.longest!r}; "
                "longer ones are for ser-predict --timeline"
            )
        if self.window < recordings.SHORTEST or not 0.1 <= self.hop <= self.window:
            raise OptionError(
                f"the window must be {recordings.SHORTEST} s or more and the hop 0.1 s to the "
                f"window, not {self.window!r} and {self.hop!r}"
            )

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
            found = self.classifier.predict(path)
            said = page_answer.answer(found, path.name)
            yield said, DRAWING
            yield said, self.draw(path, found)
        except InputError as error:
            yield page_answer.refusal(str(error).replace(sound, path.name)), ""

    def check(self, path: Path) -> None:
        """Refuse what is gone, or would take too long.

        Raises:
            CorpusError: saying why.
        """
        if not path.exists():
            raise CorpusError("The recording has been deleted since it was brought.")
        try:
            info = soundfile.info(path)
        except (OSError, soundfile.LibsndfileError):
            return  # who reads it says what is wrong with it
        if info.duration > self.longest:
            raise CorpusError(
                f"{path} lasts {page_answer.duration(info.duration)}; at most "
                f"{page_answer.duration(self.longest)} are heard here."
            )
        if info.frames * info.channels > MOST_SAMPLES:
            raise CorpusError(f"{path} holds more samples than are heard here: lower its rate.")

    def draw(self, path: Path, found: Prediction) -> str:
        """Return the pictures of a recording that was heard."""
        from . import drawings as page_pictures  # imports matplotlib

        wav = recordings.hear(path, None, self.classifier.sample_rate).wav
        is_long = found.seconds > self.window
        windows = list(self.classifier.timeline(path, self.window, self.hop)) if is_long else []
        return page_pictures.show(self.classifier.system, wav, windows, path.name)
