"""Write a trained system as one ONNX graph, which runs without torch.

ser-export results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1 emotions.onnx
ser-export results/…/seed1 emotions.onnx --clips recordings/ a.wav

The graph takes samples as they were recorded and gives probabilities: trimming, level, features,
normalisation, model and temperature are in it, labels and sample rate beside it. Every command
that takes a MODEL takes the file; it needs `pip install '.[onnx]'` alone. Before it is
written it is compared with the original: on --clips, or on 25 sounds that are made for it. Exit
code 1: a probability differs by more than --tolerance, and nothing is written. Of a source
checkout: python tools/export.py …
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from ser_plugins.core.answers.sound_paths import find_sounds
from ser_plugins.core.audio import Wav, read_audio
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.systems import GRAPH, locate
from ser_plugins.core.writing import check_file, whole

log = logging.getLogger("ser_plugins.export")

TOLERANCE = 1e-4


def main(arguments: Sequence[str]) -> int:
    """Write the graph that the command line asks for; return 1 if it is not the original."""
    parser = Parser(__doc__, ("plugins",))
    parser.add_argument("system", metavar="MODEL", help="a run, bundle, or owner/name on the Hub")
    parser.add_argument("output", metavar="OUT", type=Path, help=f"the file to write, {GRAPH}")
    parser.add_argument(
        "--clips", metavar="PATH", nargs="+", default=[],
        help="files, folders and quoted globs that the two are compared on",
    )  # fmt: skip
    parser.add_argument(
        "--tolerance", type=float, default=TOLERANCE,
        help="how far a probability may be off, above 0; %(default)s by default",
    )  # fmt: skip
    found, given = parser.read(arguments)
    if found.system.endswith(GRAPH):
        raise OptionError(f"{found.system} is an export already; name a run or bundle")
    if found.output.suffix != GRAPH:
        raise OptionError(f"{found.output} must be a file that ends in {GRAPH}")
    if not found.tolerance > 0:
        raise OptionError(f"--tolerance must be above 0, not {found.tolerance!r}")
    check_file(found.output, "OUT")
    clips = find_sounds(found.clips).paths
    use_plugins(*given.get("plugins", ()))
    return write(locate(found.system), found.output, clips, found.tolerance)


def run() -> None:
    """Run as a command."""
    run_command(main)


def write(folder: Path, output: Path, clips: Sequence[Path], tolerance: float) -> int:
    """Export a bundle, compare, and write; return the exit code."""
    from ser_plugins.core import bundle as bundles  # imports torch
    from ser_plugins.core.graphs.export import compare, export, make_sounds
    from ser_plugins.core.graphs.system import OnnxSystem

    bundle = bundles.read(folder)
    data = export(bundle)
    sounds = read(clips, bundle.sample_rate) if clips else make_sounds(bundle.sample_rate)
    parity = compare(bundle, OnnxSystem(output, data), sounds)
    log.info(
        "%s and its graph differ by %.1e at most in a probability (%s), and decide otherwise in %d "
        "of %d %s",
        folder, parity.largest, parity.where, parity.changed, parity.clips,
        "recordings" if clips else "sounds that were made for it; --clips takes recordings",
    )  # fmt: skip
    if parity.largest > tolerance:
        log.warning("that is more than --tolerance %g: nothing is written", tolerance)
        return 1
    output.parent.mkdir(parents=True, exist_ok=True)
    with whole(output) as unfinished:
        unfinished.write_bytes(data)
    log.info("written: %s, %.1f MB", output, len(data) / 1e6)
    return 0


def read(clips: Sequence[Path], sample_rate: int) -> Iterator[tuple[str, Wav]]:
    """Yield names and samples of recordings."""
    from tqdm import tqdm  # here: core.command says how bars end before it is loaded

    for clip in tqdm(clips, desc="compare", unit="clip", disable=None):
        yield str(clip), read_audio(clip, sample_rate)
