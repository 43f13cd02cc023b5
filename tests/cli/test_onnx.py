"""The commands that hear take an exported graph where torch is not installed."""

import csv
import json
import os
import subprocess
import sys

import pytest
import soundfile
from places import ROOT
from speech_sounds import RATE, talk, write_system

from ser_plugins.core import bundle as bundles
from ser_plugins.core.inference import EmotionClassifier

pytest.importorskip("onnx", reason="needs onnx")


def without_torch(command, *arguments):
    """Run a command where torch cannot be imported; return its standard output."""
    code = (
        f"import sys; sys.modules['torch'] = None; from ser_plugins.cli import {command} as c; "
        "c.run()"
    )
    words = [sys.executable, "-c", code, *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_predict_and_listen_agree_on_a_graph_without_torch(voices, tmp_path):
    from ser_plugins.core.graphs.export import export

    folder = write_system(tmp_path / "bundle")
    (tmp_path / "x.onnx").write_bytes(export(bundles.read(folder)))
    soundfile.write("talk.wav", talk(voices)[0], RATE)
    (row,) = csv.DictReader(without_torch("predict", "x.onnx", "talk.wav").splitlines())
    heard = without_torch("listen", "x.onnx", "--file", "talk.wav", "--once", "9", "--json")
    found = json.loads(heard)
    assert found["model"] == row["model"] and found["label"] == row["label"]
    assert found["scores"] == pytest.approx({name: float(row[name]) for name in found["scores"]})
    expected = EmotionClassifier.from_pretrained(folder).predict("talk.wav")
    assert found["scores"] == pytest.approx(expected.scores, abs=1e-2)
    live = without_torch("listen", "x.onnx", "--file", "talk.wav", "--vad", "energy", "--json")
    assert len(live.splitlines()) == 2
