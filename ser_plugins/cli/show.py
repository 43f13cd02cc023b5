"""Draw a corpus, or clips, as pictures.

ser-show --dataset ravdess --data_folder /data/RAVDESS
ser-show --dataset ravdess --data_folder /data/RAVDESS --protocol ravdess-luna5 --fold 1
ser-show a.wav b.wav
ser-show a.wav --model results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1

Of a corpus: classes.png (clips by emotion, sex and speaker), durations.png and examples.png (one
clip of each emotion). With a protocol: what one fold uses of it, with its labels; its examples
are of the training part. Of a clip: its waveform and spectrogram and, with --model, the features
that the model hears, its attention and its probabilities; an .onnx file tells its probabilities
alone. Exit code 1: something is wrong with the corpus. Of a source checkout:
python tools/show.py …
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ser_plugins.core import protocols
from ser_plugins.core.audio import Wav, read_audio
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import CorpusError, OptionError
from ser_plugins.core.findings import Finding, refuse
from ser_plugins.core.keys import CORPUS_DEFAULTS
from ser_plugins.core.labels import account
from ser_plugins.core.manifest import Row
from ser_plugins.core.prepare import Folder, choose_protocol, divide, look
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.systems import open_system
from ser_plugins.core.writing import check_writable

log = logging.getLogger("ser_plugins.show")

KEYS = ("dataset", *CORPUS_DEFAULTS)
CLIP_KEYS = ("plugins", "sample_rate")


class Shown(NamedTuple):
    """What is drawn of a corpus.

    Args:
        rows: every clip that counts.
        labels: in their order.
        title: corpus and protocol.
        parts: of a fold, or None.
        findings: what was seen on the way.
    """

    rows: list[Row]
    labels: tuple[str, ...]
    title: str
    parts: protocols.Parts | None
    findings: list[Finding]


def main(arguments: Sequence[str]) -> int:
    """Draw what the command line names; return 1 if something is wrong with the corpus."""
    parser = Parser(__doc__, KEYS)
    parser.add_argument("clip", type=Path, nargs="*", help="a sound file; else name a --dataset")
    parser.add_argument(
        "--model",
        dest="system",
        help="what hears it: a run, bundle, .onnx file, or owner/name on the Hub",
    )
    parser.add_argument(
        "--output_folder", dest="output", type=Path, default=Path("pictures"),
        help="where the pictures go; %(default)s by default",
    )  # fmt: skip
    found, given = parser.read(arguments)
    if bool(found.clip) == ("dataset" in given):
        raise OptionError("name sound files, or a corpus with --dataset and --data_folder")
    use_plugins(*given.get("plugins", ()))
    check_writable(found.output, "--output_folder")
    if found.clip:
        if strange := sorted(set(given) - set(CLIP_KEYS)):
            raise OptionError(f"--{strange[0]} is of a corpus; name a --dataset, or clips alone")
        if found.system and "sample_rate" in given:
            raise OptionError("--sample_rate is the model's own; leave it out with --model")
        rate = given.get("sample_rate", CORPUS_DEFAULTS["sample_rate"])
        show_clips(found.clip, found.system, found.output, rate)
        return 0
    if found.system:
        raise OptionError("--model hears clips; name some in place of --dataset")
    with_protocol = not given.keys().isdisjoint(("protocol", "fold", "labels", "merge"))
    return show_corpus({**CORPUS_DEFAULTS, **given}, with_protocol, found.output)


def run() -> None:
    """Run as a command."""
    run_command(main)


def show_corpus(hparams: Mapping[str, Any], with_protocol: bool, output: Path) -> int:
    """Draw a corpus folder; return 1 if something is wrong with it."""
    from ser_plugins.core import gallery, tally  # imports matplotlib

    folder = look(hparams)
    if output.resolve().is_relative_to(folder.root.resolve()):
        raise OptionError(
            f"{output} lies in the corpus, where nothing is written; name another --output_folder"
        )
    shown = choose_fold(hparams, folder) if with_protocol else choose_all(folder)
    rows, title = shown.rows, shown.title
    if shown.parts:  # the test part is not heard
        rows, title = shown.parts["train"], f"{title}, train"
    examples = tally.choose_examples(rows, shown.labels)
    if not examples:
        refuse(folder.findings, CorpusError)
        raise CorpusError(f"{folder.root}: no recording has a label; is this the right --dataset?")
    wavs = [read(folder.root, row, hparams["sample_rate"]) for row in examples]
    make(output)
    gallery.draw_classes(shown.rows, shown.labels, shown.title, output / "classes.png", shown.parts)
    gallery.draw_durations(shown.rows, shown.labels, shown.title, output / "durations.png")
    place = output / "examples.png"
    gallery.draw_examples(examples, wavs, hparams["sample_rate"], title, place)
    for name in ("classes.png", "durations.png", "examples.png"):
        log.info("written: %s", output / name)
    return say_findings(shown.findings)


def choose_all(folder: Folder) -> Shown:
    """Return a corpus as it is, with all labels that it declares."""
    labels = folder.corpus.labels or tuple(sorted({row["label"] for row in folder.rows} - {""}))
    return Shown(folder.rows, labels, folder.dataset, None, folder.findings)


def choose_fold(hparams: Mapping[str, Any], folder: Folder) -> Shown:
    """Return what one fold of the protocol uses of a corpus."""
    from ser_plugins.core import panels

    protocol = choose_protocol(hparams, folder)
    parts, changes, found = divide(hparams, folder, protocol)
    for line in account(changes):
        log.info("%s", line)
    rows = [row for part in parts.values() for row in part]
    title = panels.title(folder.dataset, protocol.name, hparams["fold"])
    return Shown(rows, protocol.labels, title, parts, [*folder.findings, *found])


def read(root: Path, row: Row, rate: int) -> Wav:
    """Return the samples of a recording of a corpus."""
    return read_audio(root / row["path"], rate, row["start"], row["stop"])


def say_findings(findings: Sequence[Finding]) -> int:
    """Log what was found; return 1 if any of it must not be."""
    for finding in findings:
        log.log(logging.WARNING if finding.must_not_be else logging.INFO, "%s", finding.text)
    return int(any(finding.must_not_be for finding in findings))


def show_clips(clips: Sequence[Path], system: str | None, output: Path, rate: int) -> None:
    """Draw sound files; what is wrong with one is said before anything is drawn."""
    from ser_plugins.core import pictures  # imports matplotlib
    from ser_plugins.core.heard import hear
    from ser_plugins.core.past import past_of

    places = {output / f"{clip.stem}.png": clip for clip in clips}
    if len(places) < len(clips):
        raise OptionError(
            "several clips have one name, and so would their pictures; draw one at a time, each "
            "into its own --output_folder"
        )
    opened = open_system(system) if system else None
    rate = opened.sample_rate if opened else rate
    mark = past_of(opened.config, system).mark if opened and system else ""
    wavs = [read_audio(clip, rate) for clip in clips]
    make(output)
    for (place, clip), wav in zip(places.items(), wavs, strict=True):
        heard = hear(opened, wav) if opened else None
        title = f"{mark}{clip.name}"
        if heard:
            title += f", heard as {max(heard.probabilities, key=heard.probabilities.__getitem__)}"
        pictures.draw_clip(wav, rate, title, place, heard)
        log.info("written: %s", place)


def make(output: Path) -> None:
    """Make the folder of the pictures.

    Raises:
        OptionError: if that cannot be done.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(
            f"{output} cannot be made: {error.strerror}; name another --output_folder"
        ) from error
