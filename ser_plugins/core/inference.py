"""From recordings to emotions with a trained system: files, arrays, lists and long recordings."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

from .errors import InputError, OptionError
from .prediction import UNSURE, Prediction
from .read_ahead import read_ahead
from .recordings import Recording, Sound
from .systems import System, open_system
from .windows import HOP, WINDOW, windows

AHEAD = 8  # batches that are read before they are sorted by length
TOGETHER = 48.0  # seconds of a batch at most: long recordings take much memory


@dataclass(frozen=True)
class EmotionClassifier:
    """Recognises emotions with a trained system, in fp32.

    Classes, sample rate, features and normalisation are the system's own.

    Args:
        system: as `open_system` returns it.
        batch_size: recordings that are heard together.
        unsure_below: the score in [0, 1) below which the label is `unsure`; 0 is always sure.

    >>> classifier = EmotionClassifier.from_pretrained("results/…/seed1")  # doctest: +SKIP
    >>> classifier.predict("clip.wav").label  # doctest: +SKIP
    'happy'
    """

    system: System = field(repr=False)
    batch_size: int = 32
    unsure_below: float = 0.0

    def __post_init__(self) -> None:
        if not hasattr(self.system, "probabilities"):
            raise OptionError("load a system with EmotionClassifier.from_pretrained(…)")
        if not 0 <= self.unsure_below < 1:
            raise OptionError(f"unsure_below must be in [0, 1), not {self.unsure_below!r}")
        if self.batch_size < 1:
            raise OptionError(f"batch_size must be 1 or more, not {self.batch_size!r}")
        if self.unsure_below and UNSURE in self.labels:
            raise OptionError(f"this system has a label {UNSURE!r} of its own; leave unsure_below")

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path,
        *,
        device: str = "cpu",
        revision: str | None = None,
        **options: Any,
    ) -> "EmotionClassifier":
        """Load a system by name; nothing that its author wrote is executed.

        Args:
            source: a run folder, its bundle, the `.onnx` file of an exported system, or
                `owner/name` of a model on the Hugging Face Hub, which is downloaded once.
            device: `cpu`, `cuda`, `cuda:1` or `auto`.
            revision: of a model on the Hub: a branch, a tag, or a commit, which never changes.
            options: `batch_size` and `unsure_below`.

        Raises:
            InputError: for what is not there, damaged, foreign or newer than this version.
        """
        return cls(open_system(source, device, revision), **options)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the emotions in the order of the scores."""
        return self.system.labels

    @property
    def sample_rate(self) -> int:
        """Return the rate that the system hears, in Hz; others are resampled to it."""
        return self.system.sample_rate

    @overload
    def predict(self, sound: Sound, sample_rate: int | None = None) -> Prediction: ...

    @overload
    def predict(self, sound: list[Sound], sample_rate: int | None = None) -> list[Prediction]: ...

    def predict(
        self, sound: Sound | list[Sound], sample_rate: int | None = None
    ) -> Prediction | list[Prediction]:
        """Return what the system says of a recording, or of each of a list.

        Args:
            sound: a path of any format that libsndfile reads; an array `[L]` or `[L, channels]`
                (or channels first: the longer axis is time), float with full scale 1 or integer;
                a pair of an array and its rate; or a list of any of them.
            sample_rate: of the arrays that come without, in Hz.

        Returns:
            A `Prediction`; for a list, a list of them in its order, where what cannot be heard
            has an `error` and stops nothing.

        Raises:
            InputError: for a single recording that cannot be heard: what is wrong with it.
        """
        if isinstance(sound, list):
            return list(self.stream(sound, sample_rate))
        (found,) = self.stream([sound], sample_rate)
        if found.error:
            raise InputError(found.error)
        return found

    def stream(
        self, sounds: Iterable[Sound], sample_rate: int | None = None
    ) -> Iterator[Prediction]:
        """Yield a `Prediction` for each of any number of recordings, as `predict` of a list."""
        return self.hear(read_ahead(sounds, sample_rate, self.sample_rate))

    def timeline(
        self, path: str | Path, window: float = WINDOW, hop: float = HOP
    ) -> Iterator[Prediction]:
        """Yield what the system says of each window of a recording of any length.

        Memory does not grow with the recording. The last window ends with the recording: it may
        be shorter than the others, or longer by less than 0.1 s.

        Args:
            path: of the recording.
            window: seconds that are heard at a time, 0.1 to 600.
            hop: seconds from the start of one window to the next, 0.01 to `window`.

        Raises:
            InputError: when something that cannot be heard is met.
        """
        return self.hear(windows(Path(path), self.sample_rate, window, hop))

    def hear(self, recordings: Iterable[Recording]) -> Iterator[Prediction]:
        """Yield a `Prediction` for each recording at the system's rate, in their order."""
        for piece in _pieces(recordings, AHEAD * self.batch_size, AHEAD * TOGETHER):
            scores = self._score([one for one in piece if not one.error])
            for one in piece:
                yield self._answer(one, {} if one.error else next(scores))

    def _score(self, recordings: Sequence[Recording]) -> Iterator[dict[str, float]]:
        """Return the scores of each; those of like length are heard together."""
        order = sorted(range(len(recordings)), key=lambda i: recordings[i].seconds)
        rows: list[Sequence[float]] = []
        for batch in _pieces([recordings[i] for i in order], self.batch_size, TOGETHER):
            rows += self.system.probabilities([one.wav for one in batch]).tolist()
        found = dict(zip(order, rows, strict=True))
        return (dict(zip(self.labels, found[i], strict=True)) for i in range(len(recordings)))

    def choose(self, scores: Mapping[str, float]) -> str:
        """Return the emotion with the highest score, or `unsure`; nothing where there is none."""
        label = max(scores, key=scores.__getitem__, default="")
        return UNSURE if label and scores[label] < self.unsure_below else label

    def _answer(self, one: Recording, scores: Mapping[str, float]) -> Prediction:
        label, error = self.choose(scores), one.error
        if label and not one.wav.any():  # digital silence has no emotion
            label = UNSURE
        if not all(map(math.isfinite, scores.values())):
            label, scores = "", {}
            error = f"{one.source}: the model gives no number for it; are its weights damaged?"
        return Prediction(label, scores, one.seconds, one.source, one.start, one.note, error)


def _pieces(
    recordings: Iterable[Recording], most: int, seconds: float
) -> Iterator[list[Recording]]:
    """Cut a sequence so that a piece has so many recordings, and so many seconds or one."""
    piece: list[Recording] = []
    total = 0.0
    for one in recordings:
        if piece and (len(piece) == most or total + one.seconds > seconds):
            yield piece
            piece, total = [], 0.0
        piece.append(one)
        total += one.seconds
    if piece:
        yield piece
