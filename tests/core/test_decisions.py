"""Decisions are the same numbers as a line, JSON or CSV, and only final ones are told."""

import csv
import json
from datetime import datetime

import numpy as np
import pytest
from speech_sounds import RATE, noise

from ser_plugins.core.errors import InputError
from ser_plugins.core.inference import Prediction
from ser_plugins.core.live.condition import Condition
from ser_plugins.core.live.decisions import DecisionLog, Lines, as_json, bar, table

FOUND = Prediction("sad", {"angry": 0.25, "sad": 0.75}, 1.5, "mic", 2.0, "clipped")


def test_json_is_one_line_with_all_that_is_known():
    told = json.loads(as_json(FOUND, 3))
    assert datetime.fromisoformat(told.pop("time")).tzinfo
    assert told == {
        "start": 2.0, "stop": 3.5, "label": "sad", "score": 0.75, "note": "clipped",
        "overruns": 3, "scores": {"angry": 0.25, "sad": 0.75},
    }  # fmt: skip
    assert "\n" not in as_json(FOUND, 0)


def test_a_log_goes_on_where_it_ended(tmp_path):
    for overruns in (0, 2):
        DecisionLog(tmp_path / "log.csv", ("angry", "sad")).add(FOUND, overruns)
    rows = list(csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8")))
    assert [row["overruns"] for row in rows] == ["0", "2"]
    for row in rows:
        assert datetime.fromisoformat(row["time"]).tzinfo
        assert (row["label"], row["sad"], row["stop"]) == ("sad", "0.75", "3.5")


def test_a_log_of_another_system_is_left_alone(tmp_path):
    DecisionLog(tmp_path / "log.csv", ("angry", "sad"))
    before = (tmp_path / "log.csv").read_text()
    with pytest.raises(InputError, match="other columns"):
        DecisionLog(tmp_path / "log.csv", ("happy", "sad"))
    assert (tmp_path / "log.csv").read_text() == before
    (tmp_path / "notes").write_bytes(b"\xff\xfe")
    for path in (tmp_path, tmp_path / "notes", tmp_path / "notes" / "log.csv"):
        with pytest.raises(InputError, match="--log"):
            DecisionLog(path, ("angry", "sad"))


def test_the_table_has_the_highest_score_first():
    first, *rows = table(FOUND).splitlines()
    assert first == "sad, 1.5 s, clipped"
    assert [row.split()[:2] for row in rows] == [["sad", "75"], ["angry", "25"]]
    assert rows[0].count("█") == 18 == 3 * rows[1].count("█")
    assert bar(0) == "" and len(bar(1)) == 24


@pytest.mark.parametrize("in_json", [False, True])
def test_only_what_has_ended_is_a_line(capsys, in_json):
    lines = Lines("ears", in_json)
    lines.decide(FOUND, ended=False)
    assert capsys.readouterr().out == ""
    lines.decide(FOUND, ended=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert "sad" in line and "clipped" in line


def test_what_is_wrong_is_said_once(caplog, capsys):
    lines, condition = Lines("ears", in_json=True), Condition(RATE)
    for i in range(20):
        condition.add(noise(0.5, -70, seed=i), speaking=False)
        lines.hear(condition, overruns=i // 10)
    assert [m.split(":")[0] for m in caplog.messages] == ["ears", "too quiet", "overruns"]
    condition.add(np.clip(noise(1, 0), -0.1, 0.1), speaking=True)
    lines.hear(condition, overruns=1)
    assert "clipping" in caplog.messages[-1] and capsys.readouterr().out == ""
