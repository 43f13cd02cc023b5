"""Listen to a microphone and say which emotion is heard.

ser-listen MODEL
ser-listen MODEL --once 5 --save me.wav
ser-listen MODEL --json --log decisions.csv
ser-listen MODEL --file talk.wav
ser-listen --list_devices

MODEL is a run folder, its bundle, or an exported .onnx file. In a terminal the level, the state
and the emotions are shown as they are heard; else one line is printed for each decision, and
everything else goes to standard error. A decision comes when somebody pauses. While they go on
speaking, a running one is shown about once a second: the mean of what is heard in the speech so
far and of the running decision before it. --once records so many seconds and hears them whole, as
it would hear their file. Ctrl-C ends listening with a summary and exit code 0, and a recording
with 130. Of a source checkout: python tools/listen.py …
"""

import argparse
import importlib.util
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from ser_plugins.core.command import Parser, drop_output, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.inference import EmotionClassifier
from ser_plugins.core.live.condition import ADVICE, Condition
from ser_plugins.core.live.decisions import DecisionLog, Display, Lines, as_json, table, write
from ser_plugins.core.live.listener import Decision, Listener
from ser_plugins.core.live.microphone import Device, Microphone, choose, devices
from ser_plugins.core.live.sources import Playback, Source, record, save, without_start
from ser_plugins.core.live.speech import DETECTORS, Segmenter, make_detector
from ser_plugins.core.recordings import LONGEST, SHORTEST
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.writing import check_writable

log = logging.getLogger("ser_plugins.listen")

OF_LISTENING = {"vad": "auto", "pause": 0.5, "longest": 15.0}  # and their defaults
HASTE = 0.5  # seconds that wait, above which running decisions are left out


def main(arguments: Sequence[str]) -> int:
    """Listen as the command line says."""
    found, given = read(arguments)
    if found.list_devices:
        write("\n".join(str(one) for one in devices()))
        return 0
    check(found)
    use_plugins(*given.get("plugins", ()))
    segmenter = Segmenter(make_detector(found.vad), found.pause, found.longest)
    heard = Playback(found.file) if found.file else choose(found.microphone)
    classifier = EmotionClassifier.from_pretrained(
        found.system, device=found.run_on, unsure_below=found.unsure_below
    )
    kept = DecisionLog(found.log, classifier.labels) if found.log else None
    rate = classifier.sample_rate
    classifier.predict(np.zeros(rate, np.float32), rate)  # the first is slow
    source = Microphone(heard, rate) if isinstance(heard, Device) else heard
    if found.once:
        return once(source, classifier, found, kept)
    listener = Listener(classifier, source.rate, segmenter, source.name)
    return listen(source, listener, found.json, kept)


def run() -> None:
    """Run as a command."""
    run_command(main, log_to=sys.stderr)


def read(arguments: Sequence[str]) -> tuple[argparse.Namespace, Mapping[str, Any]]:
    """Return the arguments, and the keys that were given."""
    parser = Parser(__doc__, ("plugins",))
    add = parser.add_argument
    add(
        "system",
        metavar="MODEL",
        nargs="?",
        help="a run folder, its bundle, an .onnx file, or owner/name on the Hub",
    )
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
    add("--unsure_below", type=float, default=0.0, help="score below which it says `unsure`")
    add("--run_on", default="cpu", help="where the model runs: auto, cpu, cuda or cuda:1")
    return parser.read(arguments)


def check(found: argparse.Namespace) -> None:
    """Refuse what does not go together, and files that could not be written at the end."""
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
            check_writable(path.parent, flag)
    if found.save and found.save.suffix.lower() != ".wav":
        raise OptionError(f"--save writes a WAV file; {found.save} must end in .wav")


def once(
    source: Source,
    classifier: EmotionClassifier,
    found: argparse.Namespace,
    kept: DecisionLog | None,
) -> int:
    """Record so many seconds, and say what is heard in them as in their file."""
    condition, blocks = Condition(source.rate), []
    title = f"recording {found.once:g} s from {about(source)}"
    with source, open_display((), title, found.json) as display:
        for block in record(source.blocks(), source.rate, found.once):
            blocks.append(block)
            condition.add(block, speaking=False)
            display.hear(condition, source.overruns)
    wav = np.concatenate(blocks)
    if not found.file:
        wav = without_start(wav)
    if found.save:
        save(found.save, wav, source.rate)
        log.info("written: %s", found.save)
    prediction = classifier.predict(wav, source.rate)
    if prediction.note in ADVICE:
        log.warning("%s: %s", prediction.note, ADVICE[prediction.note])
    write(as_json(prediction, source.overruns) if found.json else table(prediction))
    if kept:
        kept.add(prediction, source.overruns)
    return 0


def listen(source: Source, listener: Listener, in_json: bool, kept: DecisionLog | None) -> int:
    """Decide until the end of the source, or Ctrl-C."""
    labels, title = listener.classifier.labels, f"listening to {about(source)}"
    counts: Counter[str] = Counter()
    try:
        with source, open_display(labels, title, in_json) as display:
            for prediction, ended in decide(listener, source, display):
                display.decide(prediction, ended)
                if ended:
                    counts[prediction.label or "error"] += 1
                if ended and kept:
                    kept.add(prediction, source.overruns)
    except KeyboardInterrupt:
        log.info("")  # the line of ^C ends
    except BrokenPipeError:
        drop_output()
    found = ", ".join(f"{count} {label}" for label, count in counts.most_common())
    log.info("%.0f s, decisions: %s; overruns: %d", listener.seconds, found or 0, source.overruns)
    return 0


def decide(listener: Listener, source: Source, display: Display) -> Iterator[Decision]:
    """Yield what is decided of a source, and show its sound."""
    for block in source.blocks():
        yield from listener.feed(block, in_haste=source.behind > HASTE)
        display.hear(listener.condition, source.overruns)
    yield from listener.finish()


def about(source: Source) -> str:
    """Return what is heard, and at which rate."""
    return f"{source.name}, {source.rate} Hz"


def open_display(
    labels: Sequence[str], title: str, in_json: bool
) -> AbstractContextManager[Display]:
    """Return the live view in a terminal that can show it; else lines."""
    if not in_json and sys.stdout.isatty() and importlib.util.find_spec("rich"):
        from ser_plugins.core.live.meters import Meters

        return Meters(labels, title)
    return nullcontext(Lines(title, in_json))
