"""Recordings of any kind become rows, what is broken is named, and a kill loses nothing."""

import csv
import errno
import io
import json
import os
import sys
from pathlib import Path

import as_script
import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from places import ROOT, YAML

from ser_plugins import EmotionClassifier
from ser_plugins.cli import predict
from ser_plugins.core import bundle as bundles
from ser_plugins.core import timeline_picture, timelines
from ser_plugins.core.answers import table as answer_table
from ser_plugins.core.answers.file import open_answers
from ser_plugins.core.answers.forms import FORMS
from ser_plugins.core.courses import Course, Envelope
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.prediction import Prediction
from ser_plugins.core.recordings import Recording

LABELS = ["sad", "angry", "happy"]
SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]
WHOLE = ["path", "label", "score", *LABELS, "seconds", "note", "error", "model"]
WINDOWS = ["path", "start", "stop", "label", "score", *LABELS, "note", "error", "model"]


def build(folder, labels=LABELS, seed=0):
    """Write an untrained bundle whose answers differ from sound to sound."""
    import torch

    torch.manual_seed(seed)
    hparams = Experiment(YAML, SMALL).load()
    bundle = bundles.build({**bundles.make_config(hparams, labels), "temperature": 0.05})
    bundles.write(folder / "bundle", bundle)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build(tmp_path_factory.mktemp("run"))


def sound(rate=16000, seconds=1.0, hertz=300):
    """A tone that sways, alike at every rate."""
    time = np.arange(round(rate * seconds)) / rate
    return 0.5 * np.sin(2 * np.pi * hertz * time) * (0.6 + 0.4 * np.cos(2 * np.pi * 3 * time))


def write(path, rate=16000, hertz=300, **options):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound(rate, hertz=hertz), rate, **options)
    return str(path)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def written(path="out.csv"):
    return rows(Path(path).read_text(encoding="utf-8"))


def scores(row):
    return [float(row[label]) for label in LABELS]


@pytest.fixture
def heard(model, capsysbinary):
    """Predict on standard output; return the rows and the exit code."""

    def run(*arguments, code=0):
        capsysbinary.readouterr()
        assert predict.main([model, *map(str, arguments), "--device", "cpu"]) == code
        return rows(capsysbinary.readouterr().out.decode("utf-8", "surrogateescape"))

    return run


def test_a_row_is_what_the_classifier_says(heard, model):
    write("a.wav")
    (row,) = heard("a.wav")
    expected = EmotionClassifier.from_pretrained(model).predict("a.wav")
    assert list(row) == WHOLE
    assert row["label"] == expected.label and row["path"] == "a.wav" and float(row["seconds"]) == 1
    assert scores(row) == pytest.approx(list(expected.scores.values()), abs=1e-6)
    assert float(row["score"]) == max(scores(row)) and len(row["score"]) == 9


# What libsndfile writes, each told by content: AIFF is named .wav on purpose.
ODD = {
    "8-bit.wav": {"subtype": "PCM_U8"},
    "24-bit.wav": {"subtype": "PCM_24"},
    "float.wav": {"subtype": "FLOAT"},
    "double.wav": {"subtype": "DOUBLE"},
    "mulaw.au": {"subtype": "ULAW"},
    "aiff.wav": {"format": "AIFF"},
    "caf.caf": {},
    "big.W64": {},
    "free.flac": {},
    "lossy.mp3": {},
    "lossy.ogg": {"subtype": "VORBIS"},
    "speech.opus": {"format": "OGG", "subtype": "OPUS"},
    "8000.wav": {"rate": 8000},
    "44100.wav": {"rate": 44100},
    "192000.wav": {"rate": 192000},
}
CLOSE = 0.01


def test_one_sound_has_one_label_in_every_format_and_rate(heard):
    write("plain/a.wav", subtype="FLOAT")
    for name, options in ODD.items():
        write(f"odd/{name}", **options)
    (plain,) = heard("plain")
    found = {Path(row["path"]).name: row for row in heard("odd")}
    assert found.keys() == ODD.keys()
    for name, row in found.items():
        near = 10 * CLOSE if row["path"].endswith(("mp3", "ogg", "opus", "au")) else CLOSE
        assert row["label"] == plain["label"], name
        assert scores(row) == pytest.approx(scores(plain), abs=near), name
        assert float(row["seconds"]) == pytest.approx(1, abs=0.1)


def test_eight_channels_are_heard_as_their_mean(heard):
    tones = np.stack([sound(hertz=200 + 50 * i) for i in range(8)], 1)
    soundfile.write("eight.wav", tones, 16000, "FLOAT")
    soundfile.write("mean.wav", tones.mean(1), 16000, "FLOAT")
    eight, mean = heard("eight.wav", "mean.wav")
    assert scores(eight) == pytest.approx(scores(mean), abs=1e-5)


def break_files():
    """Write a file of each kind that cannot be heard; return what is said of it."""
    folder = Path("broken")
    write(folder / "a.flac")
    cut = Path(write(folder / "cut.wav"))
    cut.write_bytes(cut.read_bytes()[:10000])
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("RIFF, or so it says")
    soundfile.write(folder / "nan.wav", [0.1, np.nan] * 8000, 16000, "FLOAT")
    soundfile.write(folder / "one.wav", [0.1], 16000)
    (folder / "lfs.wav").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    os.mkfifo(folder / "pipe.wav")
    return {
        "cut.wav": "is cut off",
        "empty.wav": "0 bytes",
        "text.wav": "no sound that can be read",
        "nan.wav": "NaN",
        "one.wav": "0.1 s are needed",
        "lfs.wav": "git lfs pull",
        "pipe.wav": "a pipe",
    }


@pytest.mark.parametrize("how", [[], ["--timeline"]])
def test_what_is_broken_is_named_and_the_rest_heard(heard, caplog, how):
    expected = break_files()
    found = {Path(row["path"]).name: row for row in heard("broken", "gone.wav", *how, code=1)}
    assert found["a.flac"]["label"] in LABELS and found["a.flac"]["error"] == ""
    for name, words in {**expected, "gone.wav": "there is no such file"}.items():
        row = found[name]
        assert words in row["error"] and row["path"] not in row["error"], name
        assert row["label"] == row["score"] == row["sad"] == ""
        assert f"{row['path']}: {row['error']}" in caplog.text
    assert "1 file heard, 8 failed" in caplog.text


def test_many_failures_are_counted_on_screen_and_all_in_the_file(heard, caplog):
    names = [f"gone{i:02}.wav" for i in range(25)]
    heard(*names, "--output", "out.csv", code=1)
    assert caplog.text.count("no such file") == 20 and "and 5 more" in caplog.text
    assert [row["path"] for row in written()] == names


def test_folders_globs_and_lists_mean_the_same_files(heard, monkeypatch):
    names = ["f/a.wav", "f/b/c.FLAC", "f/b/copy/a.wav", "f/d [1].wav"]
    for name in [*names, "f/.hidden.wav", "f/.git/x.wav"]:
        write(name)
    Path("f/notes.txt").write_text("not sound")
    for given in (["f"], ["f/**"], ["f/*"], [str(Path("f").absolute())], ["~/f/**/*"]):
        monkeypatch.setenv("HOME", str(Path.cwd()))
        found = [os.path.relpath(row["path"]) for row in heard(*given)]
        assert sorted(found) == names
    for separator in ("\n", "\r\n", "\0"):
        content = (separator.join(names) + separator).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert [row["path"] for row in heard("-")] == names
    assert [row["path"] for row in heard("f/d [1].wav")] == ["f/d [1].wav"]


def test_a_file_is_heard_once_however_often_it_is_named(heard, caplog):
    write("f/a.wav")
    Path("f/link.wav").symlink_to("a.wav")
    found = heard("f/a.wav", "./f/../f/a.wav", "f", Path("f/a.wav").absolute())
    assert [row["path"] for row in found] == ["f/a.wav", "f/link.wav"]
    assert "3 files were named more than once" in caplog.text


def test_sound_that_is_not_read_is_said(heard, caplog):
    write("f/a.wav")
    Path("f/b.m4a").write_bytes(b"x")
    assert len(heard("f")) == 1
    assert "1 files that are not read, such as f/b.m4a" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there alone")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_any_name_is_written_so_that_it_is_found_again(heard, form, caplog):
    names = [
        b"line\nfeed.wav",
        b"return\r.wav",
        b'"quote", comma.wav',
        b"M\xc3\xbcde.wav",
        b"\xff.wav",
    ]
    for name in names:
        Path(write("f/plain.wav")).rename(Path("f", os.fsdecode(name)))
    heard("f", "--output", f"out.{form}")
    size = Path(f"out.{form}").stat().st_size
    caplog.clear()
    heard("f", "--output", f"out.{form}")
    assert "5 of 5 files are in" in caplog.text and Path(f"out.{form}").stat().st_size == size


def test_csv_json_and_table_say_the_same(model, capsysbinary):
    clips = [write("a.wav"), write("b.wav", hertz=700), "gone.wav"]
    said = {}
    for form in ("csv", "jsonl", "table"):
        predict.main([model, *clips, "--format", form])
        said[form] = capsysbinary.readouterr().out.decode()
    lines = [json.loads(line) for line in said["jsonl"].splitlines()]
    table = said["table"].splitlines()
    assert len(table) == 4 and table[0].split() == [
        "path",
        "label",
        "score",
        *LABELS,
        "seconds",
        "note",
    ]
    for row, line, shown in zip(rows(said["csv"]), lines, table[1:], strict=True):
        assert [row[k] for k in ("path", "label", "note", "error", "model")] == [
            line[k] for k in ("path", "label", "note", "error", "model")
        ]
        if row["error"]:
            assert line["scores"] == {} and line["score"] is None
            assert shown.split(maxsplit=1) == ["gone.wav", f"failed: {row['error']}"]
        else:
            assert list(line["scores"]) == LABELS
            assert list(line["scores"].values()) == pytest.approx(scores(row), abs=1e-7)
            expected = [
                row["path"],
                row["label"],
                *(f"{x:.2f}" for x in (max(scores(row)), *scores(row))),
            ]
            assert shown.split()[: len(expected)] == expected


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("by_window", [False, True])
def test_no_line_of_a_table_is_wider_than_the_terminal(width, by_window):
    words = "neutral calm happy sad angry fearful disgusted surprised".split()
    form = answer_table.TableForm(words, by_window, 90, width)
    long = "recordings/" + "a long folder/" * 5 + "03-01-05-01.wav"
    values = dict(zip(words, [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.72], strict=True))
    answers = [
        Prediction("surprised", values, 3.3, long, 7300.0, "too quiet"),
        Prediction("unsure", values, 599.9, "音声ファイル" * 20 + ".wav"),
        Prediction("", {}, 0.0, long, error=f"{long}: " + "no sound that can be read " * 5),
        Prediction("", {}, 0.0, "\x1b[2J\n.wav", error="\x1b[2J\n.wav: there is no such file"),
    ]
    lines = [form.heading(), *(form.line(answer) for answer in answers)]
    lines = "".join(lines).splitlines()
    assert all(answer_table.width_of(line) <= width for line in lines)
    assert len(lines) == (9 if by_window else 5) and all(map(str.isprintable, lines))
    (quiet,) = [line for line in lines if "too quiet" in line]
    assert "0.72" in quiet and ("0.07" in quiet)  # the best and at least the next
    assert ("calm" in lines[0]) == (width == 120)
    assert any(line.startswith("reco") and "03-01-05-01.wav" in line for line in lines)


def test_in_a_pipe_it_is_csv_and_in_a_terminal_a_table(model, capsysbinary, monkeypatch):
    clip = write("a.wav")
    predict.main([model, clip])
    assert capsysbinary.readouterr().out.startswith(b"path,label")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    predict.main([model, clip])
    assert capsysbinary.readouterr().out.startswith(b"path   label")


def test_below_the_threshold_it_is_unsure_and_the_scores_stay(heard):
    write("a.wav")
    (sure,), (unsure,) = heard("a.wav"), heard("a.wav", "--unsure_below", "0.999999")
    assert unsure["label"] == "unsure" and scores(unsure) == scores(sure)


@pytest.fixture
def clips():
    """Nine clips that differ, one that fails among them."""
    names = [write(f"f/{i}.wav", hertz=150 + 60 * i) for i in range(9)]
    Path("f/4.wav").write_bytes(b"")
    return names


HOW = [
    pytest.param("csv", [], id="csv"),
    pytest.param("jsonl", [], id="jsonl"),
    pytest.param("csv", ["--timeline", "--window", "0.4", "--hop", "0.2"], id="csv-windows"),
    pytest.param("jsonl", ["--timeline", "--window", "0.4", "--hop", "0.2"], id="jsonl-windows"),
]


@pytest.mark.parametrize(("form", "how"), HOW)
def test_from_any_byte_at_which_it_was_killed_it_ends_the_same(clips, heard, form, how):
    heard("f", "--output", f"whole.{form}", *how, "--batch_size", "1", code=1)
    whole = Path(f"whole.{form}").read_bytes()
    part = Path(f"part.{form}")
    for left in (0, 5, len(whole) // 3, len(whole) // 2, len(whole) - 70, len(whole) - 1):
        part.write_bytes(whole[:left])
        heard("f", "--output", part, *how, "--batch_size", "1", code=1)
        assert part.read_bytes() == whole, left
        assert {path.name for path in Path().iterdir()} == {"f", "part." + form, "whole." + form}


@pytest.mark.parametrize(("form", "how"), HOW)
def test_what_failed_is_tried_again_and_nothing_else(clips, heard, form, how, monkeypatch):
    def tried():
        names = []
        stream, windows = EmotionClassifier.stream, timelines.windows
        with monkeypatch.context() as patch:
            patch.setattr(
                EmotionClassifier,
                "stream",
                lambda c, paths: stream(c, names.extend(paths) or paths),
            )
            patch.setattr(
                timelines, "windows", lambda path, *rest: names.append(path) or windows(path, *rest)
            )
            heard("f", "--output", f"out.{form}", *how, code=0 if good else 1)
        return [path.name for path in names]

    good = False
    assert len(tried()) == 9
    before = Path(f"out.{form}").read_text().splitlines()
    assert tried() == ["4.wav"] and Path(f"out.{form}").read_text().splitlines() == before
    write("f/4.wav")
    good = True
    assert tried() == ["4.wav"] and tried() == []
    after = Path(f"out.{form}").read_text().splitlines()
    failed = next(i for i, line in enumerate(before) if "4.wav" in line)
    assert after[:failed] == before[:failed]  # in the place of the row that failed
    assert "4.wav" in after[failed] and after[failed] != before[failed]
    assert after[len(after) - len(before) + failed + 1 :] == before[failed + 1 :]


def test_a_break_in_the_middle_leaves_what_was_done(clips, model, heard, monkeypatch):
    Path("f/4.wav").unlink()
    probabilities = bundles.Bundle.probabilities

    def stop(bundle, wavs):
        stop.left -= len(wavs) == 1  # two are heard when the model is opened
        if stop.left < 0:
            raise KeyboardInterrupt
        return probabilities(bundle, wavs)

    stop.left = 4
    with monkeypatch.context() as patch:
        patch.setattr(bundles.Bundle, "probabilities", stop)
        patch.setattr("ser_plugins.core.inference.AHEAD", 2)
        with pytest.raises(KeyboardInterrupt):
            predict.main([model, "f", "--output", "out.csv", "--batch_size", "1"])
    assert len(written()) == 4
    heard("f", "--output", "out.csv", "--batch_size", "1")
    heard("f", "--output", "whole.csv", "--batch_size", "1")
    assert Path("out.csv").read_bytes() == Path("whole.csv").read_bytes()


def test_a_long_recording_that_was_cut_short_keeps_its_rows_until_it_is_heard_again(heard):
    write("a.wav"), write("b.wav", hertz=500)
    how = ["--timeline", "--window", "0.4", "--hop", "0.2"]
    heard("a.wav", "b.wav", "--output", "whole.csv", *how)
    lines = Path("whole.csv").read_text().splitlines(keepends=True)
    Path("out.csv").write_text("".join(lines[:3]))  # two of four windows of a
    heard("b.wav", "--output", "out.csv", *how)
    assert Path("out.csv").read_text().splitlines(keepends=True) == [*lines[:3], *lines[5:]]
    heard("a.wav", "b.wav", "--output", "out.csv", *how)
    assert [row["start"] for row in written()] == 2 * ["0.0", "0.2", "0.4", "0.6"]


def test_what_was_heard_is_not_lost_where_it_cannot_be_heard_again(heard):
    clip = write("a.wav")
    given = [clip, "--timeline", "--window", "0.4", "--hop", "0.2", "--output", "out.csv"]
    heard(*given)
    before = Path("out.csv").read_bytes()
    Path(clip).write_bytes(b"")
    heard(*given, "--picture", "p", code=1)  # which is not there yet
    assert Path("out.csv").read_bytes() == before


def test_files_that_are_not_asked_for_now_stay(clips, heard):
    heard("f", "--output", "out.csv", code=1)
    before = Path("out.csv").read_text()
    heard(write("more.wav"), "--output", "out.csv")
    assert Path("out.csv").read_text().startswith(before) and len(written()) == 10


def test_a_file_is_done_however_it_is_spelled_now(clips, heard, monkeypatch):
    heard("f", "--output", "out.csv", code=1)
    before = Path("out.csv").read_text().splitlines()
    monkeypatch.setenv("HOME", str(Path.cwd()))
    for spelled in (Path.cwd() / "f", "./f/../f", "~/f"):
        heard(spelled, "--output", "out.csv", code=1)
        after = Path("out.csv").read_text().splitlines()
        assert [line for line in after if "4.wav" not in line] == before[:5] + before[6:]
        assert len(after) == 10 and "4.wav" in after[5]  # which was tried again


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("by_window", [False, True])
def test_a_file_that_is_cut_at_any_byte_keeps_its_whole_rows(form, by_window):
    name = 'a "b",\nä}.wav'
    found = Prediction("sad", dict(zip(LABELS, (0.5, 0.25, 0.25), strict=True)), 1.0, name)
    failed = Prediction("", {}, 0.0, "c.wav", error="c.wav: there is no such file")
    made = FORMS[form](LABELS, "flute-01234567 unsure_below=0.5", by_window)
    rows = [made.line(one).encode() for one in (found, failed)]
    head, path = made.heading().encode(), Path(f"out.{form}")
    whole = b"".join([head, *rows])
    for left in range(len(whole)):
        path.write_bytes(whole[:left])
        with open_answers(path, made) as answers:
            assert answers.is_done(Path(name)) == (left >= len(head + rows[0]) - 1), left
            now = path.read_bytes()
        ends = [len(head), len(head + rows[0])]
        assert now == whole[: ends[1] if left >= ends[1] - 1 else ends[0]] or left == len(whole) - 1


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_last_row_without_its_newline_is_kept(heard, form):
    out = Path(f"out.{form}")
    heard(write("a.wav"), "--output", out)
    whole = out.read_bytes()
    out.write_bytes(whole.rstrip(b"\n"))
    heard(write("b.wav"), "--output", out)
    assert out.read_bytes().startswith(whole) and out.read_bytes().count(b"a.wav") == 1


def refuse(refused, out, words, *arguments):
    before = Path(out).read_bytes() if Path(out).is_file() else None
    names = sorted(Path().iterdir())
    assert words in refused(predict.main, *arguments, "--output", out)
    assert before == (Path(out).read_bytes() if Path(out).is_file() else None)
    assert sorted(Path().iterdir()) == names


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rows_of_another_model_or_of_other_settings_are_not_mixed(
    model, heard, refused, form, tmp_path
):
    clip, out = write("a.wav"), f"out.{form}"
    heard(clip, "--output", out)
    refuse(refused, out, "was written by cnn_bigru-", build(tmp_path / "other", seed=1), clip)
    refuse(refused, out, "unsure_below=0.5", model, clip, "--unsure_below", "0.5")
    other = build(tmp_path / "words", ["sad", "angry", "calm"])
    refuse(refused, out, "Name another --output" if form == "csv" else "", other, clip)
    refuse(refused, out, "something else than predictions of windows", model, clip, "--timeline")
    heard(clip, "--timeline", "--output", f"w.{form}")
    refuse(refused, f"w.{form}", "window=3.0 hop=1.0", model, clip, "--timeline", "--hop", "0.5")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("out.csv", "name,age\nAnn,7\n"),
        ("out.csv", "hello"),
        ("out.jsonl", '{"path": "a.wav", "text": "hello"}\n'),
        ("out.jsonl", '{"path": "a.wav", "text": "hello"}'),
        ("out.jsonl", "[1, 2]\n"),
        ("out.jsonl", "hello"),
        ("out.jsonl", "hello\n"),
        ("out.jsonl", '{"path": "' + 70_000 * "x"),
    ],
)
def test_a_file_of_something_else_is_left_as_it_is(model, refused, name, content):
    clip = write("a.wav")
    Path(name).write_text(content)
    refuse(refused, name, "something else", model, clip)


def test_a_damaged_row_in_the_middle_is_refused_and_nothing_lost(model, heard, refused):
    clip = write("a.wav")
    heard(clip, write("b.wav"), "--output", "out.csv")
    lines = Path("out.csv").read_text().splitlines(keepends=True)
    for damaged in ("a.wav,sad\n", 'x"y",' + lines[1], '"' + lines[1]):
        Path("out.csv").write_text("".join([lines[0], damaged, *400 * lines[1:]]))
        refuse(refused, "out.csv", "something else", model, clip)


def test_a_timeline_has_every_window_and_one_that_holds_all_is_the_file(heard):
    write("a.wav", rate=48000)
    (whole,), (window,) = heard("a.wav"), heard("a.wav", "--timeline")
    assert list(window) == WINDOWS and (window["start"], window["stop"]) == ("0.0", "1.0")
    assert scores(window) == pytest.approx(scores(whole), abs=1e-4)
    parts = heard("a.wav", "--timeline", "--window", "0.5", "--hop", "0.25")
    assert [(row["start"], row["stop"]) for row in parts] == [
        ("0.0", "0.5"), ("0.25", "0.75"), ("0.5", "1.0"),
    ]  # fmt: skip


def test_a_recording_that_breaks_off_has_its_windows_and_then_the_reason(heard):
    samples = np.tile(sound(), 5).astype(np.float32)
    samples[60000] = np.nan
    soundfile.write("a.wav", samples, 16000, "FLOAT")
    *good, last = heard("a.wav", "--timeline", "--window", "1", code=1)
    assert [row["start"] for row in good] == ["0.0", "1.0", "2.0"][: len(good)] and good
    assert "NaN" in last["error"] and last["start"] == good[-1]["stop"]
    assert last["stop"] == last["label"] == last["sad"] == ""


@pytest.fixture
def figures(monkeypatch):
    """The figures of timelines by name, in place of their files."""
    found = {}
    monkeypatch.setattr(
        timeline_picture, "save", lambda figure, path: found.update({path.name: figure})
    )
    return found


def test_a_picture_shows_scores_and_waveform_where_they_were_heard(heard, figures):
    wav = np.concatenate([np.zeros(16000), sound(), np.zeros(16000), 0.5 * sound(seconds=2)])
    soundfile.write("a $1.wav", wav, 16000, "FLOAT")
    found = heard("a $1.wav", "--timeline", "--window", "1", "--picture", "p")
    decision, areas, wave = figures["a $1.png"].axes
    tops = np.array([stairs.get_data().values for stairs in areas.patches])
    shares = np.diff(np.vstack([np.zeros(5), tops]), axis=0).T
    assert shares == pytest.approx(np.array([scores(row) for row in found]), abs=1e-5)
    assert areas.patches[0].get_data().edges.tolist() == [0, 1, 2, 3, 4, 5]
    assert wave.get_xlabel() == "time (s)" and "full scale" in wave.get_ylabel()
    (outline,) = wave.collections
    points = outline.get_paths()[0].vertices
    loud = points[np.abs(points[:, 1]) > 0.01, 0]
    assert loud.min() == pytest.approx(1, abs=0.03) and loud.max() == pytest.approx(5, abs=0.03)
    assert not ((loud > 2.03) & (loud < 2.97)).any() and np.abs(points[:, 1]).max() > 0.49
    shaded = [patch.get_x() for patch in wave.patches]
    assert shaded == [float(r["start"]) for r in found if r["note"] == "too quiet"] == [0, 2]


@pytest.mark.parametrize(("size", "step"), [(16000, 16000), (8000, 2000), (3001, 77)])
def test_an_outline_is_that_of_the_whole_however_windows_overlap(size, step):
    wav = np.random.default_rng(0).uniform(-1, 1, 16000).astype(np.float32)
    outline = Envelope(16000)
    for first in range(0, 16000 - size + step, step):
        part = wav[first : first + size]
        outline.add(Recording("x", part, first / 16000, len(part) / 16000))
    times, low, high = outline.columns()
    assert times == pytest.approx(np.arange(100) / 100 + 0.005)
    assert np.array_equal(low, wav.reshape(100, 160).min(1))
    assert np.array_equal(high, wav.reshape(100, 160).max(1))


def course(windows, labels, seconds):
    """What would have been heard in a recording of some length, made up."""
    draw = np.random.default_rng(0)
    found = Course(labels, Envelope(1000))
    found.envelope.low, found.envelope.high = [-np.ones(1000)], [np.ones(1000)]
    for i in range(windows):
        values = dict(zip(labels, draw.dirichlet(np.ones(len(labels))).tolist(), strict=True))
        best = max(values, key=values.get)
        found.add(Prediction(best, values, seconds / windows, "x", i * seconds / windows))
    return found


@pytest.mark.parametrize(
    ("windows", "seconds", "labels"),
    [(1, 0.1, 2), (8, 10, 30), (301, 301, 12), (7198, 7200, 8)],
)
def test_a_picture_of_any_length_has_few_columns_that_sum_to_one(windows, seconds, labels, figures):
    found = course(windows, [f"l{i}" for i in range(labels)], seconds)
    timeline_picture.draw_timeline(found, "x", Path("x.png"))
    axes = figures["x.png"].axes
    data = [stairs.get_data() for stairs in axes[1].patches]
    assert data[-1].values == pytest.approx(1) and len(data) == min(labels, 20)
    assert len(data[0].values) <= 300 and (len(data[0].values) == windows or windows > 300)
    assert (data[0].edges[0], data[0].edges[-1]) == pytest.approx((0, seconds))
    assert (np.diff(data[0].edges) > 0).all()
    ticks = axes[2].get_xticks()
    assert 1 < sum((ticks >= 0) & (ticks <= seconds)) <= 14
    if windows == 7198:
        assert axes[2].xaxis.get_major_formatter()(6600.0) == "1:50:00"


def test_pictures_are_drawn_each_under_a_name_of_its_own_and_once(heard, tmp_path):
    write("a/x.wav"), write("b/x.wav"), write("y.wav")
    given = ["a", "b", "y.wav", "--timeline", "--output", "out.csv"]
    heard(*given)
    before = Path("out.csv").read_bytes()
    heard(*given, "--picture", "p")  # which were not there
    drawn = {path.name: path.stat().st_mtime_ns for path in Path("p").iterdir()}
    assert len(drawn) == 3 and "y.png" in drawn
    assert all(imread(Path("p") / name)[..., :3].std() > 0.05 for name in drawn)
    heard(*given, "--picture", "p")
    assert {path.name: path.stat().st_mtime_ns for path in Path("p").iterdir()} == drawn
    assert len(rows(before.decode())) == len(written())


def test_a_folder_without_sound_is_named_and_skipped(model, caplog, capsys):
    write("a.wav")
    Path("empty").mkdir()
    arguments = [str(model), "empty", "a.wav", "*.ogg", "--format", "csv"]
    assert predict.main(arguments) == 1
    assert "the folder empty holds no sound" in caplog.text
    assert "the glob *.ogg holds no sound" in caplog.text
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "path",
        "a.wav",
    ]


def test_a_link_to_the_rows_stays_one(heard):
    write("a.wav")
    write("b.wav")
    Path("real").mkdir()
    Path("out.csv").symlink_to(Path("real", "rows.csv"))
    heard("a.wav", "gone.wav", "--output", "out.csv", code=1)
    write("gone.wav")
    heard("b.wav", "gone.wav", "--output", "out.csv")  # the old row of gone.wav is left out
    assert Path("out.csv").is_symlink()
    assert {row["path"]: row["error"] for row in written(Path("real", "rows.csv"))} == {
        "a.wav": "", "gone.wav": "", "b.wav": "",
    }  # fmt: skip
    assert [path.name for path in Path("real").iterdir()] == ["rows.csv"]


def test_rows_into_a_pipe_are_refused_before_the_model_is_opened(refused):
    os.mkfifo("out.csv")
    write("a.wav")
    said = refused(predict.main, "no model", "a.wav", "--output", "out.csv")
    assert said == "--output out.csv is a pipe or device; name a file"


@pytest.fixture
def shut(monkeypatch):
    """Make a folder that nobody may read, not even root, whom file modes do not keep out."""
    real = os.scandir

    def shut(folder):
        def scan(path="."):
            if os.fspath(path) == folder:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
            return real(path)

        Path(folder).mkdir(parents=True)
        monkeypatch.setattr(os, "scandir", scan)

    return shut


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_heard(heard, shut, caplog, refused):
    write("all/a.wav")
    shut("all/shut")
    assert [row["path"] for row in heard("all", code=1)] == ["all/a.wav"]
    said = "the folder all/shut cannot be read: Permission denied"
    assert said in caplog.messages and "holds no sound" not in caplog.text
    assert refused(predict.main, "MODEL", "all/shut") == said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "a.wav"], "nowhere is no folder"),
        (["MODEL", "empty"], "the folder empty holds no sound"),
        (["MODEL", "other"], "only 1 files such as b.m4a"),
        (["MODEL", "*.ogg"], "the glob *.ogg holds no sound"),
        (["MODEL", "a.wav", "--window", "1"], "--window is of a timeline"),
        (["MODEL", "a.wav", "--picture", "p"], "--picture is of a timeline"),
        (["MODEL", "a.wav", "--timeline", "--hop", "4"], "hop from 0.01 s to the window"),
        (["MODEL", "a.wav", "--timeline", "--window", "inf"], "window must be 0.1 to 600 s"),
        (["MODEL", "a.wav", "--timeline", "--picture", "a.wav"], "cannot be written"),
        (["MODEL", "a.wav", "--output", "x.txt"], "must end in .csv or .jsonl"),
        (["MODEL", "a.wav", "--output", "empty"], "must end in"),
        (["MODEL", "a.wav", "--output", "a.wav/x.csv"], "cannot be written"),
        (["MODEL", "a.wav", "--output", "x.csv", "--format", "jsonl"], "leave --format out"),
        (["MODEL", "a.wav", "--unsure_below", "1"], "unsure_below must be in [0, 1)"),
        (["MODEL", "a.wav", "--batch_size", "0"], "--batch_size must be"),
        (["MODEL", "a.wav", "--device", "abacus"], "device must be auto, cpu"),
        (["MODEL", "a.wav", "--plugins", "nowhere.py"], "nowhere.py"),
        (["MODEL", "a.wav", "--format", "xml"], "invalid choice"),
        (["MODEL"], "PATH"),
        (["MODEL", "a.wav", "--pictur=p"], "--pictur=p; did you mean '--picture'? --help"),
        (["MODEL", "a.wav", "--zzz"], "unrecognized arguments: --zzz; --help"),
    ],
)
def test_bad_input_is_refused_in_words_and_leaves_nothing(model, refused, arguments, words):
    write("a.wav")
    Path("empty").mkdir()
    Path("other").mkdir()
    Path("other/b.m4a").write_bytes(b"x")
    before = sorted(Path().rglob("*"))
    arguments = [model if word == "MODEL" else word for word in arguments]
    assert words in refused(predict.main, *arguments)
    assert sorted(Path().rglob("*")) == before


def test_a_model_may_come_from_a_plugin_file(tmp_path, heard, refused):
    source = (ROOT / "ser_plugins" / "models" / "cnn_bigru.py").read_text()
    Path("own.py").write_text(source.replace('"cnn_bigru"', '"own"'))
    folder = build(tmp_path / "own_run")
    config = Path(folder, "bundle", "config.json")
    config.write_text(config.read_text().replace('"cnn_bigru"', '"own"'))
    clip = write("a.wav")
    assert "'own'" in refused(predict.main, folder, clip)
    assert predict.main([folder, clip, "--plugins", "own.py"]) == 0


def test_the_script_keeps_messages_out_of_the_rows_and_exits_with_1(model):
    write("a.wav")
    arguments = (model, "a.wav", "gone.wav", "--device", "cpu")
    done = as_script.run(ROOT / "tools" / "predict.py", *arguments)
    assert done.returncode == 1 and [row["path"] for row in rows(done.stdout)] == [
        "a.wav",
        "gone.wav",
    ]
    assert "1 failed" in done.stderr and "Traceback" not in done.stderr and "%|" not in done.stderr
