"""Decisions are the same numbers as a line, JSON or CSV, and only final ones are told."""

import csv
import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from speech_sounds import RATE, noise

from ser_plugins.core.errors import InputError
from ser_plugins.core.live.condition import Condition
from ser_plugins.core.live.decisions import DecisionLog, Lines, as_json, bar, line, table
from ser_plugins.core.prediction import Prediction

MODEL = "flute-0a1b2c3d"
FOUND = Prediction("sad", {"angry": 0.25, "sad": 0.75}, 1.5, "mic", 2.0, "clipped")
FAILED = Prediction("", {}, 0.0, "mic", 2.0, error="the model gives no number")


def test_json_is_one_line_with_all_that_is_known():
    told = json.loads(as_json(FOUND, MODEL, 3))
    assert datetime.fromisoformat(told.pop("time")).tzinfo
    assert told == {
        "start": 2.0, "stop": 3.5, "label": "sad", "score": 0.75, "note": "clipped",
        "error": "", "model": MODEL, "overruns": 3, "scores": {"angry": 0.25, "sad": 0.75},
    }  # fmt: skip
    assert "\n" not in as_json(FOUND, MODEL, 0)
    third = replace(FOUND, scores={"angry": 1 / 3, "sad": 2 / 3})
    told = json.loads(as_json(third, MODEL, 0))
    assert told["score"] == 0.6666667
    assert told["scores"] == {"angry": 0.3333333, "sad": 0.6666667}


def test_a_failure_is_no_note_and_has_no_score(tmp_path):
    told = json.loads(as_json(FAILED, MODEL, 0))
    assert (told["error"], told["note"], told["score"]) == (FAILED.error, "", None)
    DecisionLog(tmp_path / "log.csv", ("angry", "sad"), MODEL).add(FAILED, 0)
    (row,) = csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8"))
    assert (row["error"], row["note"], row["score"], row["sad"]) == (FAILED.error, "", "", "")
    assert line(FAILED).endswith("s  the model gives no number")


def test_a_log_goes_on_where_it_ended(tmp_path):
    for overruns in (0, 2):
        DecisionLog(tmp_path / "log.csv", ("angry", "sad"), MODEL).add(FOUND, overruns)
    rows = list(csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8")))
    assert [row["overruns"] for row in rows] == ["0", "2"]
    for row in rows:
        assert datetime.fromisoformat(row["time"]).tzinfo
        assert (row["label"], row["sad"], row["stop"]) == ("sad", "0.75", "3.5")
        assert row["model"] == MODEL


def test_a_log_of_another_system_is_left_alone(tmp_path):
    DecisionLog(tmp_path / "log.csv", ("angry", "sad"), MODEL)
    before = (tmp_path / "log.csv").read_text()
    with pytest.raises(InputError, match="other columns"):
        DecisionLog(tmp_path / "log.csv", ("happy", "sad"), MODEL)
    assert (tmp_path / "log.csv").read_text() == before
    (tmp_path / "notes").write_bytes(b"\xff\xfe")
    for path in (tmp_path, tmp_path / "notes", tmp_path / "notes" / "log.csv"):
        with pytest.raises(InputError, match="--log"):
            DecisionLog(path, ("angry", "sad"), MODEL)


def test_the_table_has_the_highest_score_first():
    first, *rows = table(FOUND).splitlines()
    assert first == "sad, 1.5 s, clipped"
    assert [row.split()[:2] for row in rows] == [["sad", "75"], ["angry", "25"]]
    assert rows[0].count("█") == 18 == 3 * rows[1].count("█")
    assert bar(0) == "" and len(bar(1)) == 24


@pytest.mark.parametrize("model", [None, MODEL])
def test_only_what_has_ended_is_a_line(capsys, model):
    lines = Lines("ears", model)
    lines.decide(FOUND, ended=False)
    assert capsys.readouterr().out == ""
    lines.decide(FOUND, ended=True)
    (said,) = capsys.readouterr().out.splitlines()
    assert "sad" in said and "clipped" in said and (MODEL in said) == bool(model)


def test_what_is_wrong_is_said_once(caplog, capsys):
    lines, condition = Lines("ears", MODEL), Condition(RATE)
    for i in range(20):
        condition.add(noise(0.5, -70, seed=i), speaking=False)
        lines.hear(condition, overruns=i // 10)
    assert [m.split(":")[0] for m in caplog.messages] == ["ears", "too quiet", "overruns"]
    condition.add(np.clip(noise(1, 0), -0.1, 0.1), speaking=True)
    lines.hear(condition, overruns=1)
    assert "clipping" in caplog.messages[-1] and capsys.readouterr().out == ""
