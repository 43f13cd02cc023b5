"""What a recipe costs as its corpus grows."""

from collections.abc import Sequence
from pathlib import Path

from ser_plugins import get_dataset
from ser_plugins.core.arguments import Override

from .start import start

CLIPS = 500  # of one rendering
SPEAKER = "^([^_]+)_"  # as the files below are named


def grow(
    yaml: Path, overrides: Sequence[Override], times: Sequence[int], folder: Path
) -> dict[str, float]:
    """Return the cost of a clip, and the memory, for corpora of several sizes.

    The corpora are renderings of `synthetic` by as many seeds, each with ten speakers of its own;
    the smaller lies in the larger. Each is begun twice: with the audio cache empty, and filled.

    Args:
        yaml: the experiment.
        overrides: of its keys.
        times: sizes, as multiples of 500 clips, in ascending order.
        folder: where all lies.
    """
    figures, done = {}, 0
    for many in times:
        for seed in range(done, many):
            render(seed, folder / "corpus")
        done = many
        keys = {
            "dataset": "folders", "data_folder": folder / "corpus", "protocol": "by_speaker",
            "dataset_options.speaker": SPEAKER, "cache_folder": folder / f"cache{many}",
            "allow_copies": True,  # of so many tones some are alike by chance
        }  # fmt: skip
        flags = [f"--{key}={value}" for key, value in [*overrides, *keys.items()]]
        empty, filled = (
            start([str(yaml), *flags], folder / f"run{many}_{again}") for again in range(2)
        )
        clips = many * CLIPS
        figures |= {
            f"{clips} clips, first start, ms a clip": 1000 * empty.seconds / clips,
            f"{clips} clips, second start, ms a clip": 1000 * filled.seconds / clips,
            f"{clips} clips, an epoch, ms a clip": 1000 * filled.epoch / clips,
            f"{clips} clips, peak memory, MiB": filled.memory,
            f"{clips} clips, memory but for mapped files, MiB": filled.own,
        }
    return figures


def render(seed: int, folder: Path) -> None:
    """Render `synthetic` by a seed into a folder for each label, its speakers renamed by it."""
    corpus, place = get_dataset("synthetic", seed=seed), folder.with_name(f"rendering{seed}")
    corpus.obtain(place)
    for clip in corpus.read(place):
        target = folder / clip.label / f"{clip.speaker}x{seed}_{clip.id}.wav"
        target.parent.mkdir(parents=True, exist_ok=True)
        (place / clip.path).rename(target)
