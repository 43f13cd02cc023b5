"""Say which emotion is heard in recordings.

ser-predict MODEL clip.wav
ser-predict MODEL recordings/ 'more/**/*.mp3' --output emotions.csv
find . -name '*.wav' -size -9M | ser-predict MODEL - --format jsonl
ser-predict MODEL interview.wav --timeline --output course.csv --picture pictures

Any rate, channels and sample type of WAV, FLAC, OGG, MP3, AIFF and others are heard. A file has
one row: path, label, its score, the score of each emotion, seconds, a note (too quiet, clipped),
and why it failed if it did. With --output, ending in .csv or .jsonl, rows are added as they come:
started again, the command does only what is missing or failed. Else rows go to standard output,
as a table in a terminal and as CSV in a pipe. With --timeline a recording of any length has one
row a window. Exit code 1: some files failed, 2: nothing could be started. Of a source checkout:
python tools/predict.py …
"""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_plugins.core.answers.forms import FORMS
from ser_plugins.core.answers.sound_paths import Found, find_sounds
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.writing import check_writable

if TYPE_CHECKING:
    from ser_plugins.core.answers.file import AnswerFile
    from ser_plugins.core.answers.screen import Screen
    from ser_plugins.core.answers.summary import Summary
    from ser_plugins.core.inference import EmotionClassifier

log = logging.getLogger("ser_plugins.predict")

KEYS: Mapping[str, Any] = {"plugins": [], "batch_size": 32}


def make_parser() -> Parser:
    """Return what the command line may hold."""
    parser = Parser(__doc__, tuple(KEYS))
    parser.add_model()
    add = parser.add_argument
    add("paths", metavar="PATH", nargs="+", help="files, folders, quoted globs; - reads paths")
    add("--output", type=Path, help=".csv or .jsonl to add rows to; what is there is done")
    add("--format", choices=("table", *FORMS), help="of standard output")
    add("--timeline", action="store_true", help="hear long recordings window by window")
    add("--window", type=float, help="seconds of a window; 3 by default")
    add("--hop", type=float, help="seconds from window to window; 1 by default")
    add("--picture", type=Path, metavar="FOLDER", help="where to draw each timeline as PNG")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Predict what the command line names; return 1 if a file failed."""
    found, given = make_parser().read(arguments)
    check(found)
    given = {**KEYS, **given}
    use_plugins(*given["plugins"])

    from ser_plugins.core.inference import EmotionClassifier
    from ser_plugins.core.timelines import name_pictures

    names = [name for name in found.paths if name != "-"]
    sounds = find_sounds(names, listed() if "-" in found.paths else ())
    pictures = name_pictures(sounds.paths, found.picture) if found.picture else {}
    classifier = EmotionClassifier.from_pretrained(
        found.system,
        device=found.run_on,
        batch_size=given["batch_size"],
        unsure_below=found.unsure_below,
    )
    with open_sink(found, classifier, sounds.paths) as sink:
        undrawn = {path for path, place in pictures.items() if not place.exists()}
        todo = [path for path in sounds.paths if path in undrawn or not sink.is_done(path)]
        say_start(sounds, len(sounds.paths) - len(todo), found.output)
        summary = hear(found, classifier, todo, pictures, sink)
    for line in summary.lines():
        log.info("%s", line)
    return int(bool(summary.failed or sounds.faults))


def run() -> None:
    """Run as a command."""
    run_command(main, "interrupted; with --output the same command carries on", log_to=sys.stderr)


def hear(
    found: argparse.Namespace,
    classifier: "EmotionClassifier",
    todo: Sequence[Path],
    pictures: Mapping[Path, Path],
    sink: "AnswerFile | Screen",
) -> "Summary":
    """Write what is heard in each file, or in each of its windows; return what came of it."""
    from ser_plugins.core.answers.summary import Summary
    from ser_plugins.core.timelines import Timelines

    if found.timeline:
        answers = Timelines(classifier, found.window, found.hop, pictures).hear(todo)
    else:
        answers = classifier.stream(todo)
    summary = Summary(classifier.labels, len(todo), found.timeline)
    with make_bar(todo, found.timeline) as bar:
        for answer in answers:
            sink.add(answer)
            seconds = summary.add(answer)
            bar.update(seconds if found.timeline else 1)
    return summary


def check(found: argparse.Namespace) -> None:
    """Refuse options that do not go together, and set those that depend on others."""
    from ser_plugins.core.answers.file import check_answers
    from ser_plugins.core.windows import choose_windows

    if found.timeline:
        found.window, found.hop = choose_windows(found.window, found.hop)
    else:
        for name in ("window", "hop", "picture"):
            if getattr(found, name) is not None:
                raise OptionError(f"--{name} is of a timeline; add --timeline")
    if found.output:
        check_answers(found.output)
        if found.format and f".{found.format}" != found.output.suffix:
            raise OptionError(
                f"--output {found.output} says its format by its ending; leave --format out"
            )
    if found.picture:
        check_writable(found.picture, "--picture")


def listed() -> list[str]:
    """Return the paths of standard input, one a line, or between zeros as `find -print0` does."""
    content = sys.stdin.buffer.read()
    separator = b"\0" if b"\0" in content else b"\n"
    lines = (line.removesuffix(b"\r") for line in content.split(separator))
    return [os.fsdecode(line) for line in lines if line]


def open_sink(
    found: argparse.Namespace, classifier: "EmotionClassifier", paths: Sequence[Path]
) -> AbstractContextManager["AnswerFile | Screen"]:
    """Return where the rows go."""
    from ser_plugins.core.answers.file import open_answers
    from ser_plugins.core.answers.screen import Screen
    from ser_plugins.core.answers.table import TableForm
    from ser_plugins.core.systems import name_of

    model = name_of(classifier.system)
    if found.timeline:
        model += f" window={found.window} hop={found.hop}"
    if found.unsure_below:
        model += f" unsure_below={found.unsure_below}"
    if found.output:
        form = FORMS[found.output.suffix[1:]](classifier.labels, model, found.timeline)
        return open_answers(found.output, form)
    kind = found.format or ("table" if sys.stdout.isatty() else "csv")
    if kind in FORMS:
        return nullcontext(Screen(FORMS[kind](classifier.labels, model, found.timeline)))
    longest = max((len(str(path)) for path in paths), default=0)
    return nullcontext(Screen(TableForm(classifier.labels, found.timeline, longest)))


def say_start(sounds: Found, done: int, output: Path | None) -> None:
    """Log what is not done, and why."""
    for why in sounds.faults:
        log.warning("%s", why)
    if sounds.repeated:
        log.info("%d files were named more than once; each is heard once", sounds.repeated)
    if sounds.unread:
        log.warning(
            "passed over %d files that are not read, such as %s; convert them, as with ffmpeg",
            len(sounds.unread),
            sounds.unread[0],
        )
    if done:
        log.info("%d of %d files are in %s already", done, len(sounds.paths), output)


def make_bar(paths: Sequence[Path], by_window: bool) -> Any:
    """Return a bar that shows what is done where standard error is a terminal."""
    from tqdm import tqdm  # here: core.command says how bars end before it is loaded

    from ser_plugins.core.audio import seconds_of

    if not by_window:
        return tqdm(total=len(paths), unit="file", disable=None)
    total = round(sum(map(seconds_of, paths))) if sys.stderr.isatty() else 0
    form = "{percentage:3.0f}%|{bar}| {n:.0f}/{total_fmt} s of sound [{elapsed}<{remaining}]"
    return tqdm(total=total, bar_format=form, disable=None)
