"""Each reading of a test part is written down, and counted over all runs."""

import pytest

from ser_plugins.core import ledger, lockbox
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


def test_neither_a_new_folder_nor_another_ledger_begins_to_count_anew(run_toy, tmp_path):
    import json

    def readings(run):
        return json.loads((run / "scores.json").read_text())["test_readings"]

    assert readings(run_toy(folder="one")) == 1
    assert readings(run_toy("--ledger=other.csv", folder="two")) == 2
    assert readings(run_toy("--ledger=third.csv", "--seed=5", folder="three")) == 3
    assert len((tmp_path / "own_ledger.csv").read_text().splitlines()) == 1 + 3


def test_a_test_clip_cannot_be_heard_outside_the_one_place():
    clips = lockbox.Lockbox({"a": 1, "b": 2}, {"b"})
    assert clips["a"] == 1
    with pytest.raises(lockbox.LockedError, match="reading.read_test"):
        clips["b"]


def test_a_run_hears_no_test_clip_until_the_reading_is_on_record(run_toy, monkeypatch):
    from ser_plugins.core import reading

    class Stopped(BaseException):
        pass

    def stop(*_):
        raise Stopped

    monkeypatch.setattr(reading.ledger, "record_reading", stop)
    monkeypatch.setattr(reading, "ClipDataset", None)
    with pytest.raises(Stopped):
        run_toy()
