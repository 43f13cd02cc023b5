"""Each reading of a test part is written down, and counted over all runs."""

import json

import pytest

from ser_plugins.core import ledger, lockbox, protocols
from ser_plugins.core.errors import InputError


def reading(part="x", **facts):
    return ledger.Reading("toy", "p", "abc", "1", part)._replace(**facts)


def test_readings_are_counted_by_the_clips_that_were_heard(tmp_path):
    path = tmp_path / "results" / "readings.csv"

    def read(part="x", run="r1", **facts):
        return ledger.record(path, reading(part, **facts), tmp_path / run)

    found = [read(), read(run="r2"), read("y"), read(protocol="custom"), read(dataset="mix")]
    assert found == [1, 2, 1, 3, 4]
    assert len(path.read_text().splitlines()) == 1 + 5


def test_a_run_that_was_killed_while_it_read_counts_once(tmp_path):
    path = tmp_path / "readings.csv"
    times = ["2026-01-01", "2026-01-02"]
    found = [ledger.record(path, reading(), tmp_path / "a", times[0])]
    found += [ledger.record(path, reading(), tmp_path / "b", times[0])]
    found += [ledger.record(path, reading(), tmp_path / run, times[0]) for run in "ab"]
    found += [ledger.record(path, reading(), tmp_path / "a", times[1])]
    assert found == [1, 2, 1, 2, 3]


def test_without_a_time_each_reading_is_new(tmp_path):
    found = [ledger.record(tmp_path / "readings.csv", reading(), tmp_path) for _ in range(3)]
    assert found == [1, 2, 3]


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_ledger_that_was_cut_goes_on_in_a_line_of_its_own(tmp_path, kept, end):
    """After an editor or a full disk took the last line break."""
    path = tmp_path / "readings.csv"
    for _ in range(2):
        ledger.record(path, reading(), tmp_path)
    lines = path.read_text().splitlines()[: kept + 1]
    path.write_text("\n".join(lines) + end)
    assert [ledger.record(path, reading(), tmp_path) for _ in range(2)] == [kept + 1, kept + 2]
    assert len(path.read_text().splitlines()) == kept + 3


def test_the_clips_are_the_same_at_any_rate_and_with_any_label():
    rows = [
        {"id": "a", "seconds": 1.0, "label": "sad"},
        {"id": "b", "seconds": 2.0, "label": "sad"},
    ]
    other = [{**row, "label": "low", "seconds": row["seconds"] + 0.0001} for row in rows[::-1]]
    assert protocols.clips_hash(rows) == protocols.clips_hash(other)
    longer = [rows[0], {**rows[1], "seconds": 2.5}]
    assert len({protocols.clips_hash(some) for some in (rows, rows[:1], longer)}) == 3


def test_a_ledger_that_cannot_be_written_stops_the_reading(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="--ledger"):
        ledger.record(tmp_path / "file" / "readings.csv", reading(), tmp_path)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00", None])
def test_what_is_no_ledger_is_refused_before_anything_is_trained(
    content, run_toy, refused, tmp_path, monkeypatch
):
    path = tmp_path / "bad.csv"
    path.mkdir() if content is None else path.write_bytes(content)
    assert "bad.csv" in refused(lambda _: run_toy("--ledger=bad.csv"), "")
    monkeypatch.setenv("SER_PLUGINS_LEDGER", str(path))
    assert "SER_PLUGINS_LEDGER" in refused(lambda _: run_toy(), "")
    assert not (tmp_path / "run").exists()


def test_neither_a_new_folder_nor_another_ledger_begins_to_count_anew(run_toy, tmp_path):
    def readings(run):
        return json.loads((run / "scores.json").read_text())["test_readings"]

    assert readings(run_toy(folder="one")) == 1
    assert readings(run_toy("--ledger=other.csv", folder="two")) == 2
    assert readings(run_toy("--ledger=third.csv", "--seed=5", folder="three")) == 3
    assert len((tmp_path / "own_ledger.csv").read_text().splitlines()) == 1 + 3


def test_a_test_clip_cannot_be_heard_outside_the_one_place():
    clips = lockbox.Lockbox({"a": 1, "b": 2}, {"b"})
    assert clips["a"] == 1 and clips.unlock()["b"] == 2
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


def again(run, change):
    """Forget the scores of a complete run, as a kill before they are written would."""
    (run / "scores.json").unlink()
    note = run / "test_reading.json"
    noted = json.loads(note.read_text())
    note.write_text(json.dumps(noted | change))
    return run


@pytest.mark.parametrize(("change", "readings"), [({}, 1), ({"weights": "others"}, 2)])
def test_the_same_weights_on_the_same_clips_are_one_reading(run, run_toy, change, readings):
    again(run, change)
    assert json.loads((run_toy() / "scores.json").read_text())["test_readings"] == readings


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_note_that_cannot_be_read_counts_as_none(run, run_toy, content):
    (again(run, {}) / "test_reading.json").write_text(content)
    assert json.loads((run_toy() / "scores.json").read_text())["test_readings"] == 2
