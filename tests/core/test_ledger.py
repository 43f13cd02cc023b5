"""Each reading of a test part is written down, and counted over all runs."""

import pytest

from ser_plugins.core import ledger
from ser_plugins.core.errors import InputError


def test_readings_are_counted_by_corpus_protocol_and_fold(tmp_path):
    path = tmp_path / "results" / "readings.csv"

    def read(fold=1, definition="abc", run="r1"):
        return ledger.record(path, "toy", "p", definition, fold, tmp_path / run)

    assert [read(), read(run="r2"), read(fold=2), read(definition="xyz"), read()] == [1, 2, 1, 1, 3]
    assert len(path.read_text().splitlines()) == 1 + 5


def test_a_ledger_that_cannot_be_written_stops_the_reading(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="--ledger"):
        ledger.record(tmp_path / "file" / "readings.csv", "toy", "p", "abc", 1, tmp_path)
