"""The one place where a test part is heard: once the reading is on record."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import ledger, protocols, scoring
from .bundle import Bundle
from .data import ClipDataset
from .manifest import Row
from .prepare import Material
from .scoring import Scored
from .writing import write_json


def read_test(
    material: Material,
    rows: Sequence[Row],
    bundle: Bundle,
    hparams: Mapping[str, Any],
    run: Path,
    device: str,
    note: Path | None = None,
) -> tuple[list[Scored], int]:
    """Record a reading of the test part in the ledgers, then predict its clips.

    Args:
        material: whose test part is read.
        rows: of the test part, those that count.
        bundle: the trained system of the chosen epoch.
        hparams: `ledger` and `batch_size`.
        run: the run folder, for the ledger.
        device: where to predict.
        note: file of the run that holds when these weights were first to read this part. A run
            that is killed while it reads, and started again, gives the same weights the same
            clips: nothing can be learnt from that, so it is one reading. Without, each is new.

    Returns:
        Predictions in the order of the rows, and how often this test part has been read.

    Raises:
        InputError: if the reading cannot be recorded; nothing is read then.
    """
    time = _first_time(note, bundle, material) if note else None
    readings = ledger.record_reading(Path(hparams["ledger"]), material, run, time)
    clips = ClipDataset(rows, material.clips.unlock(), bundle.front_end, bundle.labels)
    found = scoring.predict(bundle, clips, hparams["batch_size"], device)
    return scoring.join(rows, found, bundle.labels), readings


def _first_time(note: Path, bundle: Bundle, material: Material) -> str:
    """Return when these weights were first to read this part, noted before any ledger says so."""
    reading = {
        "weights": bundle.digest,
        "test_part": protocols.clips_hash(material.parts["test"]),
    }
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
        if {key: noted[key] for key in reading} == reading:
            return str(noted["time"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass  # none, or none that can be relied on: it counts as a new reading
    time = ledger.now()
    write_json(note, {**reading, "time": time})
    return time
