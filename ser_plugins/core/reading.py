"""The one place where a test part is heard: once the reading is on record."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import ledger, scoring
from .bundle import Bundle
from .data import ClipDataset
from .manifest import Row
from .prepare import Material
from .scoring import Scored


def read_test(
    material: Material,
    rows: Sequence[Row],
    bundle: Bundle,
    hparams: Mapping[str, Any],
    run: Path,
    device: str,
) -> tuple[list[Scored], int]:
    """Record a reading of the test part in the ledgers, then predict its clips.

    Args:
        material: whose test part is read.
        rows: of the test part, those that count.
        bundle: the trained system of the chosen epoch.
        hparams: `ledger` and `batch_size`.
        run: the run folder, for the ledger.
        device: where to predict.

    Returns:
        Predictions in the order of the rows, and how often this test part has been read.

    Raises:
        InputError: if the reading cannot be recorded; nothing is read then.
    """
    readings = ledger.record_reading(Path(hparams["ledger"]), material, run)
    clips = ClipDataset(rows, material.clips.unlock(), bundle.front_end, bundle.labels)
    found = scoring.predict(bundle, clips, hparams["batch_size"], device)
    return scoring.join(rows, found, bundle.labels), readings
