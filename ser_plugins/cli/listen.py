"""Listen to a microphone and say which emotion is heard.

ser-listen MODEL
ser-listen MODEL --once 5 --save me.wav
ser-listen MODEL --json --log decisions.csv
ser-listen MODEL --file talk.wav
ser-listen --list_devices

In a terminal the level, the state and the emotions are shown as they are heard; else one line is
printed for each decision, and everything else goes to standard error. A decision comes when
somebody pauses. While they go on speaking, a running one is shown about once a second: the mean
of what is heard in the speech so far and of the running decision before it. --once records so
many seconds and hears them whole, as it would hear their file. Ctrl-C ends listening with a
summary and exit code 0, and a recording with 130. Of a source checkout: python tools/listen.py …
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.live import DETECTORS
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.writing import check_file

OF_LISTENING = {"vad": "auto", "pause": 0.5, "longest": 15.0}  # and their defaults


def main(arguments: Sequence[str]) -> int:
    """Listen as the command line says."""
    found, given = read(arguments)
    if found.list_devices:
        from ser_plugins.core.live.microphone import devices

        sys.stdout.write("".join(f"{one}\n" for one in devices()))
        return 0
    check(found)
    use_plugins(*given.get("plugins", ()))
    listen(found)
    return 0


def listen(found: argparse.Namespace) -> None:
    """Open what is heard and what hears it, and listen."""
    from ser_plugins.core.inference import EmotionClassifier
    from ser_plugins.core.live.microphone import Device, Microphone, choose
    from ser_plugins.core.live.session import Session, warm
    from ser_plugins.core.live.sources import Playback
    from ser_plugins.core.live.speech import Segmenter, make_detector

    segmenter = Segmenter(make_detector(found.vad), found.pause, found.longest)
    heard = Playback(found.file) if found.file else choose(found.microphone)
    classifier = EmotionClassifier.from_pretrained(
        found.system, device=found.run_on, unsure_below=found.unsure_below
    )
    session = Session(classifier, found.json, found.log)
    warm(classifier)
    source = Microphone(heard, classifier.sample_rate) if isinstance(heard, Device) else heard
    if found.once:
        session.once(source, found.once, found.save)
    else:
        session.listen(source, segmenter)


def run() -> None:
    """Run as a command."""
    run_command(main, log_to=sys.stderr)


def read(arguments: Sequence[str]) -> tuple[argparse.Namespace, Mapping[str, Any]]:
    """Return the arguments, and the keys that were given."""
    parser = Parser(__doc__, ("plugins",))
    parser.add_model("--run_on", optional=True)
    add = parser.add_argument
    add("--list_devices", action="store_true", help="list the microphones, the default marked *")
    add("--device", dest="microphone", help="the microphone: its index or a part of its name")
    add("--file", type=Path, help="a sound file that is heard in place of a microphone")
    add("--once", type=float, metavar="SECONDS", help="record so long, decide once, and end")
    add("--save", type=Path, metavar="FILE.wav", help="with --once: keep what was recorded")
    add("--json", action="store_true", help="print one line of JSON for each decision")
    add("--log", type=Path, metavar="FILE.csv", help="add each decision to a CSV file")
    add("--vad", choices=DETECTORS, help="what tells speech; auto: silero where it is installed")
    add("--pause", type=float, help="seconds without speech that end it; 0.5 by default")
    add("--longest", type=float, help="seconds that are heard at once at most; 15 by default")
    return parser.read(arguments)


def check(found: argparse.Namespace) -> None:
    """Refuse what does not go together, and files that could not be written at the end."""
    from ser_plugins.core.recordings import LONGEST, SHORTEST

    if not found.system:
        raise OptionError(
            "name a MODEL: a run folder, its bundle or an .onnx file; or give --list_devices"
        )
    if found.file and found.microphone:
        raise OptionError("--file is heard in place of a microphone; leave out --device")
    if found.once is None and found.save:
        raise OptionError("--save keeps what --once recorded; give --once SECONDS")
    if found.once is not None:
        if not SHORTEST <= found.once <= LONGEST:
            raise OptionError(f"--once must be {SHORTEST} to {LONGEST} seconds, not {found.once}")
        if strange := [name for name in OF_LISTENING if getattr(found, name) is not None]:
            raise OptionError(f"--{strange[0]} cuts a stream; --once hears all that it records")
    for name, default in OF_LISTENING.items():
        if getattr(found, name) is None:
            setattr(found, name, default)
    for path, flag in ((found.save, "--save"), (found.log, "--log")):
        if path:
            check_file(path, flag)
    if found.save and found.save.suffix.lower() != ".wav":
        raise OptionError(f"--save writes a WAV file; {found.save} must end in .wav")
