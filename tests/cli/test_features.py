"""A table of features has what training hears, a row a clip or a frame, whole or not at all."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from places import ROOT
from pyarrow import parquet

from ser_plugins import make_features
from ser_plugins.cli import features
from ser_plugins.core import registry
from ser_plugins.core.front_end import FrontEnd

FACTS = ["id", "path", "label", "speaker", "sex"]
NAMES = make_features("mfcc").names

STRANGE = """
import torch
from ser_plugins import hookimpl

class Level(torch.nn.Module):
    hop, n_features = 8000, 2

    def __init__(self, breaks_at=10**9, names=None):
        super().__init__()
        self.left = breaks_at
        if names:
            self.names = names

    def forward(self, wavs, lengths):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return wavs.abs().amax().expand(1, 1 + wavs.shape[1] // self.hop, 2), lengths

@hookimpl
def ser_features():
    return {"level": Level}
"""


@pytest.fixture
def write(toy_folder):
    """Write a table of the tones; return its columns, as words and numbers."""

    def run(*extra, name="table.csv"):
        place = ("--plugins", str(ROOT / "tests" / "toy.py"), "--data_folder", str(toy_folder))
        assert features.main([name, "--dataset", "toy", "--device", "cpu", *place, *extra]) == 0
        return read(name)

    return run


def read(name):
    """The columns of a table."""
    if name.endswith(".parquet"):
        table = parquet.read_table(name)
        return {column: table[column].to_numpy() for column in table.column_names}
    with Path(name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    types = {key: None if key in FACTS else np.float32 for key in rows[0]}
    return {key: np.array([row[key] for row in rows], types[key]) for key in types}


@pytest.fixture
def strange(tmp_path):
    """Plugins: the tones, and features that break or are named as one likes."""
    path = tmp_path / "strange.py"
    path.write_text(STRANGE)
    yield ("--plugins", f"[{ROOT / 'tests' / 'toy.py'}, {path}]", "--features", "level")
    registry.default.cache_clear()


def heard(toy_folder, path, trim_db=35, level="peak", name="mfcc", **options):
    """A clip's frames, made here, and the first sample that was not trimmed."""
    wav = soundfile.read(toy_folder / path, dtype="float32")[0]
    front_end = FrontEnd(16000, trim_db, level)
    cut = torch.from_numpy(front_end(wav))[None]
    frames = make_features(name, **options)(cut, torch.ones(1))[0][0].numpy()
    return frames, front_end.measure(wav)[0]


def test_a_clip_is_a_row_of_means_and_deviations(write, toy_folder, caplog):
    found = write()
    assert list(found) == [*FACTS, *(f"{n}_{s}" for s in ("mean", "std") for n in NAMES)]
    assert len(set(found["id"])) == 72 and "72 rows, one a clip, of 85 columns" in caplog.text
    i = list(found["id"]).index("3_sad_2")
    assert [found[fact][i] for fact in FACTS[1:]] == ["s3/3_sad_2.wav", "sad", "3", "female"]
    frames, _ = heard(toy_folder, "s3/3_sad_2.wav")
    assert [found[f"{n}_mean"][i] for n in NAMES] == pytest.approx(frames.mean(0), rel=1e-4)
    assert [found[f"{n}_std"][i] for n in NAMES] == pytest.approx(frames.std(0), rel=1e-4)


def test_a_frame_is_a_row_with_its_time(write, toy_folder, caplog):
    found = write("--frames", "--features_options.deltas", "1")
    assert list(found)[:6] == [*FACTS, "time"] and list(found)[-1] == "mfcc_39_delta"
    assert f"{len(found['id'])} rows, one a frame" in caplog.text
    mine = found["id"] == "0_angry_1"
    frames, _ = heard(toy_folder, "s0/0_angry_1.wav", deltas=1)
    columns = np.stack([found[name][mine] for name in list(found)[6:]], 1)
    assert np.array_equal(columns, frames)
    assert found["time"][mine] == pytest.approx(np.arange(len(frames)) / 100)


def test_times_are_of_the_clip_before_it_was_trimmed(write, tmp_path):
    wav = 0.3 * np.sin(np.arange(8000) / 5)
    soundfile.write(tmp_path / "x.wav", np.concatenate([np.zeros(16000), wav]), 16000)
    (tmp_path / "mine.csv").write_text("path,label\nx.wav,sad\n")
    place = ("--dataset", "table", "--data_folder", str(tmp_path))
    found = write("--frames", *place, "--features", "handcrafted", "--features_options.hop", "160")
    loud = found["time"][found["rms"] > 0.9 * found["rms"].max()]
    assert found["time"][0] == pytest.approx(1 - 0.08)
    assert 1 <= loud[0] <= 1.07 and found["time"][-1] == pytest.approx(1.5)


def test_the_front_end_is_that_of_the_keys(write, toy_folder):
    keys = ("--trim_db", "null", "--level", "rms", "--features", "log_mel")
    found = write(*keys)
    frames, _ = heard(toy_folder, found["path"][7], None, "rms", "log_mel")
    assert found["log_mel_5_mean"][7] == pytest.approx(frames[:, 5].mean(), rel=1e-4)


def test_other_rates_are_resampled_to(write):
    frames = len(write("--frames")["id"])
    assert len(write("--frames", "--sample_rate", "8000")["id"]) == pytest.approx(
        frames / 2, rel=0.02
    )


def test_one_vector_a_clip_is_written_as_it_is(write):
    found = write("--features", "egemaps")
    assert list(found) == [*FACTS, *make_features("egemaps").names]
    pitch = found["F0semitoneFrom27.5Hz_sma3nz_percentile50.0"]
    for label, hertz in {"sad": 150, "neutral": 300, "angry": 600}.items():
        expected = 12 * np.log2((hertz + 14) / 27.5)
        assert np.median(pitch[found["label"] == label]) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("extra", [(), ("--frames",)])
def test_parquet_has_what_csv_has(write, extra, monkeypatch):
    monkeypatch.setattr("ser_plugins.core.tables.GROUP", 1000)
    wanted, found = write(*extra), write(*extra, name="table.parquet")
    assert list(found) == list(wanted)
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)
    assert found["mfcc_0" if extra else "mfcc_0_mean"].dtype == np.float32
    # In pieces: memory does not grow with the corpus.
    assert parquet.ParquetFile("table.parquet").num_row_groups == (5 if extra else 1)


def test_names_are_numbers_where_there_are_none(write, strange):
    assert list(write(*strange))[5:] == [
        "level_0_mean",
        "level_1_mean",
        "level_0_std",
        "level_1_std",
    ]


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_what_is_interrupted_leaves_the_old_table(write, strange, tmp_path, name):
    (tmp_path / name).write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write(*strange, "--features_options.breaks_at", "10", name=name)
    assert (tmp_path / name).read_text() == "old"
    assert not list(tmp_path.glob("*.part"))


def test_files_that_are_missing_are_refused_or_told(write, tmp_path, refused, caplog):
    wav = np.sin(np.arange(8000) / 9)
    folder = tmp_path / "few" / "s0"
    folder.mkdir(parents=True)
    soundfile.write(folder / "0_sad_0.wav", wav, 16000)
    few = ("--data_folder", str(tmp_path / "few"))
    toy = ("--dataset", "toy", "--plugins", str(ROOT / "tests" / "toy.py"))
    assert "1 of 72 recordings" in refused(features.main, "x.csv", *toy, *few)
    assert not (tmp_path / "x.csv").exists()
    assert len(write(*few, "--allow_partial", "True")["id"]) == 1
    assert "1 of 72 recordings" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x.xlsx", "--dataset", "toy"], ".csv or .parquet"),
        (["x", "--dataset", "toy"], ".csv or .parquet"),
        (["x.csv"], "--dataset"),
        (["--dataset", "toy"], "required: table"),
        ([".", "--dataset", "toy"], "must end in"),
        (["x.csv", "--dataset", "toy", "--features", "mfc"], "did you mean 'mfcc'"),
        (["x.csv", "--dataset", "toy", "--features_options.delta", "1"], "did you mean 'deltas'"),
        (["x.csv", "--dataset", "toy", "--level", "loud"], "level must be one of"),
        (["x.csv", "--dataset", "toy", "--features", "egemaps", "--frames"], "leave --frames out"),
        (["x.csv", "--dataset", "toy", "--model", "cnn_bigru"], "unrecognized"),
        (["x.csv", "--dataset", "toy", "--feature_option.a", "1"], "mean '--features_options.a'?"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, words, refused):
    assert words in refused(features.main, *arguments)


@pytest.mark.parametrize("names", ["[a]", "[a, a]", "[a, time]"])
def test_columns_that_cannot_be_told_apart_are_refused(names, strange, refused):
    keys = ("--dataset", "toy", *strange, "--frames", "--features_options.names", names)
    assert "must name its 2 columns apart" in refused(features.main, "x.csv", *keys)


def test_a_table_that_cannot_be_written_is_refused_before_the_work(tmp_path, refused, monkeypatch):
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refused(features.main, "folder.csv", "--dataset", "toy")
    (tmp_path / "file").touch()
    assert "cannot be written" in refused(features.main, "file/x.csv", "--dataset", "toy")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    message = refused(features.main, "x.parquet", "--dataset", "toy")
    assert "pip install '.[parquet]'" in message
