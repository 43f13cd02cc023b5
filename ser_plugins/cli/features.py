"""Write the features of a corpus as a table, one row a clip or one a frame.

ser-features means.csv --dataset ravdess --data_folder /data/RAVDESS
ser-features frames.parquet --frames --dataset synthetic --features mfcc --features_options.deltas 1

A clip's row holds its id, path, label, speaker and sex, and the mean and the standard deviation of
each feature over its frames; or, where the features give one vector a clip, that vector. A frame's
row has the time of its middle in place of statistics: seconds from the beginning of the clip,
before its ends were trimmed. Unless told otherwise clips are heard as in hparams/cnn_bigru.yaml:
at 16 kHz, trimmed by 35 dB and scaled to their peak. The file's ending says the format: .csv or
.parquet. Of a source checkout: python tools/features.py …
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ser_plugins.core.audio import Wav
from ser_plugins.core.build import make_features
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import CorpusError, OptionError
from ser_plugins.core.findings import notes, refuse
from ser_plugins.core.front_end import FrontEnd
from ser_plugins.core.prepare import Source, open_source
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.tables import check_table, open_table

log = logging.getLogger("ser_plugins.features")

FACTS = ("id", "path", "label", "speaker", "sex")
DEFAULTS: Mapping[str, Any] = {
    "dataset_options": {},
    "data_folder": None,
    "allow_partial": False,
    "plugins": [],
    "sample_rate": 16000,
    "trim_db": 35,
    "level": "peak",
    "features": "mfcc",
    "features_options": {},
    "device": "auto",
    "cache_folder": None,
}


def main(arguments: Sequence[str]) -> int:
    """Write the table that the command line describes."""
    parser = Parser(__doc__, ("dataset", *DEFAULTS))
    parser.add_argument("table", type=Path, help="the file to write, .csv or .parquet")
    parser.add_argument("--frames", action="store_true", help="one row a frame, not one a clip")
    found, given = parser.read(arguments)
    if "dataset" not in given:
        raise OptionError("name a corpus with --dataset, and its folder with --data_folder")
    hparams = {**DEFAULTS, **given}
    check_table(found.table)
    use_plugins(*hparams["plugins"])
    extractor = Extractor(hparams, found.frames)
    source = open_source(hparams)
    refuse(source.folder.findings, CorpusError)
    for note in notes(source.folder.findings):
        log.info("%s", note)
    rows = write(found.table, source, extractor)
    each = "frame" if found.frames else "clip"
    log.info("%d rows, one a %s, of %d columns", rows, each, len(FACTS) + len(extractor.columns))
    log.info("written to %s", found.table)
    return 0


def run() -> None:
    """Run as a command."""
    run_command(main)


class Extractor:
    """From the samples of a clip to the numbers of its rows.

    Args:
        hparams: the keys of the front end, the features and the device.
        by_frame: whether there is a row a frame.

    `columns` are their names.

    Raises:
        OptionError: for features whose columns cannot be told apart, or that have no frames.
    """

    def __init__(self, hparams: Mapping[str, Any], by_frame: bool):
        from ser_plugins.core.devices import choose_device  # imports torch

        self.rate, self.by_frame = hparams["sample_rate"], by_frame
        self.front_end = FrontEnd(self.rate, hparams["trim_db"], hparams["level"])
        self.device = choose_device(hparams["device"])
        name = hparams["features"]
        features = make_features(name, self.rate, **hparams["features_options"])
        if by_frame and not features.hop:
            raise OptionError(f"{name} gives one vector a clip: leave --frames out")
        self.features = features.to(self.device).eval()
        self.columns = self.name_columns(name)

    def name_columns(self, name: str) -> list[str]:
        """Return the names of the numbers of a row."""
        size = self.features.n_features
        own = list(getattr(self.features, "names", [f"{name}_{i}" for i in range(size)]))
        if self.by_frame:
            columns = ["time", *own]
        elif self.features.hop:
            columns = [f"{column}_{what}" for what in ("mean", "std") for column in own]
        else:
            columns = own
        if len({*FACTS, *columns}) < len(FACTS) + len(columns) or len(own) != size:
            raise OptionError(
                f"{name} must name its {size} columns apart, and none of them time or "
                f"{', '.join(FACTS)}; its names are {own}"
            )
        return columns

    def __call__(self, wav: Wav) -> Wav:
        """Return the numbers of one clip `[L]`, `[rows, columns]`."""
        import torch

        first, last, gain = self.front_end.measure(wav)
        cut = torch.from_numpy(self.front_end.apply(wav, first, last, gain))
        with torch.inference_mode():
            found, _ = self.features(cut[None].to(self.device), torch.ones(1, device=self.device))
        feats = found[0].cpu().double().numpy()
        if self.by_frame:
            times = (first + self.features.hop * np.arange(len(feats))) / self.rate
            return np.column_stack([times, feats])
        if self.features.hop:
            return np.concatenate([feats.mean(0), feats.std(0)])[None]
        return feats


def write(path: Path, source: Source, extractor: Extractor) -> int:
    """Write the rows of every clip; return how many there are."""
    from tqdm import tqdm  # here: core.command says how bars end before it is loaded

    rows = 0
    with open_table(path, FACTS, extractor.columns) as table:
        for row in tqdm(source.folder.rows, desc=path.name, unit="clip", disable=None):
            numbers = extractor(source.clips[row["id"]])
            table.add([row[fact] for fact in FACTS], numbers)
            rows += len(numbers)
    return rows
