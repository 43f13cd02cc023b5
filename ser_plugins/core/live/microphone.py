"""Opens a microphone through PortAudio, whose callback does nothing but copy."""

import queue
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..audio import Wav, mono
from ..errors import InputError
from ..extras import need

BLOCK = 0.032  # seconds
HELD = 10.0  # seconds that wait to be taken; what comes then is lost, and counted
BEGIN, GONE = 10.0, 3.0  # seconds without a block, at the start and later, that are a failure
NO_LIBRARY = (
    "the microphone needs PortAudio, which is not installed. Debian, Ubuntu: sudo apt-get install "
    "libportaudio2; Fedora: sudo dnf install portaudio; on macOS and Windows sounddevice brings it"
)
NO_DEVICE = (
    "there is no microphone here. Connect one, or let programs use it in the system's settings; "
    "--list_devices shows what is found, and --file plays a recording in its place"
)
NO_SOUND = (
    "PortAudio finds no sound system here: {}. Is one running, and may this user hear? --file "
    "plays a recording in place of a microphone"
)


class MicrophoneError(InputError):
    """A microphone that is not there, cannot be opened, or falls silent."""


class Device(NamedTuple):
    """A microphone as PortAudio knows it.

    Args:
        number: its index, which may change when devices come and go.
        name: as the system calls it.
        system: what it belongs to, such as ALSA or Core Audio.
        channels: at most.
        rate: its own, in Hz.
        is_default: whether it is taken where none is named.
    """

    number: int
    name: str
    system: str
    channels: int
    rate: int
    is_default: bool

    def __str__(self) -> str:
        mark = "*" if self.is_default else " "
        return f"{mark} {self.number:2}  {self.name}, {self.system}, {self.rate} Hz"


def load() -> Any:
    """Return the module sounddevice.

    Raises:
        InputError: if it or PortAudio is not installed: what to install; or why PortAudio does
            not start.
    """
    need("sounddevice", "microphone", "the microphone")
    try:
        import sounddevice
    except OSError:
        raise MicrophoneError(NO_LIBRARY) from None
    except Exception as error:  # noqa: BLE001  its class is in the module that was not loaded
        raise MicrophoneError(NO_SOUND.format(error)) from None
    return sounddevice


def devices() -> list[Device]:
    """Return the microphones that there are.

    Raises:
        MicrophoneError: if there is none, or nothing to find them with.
    """
    sounddevice = load()
    try:
        found, systems = sounddevice.query_devices(), sounddevice.query_hostapis()
    except sounddevice.PortAudioError as error:
        raise MicrophoneError(NO_SOUND.format(error)) from None
    default = sounddevice.default.device[0]
    microphones = [
        Device(
            one["index"],
            one["name"],
            systems[one["hostapi"]]["name"],
            one["max_input_channels"],
            round(one["default_samplerate"]),
            one["index"] == default,
        )
        for one in found
        if one["max_input_channels"] > 0
    ]
    if not microphones:
        raise MicrophoneError(NO_DEVICE)
    return microphones


def choose(wanted: str | None) -> Device:
    """Return a microphone by its index or a part of its name; the default one for None.

    Raises:
        MicrophoneError: listing all, if none or several are meant.
    """
    there = devices()
    if wanted is None:
        return next((one for one in there if one.is_default), there[0])
    if wanted.isdecimal():
        meant = [one for one in there if one.number == int(wanted)]
    else:
        part = wanted.lower()
        named = [one for one in there if part in one.name.lower()]
        meant = [one for one in named if one.name.lower() == part] or named
    if len(meant) != 1:
        what = "no microphone is" if not meant else "several microphones are"
        raise MicrophoneError(
            f"{what} called {wanted!r}; name one of these by --device and its index:\n"
            + "\n".join(str(one) for one in (meant or there))
        )
    return meant[0]


class Microphone:
    """A microphone as a stream; a context that is open while it is heard.

    Args:
        device: as `choose` returns it.
        sample_rate: in Hz, which is taken if the device supports it, else its own is.

    Raises:
        MicrophoneError: if it cannot be opened.
    """

    def __init__(self, device: Device, sample_rate: int):
        self.name, self.overruns = device.name, 0
        self.waiting: queue.Queue[Any] = queue.Queue(round(HELD / BLOCK))
        self.number = device.number
        self.rate, self.channels = self._format(device, (sample_rate, device.rate))

    def __enter__(self) -> "Microphone":
        try:
            self.stream = load().InputStream(
                samplerate=self.rate,
                channels=self.channels,
                device=self.number,
                dtype="float32",
                blocksize=round(BLOCK * self.rate),
                callback=self._take,
            )
            self.stream.start()
        except load().PortAudioError as error:
            raise MicrophoneError(f"{self.name} does not start: {error}") from None
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; what was not taken is lost."""
        self.stream.close(ignore_errors=True)

    @property
    def behind(self) -> float:
        """Return the seconds that have come and were not taken."""
        return self.waiting.qsize() * BLOCK

    def blocks(self) -> Iterator[Wav]:
        """Yield blocks of 32 ms, channels averaged.

        Raises:
            MicrophoneError: when none comes any more.
        """
        patience = BEGIN
        while True:
            try:
                block = self.waiting.get(timeout=patience)
            except queue.Empty:
                raise MicrophoneError(
                    f"{self.name} gives no sound: was it unplugged, or is it in use? "
                    "--list_devices shows what there is"
                ) from None
            yield mono(block, self.name)
            patience = GONE

    def _take(self, samples: Any, frames: int, time: Any, status: Any) -> None:
        self.overruns += bool(status.input_overflow)
        try:
            self.waiting.put_nowait(samples.copy())  # PortAudio uses the buffer again
        except queue.Full:
            self.overruns += 1

    def _format(self, device: Device, rates: Sequence[int]) -> tuple[int, int]:
        """Return the first rate and number of channels that the device supports."""
        refused: Exception | None = None
        for channels in (1, device.channels):
            for rate in rates:
                try:
                    load().check_input_settings(device.number, channels, "float32", None, rate)
                except (load().PortAudioError, ValueError) as error:
                    refused = refused or error
                else:
                    return rate, channels
        raise MicrophoneError(
            f"{self.name} cannot be opened: {refused}. Another program may have it; --list_devices "
            "shows the others"
        )
