"""The command writes a graph that was compared with its original, or nothing."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

from ser_plugins import EmotionClassifier
from ser_plugins.cli import export
from ser_plugins.core import bundle as bundles


@pytest.fixture
def folder(tmp_path, small_bundle):
    """A run folder, as far as an export looks into it."""
    bundle = small_bundle(["sad", "angry"], model="pooled_linear")
    bundles.write(tmp_path / "run" / "bundle", bundle)
    return tmp_path / "run"


@pytest.fixture
def clips(tmp_path):
    for i, rate in enumerate((16000, 44100, 8000)):
        wav = 0.1 * np.random.default_rng(i).standard_normal((rate // 2, 1 + i))
        (tmp_path / "clips" / "deep").mkdir(parents=True, exist_ok=True)
        place = tmp_path / "clips" / "deep" if i else tmp_path / "clips"
        soundfile.write(place / f"{i}.{'flac' if i else 'wav'}", wav, rate)
    return tmp_path / "clips"


def test_it_writes_a_system_that_predicts_as_the_run(folder, clips, caplog):
    assert export.main([str(folder), "new/x.onnx", "--clips", str(clips), f"{clips}/0.wav"]) == 0
    assert "decide otherwise in 0 of 3 recordings" in caplog.text
    assert "written: new/x.onnx" in caplog.text
    graph, run = map(EmotionClassifier.from_pretrained, ("new/x.onnx", folder))
    for path in clips.rglob("*.*"):
        assert graph.predict(path).scores == pytest.approx(run.predict(path).scores, abs=1e-5)


def test_recordings_of_one_name_are_all_compared(folder, clips, caplog):
    soundfile.write(clips / "deep" / "0.wav", np.random.default_rng(9).standard_normal(8000), 16000)
    assert export.main([str(folder), "x.onnx", "--clips", str(clips)]) == 0
    assert "of 4 recordings" in caplog.text


def test_sounds_are_made_where_no_recordings_are_named(folder, caplog):
    assert export.main([str(folder / "bundle"), "x.onnx"]) == 0
    assert "of 25 sounds that were made for it" in caplog.text


def test_a_graph_that_is_not_the_original_is_not_written(folder, tmp_path, caplog):
    (tmp_path / "x.onnx").write_text("old")
    assert export.main([str(folder), "x.onnx", "--tolerance", "1e-15"]) == 1
    assert "more than --tolerance 1e-15: nothing is written" in caplog.text
    assert (tmp_path / "x.onnx").read_text() == "old"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "required: OUT"),
        (["run", "x.pt"], "ends in .onnx"),
        (["x.onnx", "y.onnx"], "is an export already"),
        (["nothing", "x.onnx"], "is no folder"),
        (["run", "x.onnx", "--tolerance", "0"], "above 0"),
        (["run", "x.onnx", "--tolerance", "nan"], "above 0"),
        (["run", "x.onnx", "--clips", "none.wav"], "there is no such file"),
        (["run", "x.onnx", "--clips", "empty"], "holds no sound that can be read"),
        (["run", "file/x.onnx"], "cannot be written"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, words, folder, tmp_path, refused):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert words in refused(export.main, *arguments)
    assert not (tmp_path / "x.onnx").exists()


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'onnx', 'onnxruntime', 'tqdm'}"
    code = f"import sys, ser_plugins.cli.export; print(*{heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
