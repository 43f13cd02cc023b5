"""Tells speech from what is not, frame by frame, and cuts it into stretches between pauses."""

import importlib.util
import logging
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from ..audio import Wav
from ..errors import OptionError
from ..extras import how
from ..recordings import QUIET, level

log = logging.getLogger(__name__)

RATE, FRAME = 16_000, 512  # Hz and samples: what silero-vad hears
SECOND = RATE / FRAME  # frames
PREROLL = 0.3  # seconds that are kept before speech was noticed, and at most after it
LEAST = 0.2  # seconds of speech in a stretch; less is a click
CERTAIN, POSSIBLE = 0.5, 0.35  # silero's probabilities at which speech begins and ends
RISE, FALL = 12.0, 8.0  # dB above the noise floor at which speech begins and ends
MEMORY, FLOOR = 5.0, 10  # the floor is the tenth percentile of the levels of so many seconds
ABSENT = (
    "silero-vad is not installed, so speech is told by its energy alone, which noise deceives: "
    f"{how('microphone')}"
)


class Detector(Protocol):
    """What hears speech in one frame after the other."""

    def __call__(self, frame: Wav) -> bool:
        """Return whether there is speech in 512 samples at 16 kHz."""


class Energy:
    """Hears speech where it is louder than the noise of the last seconds.

    It begins 12 dB above the noise floor and ends 8 dB above it; the floor is the tenth
    percentile of the levels of the last 5 s. What is below -60 dBFS is no speech. A hum or a
    constant offset of the microphone is below the voices that are heard.
    """

    def __init__(self) -> None:
        self.levels: deque[float] = deque(maxlen=round(MEMORY * SECOND))
        self.going_on = False
        self.last = np.float32(0)

    def __call__(self, frame: Wav) -> bool:
        """Return whether a frame is loud; hum is halved with each octave below the voice."""
        change = np.diff(frame, prepend=self.last)
        self.last = frame[-1]
        now = max(level(change), 2 * QUIET)
        self.levels.append(now)
        floor = float(np.percentile(self.levels, FLOOR))
        above = FALL if self.going_on else RISE
        self.going_on = now > floor + above and level(frame) > QUIET
        return self.going_on


class Silero:
    """Hears speech with the network of silero-vad 6 (MIT), run by onnxruntime without torch.

    It begins at a probability of 0.5 and ends below 0.35.

    Raises:
        OptionError: where silero-vad or onnxruntime is not installed.
    """

    def __init__(self) -> None:
        found = importlib.util.find_spec("silero_vad")  # to import it would import torch
        if not (found and found.origin and importlib.util.find_spec("onnxruntime")):
            raise OptionError(f"--vad silero: {ABSENT}; or take --vad energy")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            Path(found.origin).parent / "data" / "silero_vad.onnx",
            options,
            providers=["CPUExecutionProvider"],
        )
        self.state = np.zeros((2, 1, 128), np.float32)
        self.before = np.zeros((1, 64), np.float32)  # the end of the last frame
        self.going_on = False

    def __call__(self, frame: Wav) -> bool:
        """Return whether the network hears speech in a frame."""
        self.going_on = self.probability(frame) >= (POSSIBLE if self.going_on else CERTAIN)
        return self.going_on

    def probability(self, frame: Wav) -> float:
        """Return what the network makes of a frame, the next of its stream."""
        heard = np.concatenate([self.before, frame[None]], axis=1)
        given = {"input": heard, "state": self.state, "sr": np.array(RATE)}
        found, self.state = self.session.run(None, given)
        self.before = heard[:, -64:]
        return float(found.item())


def make_detector(name: str) -> Detector:
    """Return the detector of a name; `auto` is silero where it is installed, else energy, said.

    Raises:
        OptionError: for silero where it is not installed.
    """
    if name == "energy":
        return Energy()
    try:
        return Silero()
    except OptionError:
        if name == "silero":
            raise
        log.warning("%s", ABSENT)
        return Energy()


class Stretch(NamedTuple):
    """Speech from `start` to `stop`, in seconds of the stream; it goes on unless it has ended."""

    start: float
    stop: float
    ended: bool


class Segmenter:
    """Cuts speech out of a stream.

    Args:
        detector: of speech.
        pause: seconds without speech, 0.1 to 5, that end a stretch.
        longest: seconds of a stretch at most, 1 to 60; speech that goes on begins another.
        every: seconds of a stretch after which it is given while it goes on.
    """

    def __init__(
        self, detector: Detector, pause: float = 0.5, longest: float = 15.0, every: float = 1.0
    ):
        if not 0.1 <= pause <= 5:
            raise OptionError(f"--pause must be 0.1 to 5 seconds, not {pause!r}")
        if not 1 <= longest <= 60:
            raise OptionError(f"--longest must be 1 to 60 seconds, not {longest!r}")
        self.detector = detector
        self.pause, self.longest = round(pause * SECOND), int(longest * SECOND)
        self.every, self.margin = round(every * SECOND), round(PREROLL * SECOND)
        self.rest = np.zeros(0, np.float32)
        self.now = self.free = 0  # frames that were heard, and up to which all was given
        self.first: int | None = None  # frame of the stretch that goes on
        self.last = self.spoken = 0  # frame after its last speech, and its frames of speech

    @property
    def needed(self) -> float:
        """Return the second of the stream from which on stretches may still come."""
        first = self.now - self.margin if self.first is None else self.first
        return max(self.free, first, 0) / SECOND

    @property
    def speaking(self) -> bool:
        """Return whether a stretch of speech, not a click, goes on."""
        return self.first is not None and self.spoken >= LEAST * SECOND

    def feed(self, wav: Wav) -> Iterator[Stretch]:
        """Yield the stretches that grew or ended in the next samples `[L]` at 16 kHz."""
        heard = np.concatenate([self.rest, wav])
        whole = len(heard) // FRAME * FRAME
        self.rest = heard[whole:]
        for frame in heard[:whole].reshape(-1, FRAME):
            yield from self._step(self.detector(frame))

    def finish(self) -> Iterator[Stretch]:
        """Yield the stretch that the end of the stream cuts off, if there is one."""
        if self.first is not None:
            yield from self._end(min(self.now, self.last + self.margin))

    def _step(self, is_speech: bool) -> Iterator[Stretch]:
        self.now += 1
        if is_speech:
            if self.first is None:
                self.first, self.spoken = max(self.free, self.now - 1 - self.margin), 0
            self.last = self.now
            self.spoken += 1
        if self.first is None:
            return
        if self.now - self.last >= self.pause:
            yield from self._end(min(self.now, self.last + self.margin))
        elif self.now - self.first >= self.longest:
            yield from self._end(self.now)
        elif (self.now - self.first) % self.every == 0 and self.speaking:
            yield Stretch(self.first / SECOND, self.now / SECOND, ended=False)

    def _end(self, stop: int) -> Iterator[Stretch]:
        if self.speaking and self.first is not None:
            yield Stretch(self.first / SECOND, stop / SECOND, ended=True)
            self.free = stop
        self.first = None
