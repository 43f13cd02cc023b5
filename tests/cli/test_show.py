"""A corpus and clips are drawn; the numbers are those of the corpus, and no test clip is heard."""

import random
import shutil
import subprocess
import sys
from statistics import median

import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure
from matplotlib.image import imread
from places import RAVDESS, ROOT

from ser_plugins.cli import protocols, show
from ser_plugins.core import bundle as bundles
from ser_plugins.core import gallery, panels, pictures
from ser_plugins.core.graphs.export import export
from ser_plugins.core.heard import Heard, Inside
from ser_plugins.core.tally import NO_LABEL, choose_examples, tally

TOY = ("--plugins", str(ROOT / "tests" / "toy.py"), "--dataset", "toy")
OF_A_CORPUS = {"classes.png", "durations.png", "examples.png"}


def row(id, label="sad", speaker="1", sex="female", seconds=1.0):
    return {"id": id, "label": label, "speaker": speaker, "sex": sex, "seconds": seconds}


def is_a_picture(path):
    return path.stat().st_size > 5000 and imread(path)[..., :3].std() > 0.05


@pytest.fixture
def drawn(monkeypatch):
    """The figures that a command draws, by file name, in place of their files: it is quicker."""
    figures = {}
    for module in (gallery, pictures):
        monkeypatch.setattr(
            module, "save", lambda figure, path: figures.update({path.name: figure})
        )
    return figures


def numbers(axes):
    """Count each number that is written into a panel."""
    texts = [text.get_text() for text in axes.texts]
    return sorted(int(text) for text in texts if text)


def test_a_corpus_becomes_three_pictures(toy_folder, tmp_path, caplog):
    assert show.main([*TOY, "--data_folder", str(toy_folder)]) == 0
    assert {path.name for path in tmp_path.joinpath("pictures").iterdir()} == OF_A_CORPUS
    for name in OF_A_CORPUS:
        assert is_a_picture(tmp_path / "pictures" / name)
        assert f"pictures/{name}" in caplog.text


def test_the_numbers_in_the_bars_are_those_of_the_corpus(toy_folder, drawn):
    assert show.main([*TOY, "--data_folder", str(toy_folder)]) == 0
    emotions, speakers = drawn["classes.png"].axes
    words = [text.get_text() for text in emotions.get_xticklabels()]
    assert words == ["sad", "neutral", "angry"]
    assert numbers(emotions) == 6 * [12] + 3 * [24]  # by sex, and in all
    assert numbers(speakers) == 6 * [12]
    assert drawn["classes.png"].get_suptitle() == "toy: 72 clips"


def test_a_protocol_shows_what_its_parts_hold_and_hears_no_test_clip(
    toy_folder, drawn, monkeypatch, caplog
):
    heard, read = [], show.read
    monkeypatch.setattr(show, "read", lambda *given: heard.append(given[1]) or read(*given))
    fold = ["--data_folder", str(toy_folder), "--labels", "[angry, sad]", "--fold", "2"]
    assert show.main([*TOY, *fold]) == 0
    emotions, parts, speakers = drawn["classes.png"].axes
    assert [text.get_text() for text in emotions.get_xticklabels()] == ["angry", "sad"]
    assert sum(numbers(parts)) == 48 and len(numbers(parts)) == 6
    colours = {bar.get_facecolor(): bar.get_label() for bar in speakers.patches}
    assert len(colours) == 3 and numbers(speakers) == 6 * [8]
    assert drawn["classes.png"].get_suptitle() == "toy, custom, fold 2: 48 clips"
    assert "neutral dropped" in caplog.text
    caplog.clear()
    protocols.main(["show", "by_speaker", *TOY, "--data_folder", str(toy_folder)])
    tests = [line for line in caplog.messages if " test " in line]
    tested = tests[1].split(":")[1].split()
    assert tested and not {one["speaker"] for one in heard} & set(tested)


def test_a_tally_has_every_name_and_only_groups_that_occur():
    rows = [row("a"), row("b", "happy"), row("c", ""), row("d", "sad", sex="male")]
    found = tally({"train": rows, "valid": [], "test": rows[:1]}, "label", ("sad", "calm"))
    assert found.names == ("sad", "calm", "happy", NO_LABEL)
    assert found.groups == ("train", "test")
    assert found.counts.tolist() == [[2, 1], [0, 0], [1, 0], [1, 0]]


def test_sexes_that_are_not_told_are_counted_as_unknown():
    groups = gallery.by_sex([row("a"), row("b", sex="male"), row("c", sex=""), row("d", sex="x")])
    assert {sex: len(rows) for sex, rows in groups.items()} == {
        "female": 1, "male": 1, "unknown": 2,
    }  # fmt: skip


def test_no_clip_is_nearer_to_the_median_than_the_chosen_in_any_order():
    draw = random.Random(0)
    rows = [row(f"{i:02}", draw.choice("abc"), seconds=draw.randrange(10)) for i in range(40)]
    chosen = choose_examples(rows, "cabd")
    assert [one["label"] for one in chosen] == ["c", "a", "b"]
    for one in chosen:
        own = [other["seconds"] for other in rows if other["label"] == one["label"]]
        near = [abs(seconds - median(own)) for seconds in own]
        assert abs(one["seconds"] - median(own)) == min(near)
    draw.shuffle(rows)
    assert choose_examples(rows, "cabd") == chosen


def test_what_is_wrong_with_a_corpus_is_said_and_the_rest_drawn(
    toy_folder, tmp_path, caplog, drawn
):
    shutil.copytree(toy_folder, tmp_path / "toy")
    (tmp_path / "toy" / "s0" / "0_sad_0.wav").unlink()
    place = [*TOY, "--data_folder", str(tmp_path / "toy")]
    assert show.main(place) == 1
    assert "71 of 72 recordings" in caplog.text
    assert show.main([*place, "--allow_partial", "True"]) == 0


def test_clips_without_label_or_speaker_are_drawn_as_such(tmp_path, drawn):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for i in range(4):
        soundfile.write(corpus / f"{i}.wav", np.full(800 * (i + 1), 0.1), 16000)
    lines = ["path,label", "0.wav,sad", "1.wav,$x$", "2.wav,", "3.wav,sad"]
    (corpus / "mine.csv").write_text("\n".join(lines))
    assert show.main(["--dataset", "table", "--data_folder", str(corpus)]) == 0
    (emotions,) = drawn["classes.png"].axes
    words = [text.get_text() for text in emotions.get_xticklabels()]
    assert words == [r"\$x\$", "sad", NO_LABEL] and numbers(emotions) == [1, 1, 2]


def test_a_clip_is_drawn_in_seconds_and_khz(tmp_path, drawn, caplog):
    seconds = np.arange(24000) / 16000
    soundfile.write(tmp_path / "a $1 tone.wav", np.sin(2 * np.pi * 2000 * seconds), 16000)
    assert show.main([str(tmp_path / "a $1 tone.wav"), "--output_folder", "out"]) == 0
    assert "out/a $1 tone.png" in caplog.text
    wave, spectrum, bar = drawn["a $1 tone.png"].axes
    assert wave.get_xlim() == pytest.approx((0, 1.5)) == spectrum.get_xlim()
    assert spectrum.get_xlabel() == "time (s)" and spectrum.get_ylabel() == "frequency (kHz)"
    assert "dB" in bar.get_ylabel()
    image = spectrum.get_images()[0]
    left, right, low, high = image.get_extent()
    power = image.get_array()
    loudest = low + (power.argmax(0) + 0.5) / len(power) * (high - low)
    assert loudest[5:-5] == pytest.approx(2.0, abs=0.02)
    assert left == pytest.approx(0, abs=0.01) and right == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize("rate", [8000, 16000, 22050])
def test_a_full_scale_sine_has_0_db_and_silence_hardly_any(rate):
    sine = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    power = panels.spectrogram(sine, rate)
    assert len(power) == 1 + rate // round(0.005 * rate)
    assert power[10:-10].max(1) == pytest.approx(0, abs=0.1)
    assert panels.spectrogram(np.zeros(1, np.float32), rate).max() < -150


@pytest.fixture
def run(tmp_path, small_bundle):
    """A run folder with an untrained bundle in it."""
    bundles.write(tmp_path / "run" / "bundle", small_bundle(["sad", "angry"]))
    return tmp_path / "run"


def padded(before=8000, tone=8000, after=16000):
    wave = 0.3 * np.sin(2 * np.pi * 500 * np.arange(tone) / 16000)
    return np.concatenate([np.zeros(before), wave, np.zeros(after)]).astype(np.float32)


@pytest.mark.parametrize("place", [".", "bundle"])
def test_clips_are_drawn_with_what_a_model_makes_of_them(run, place, tmp_path):
    for name in ("x", "$y$"):
        soundfile.write(tmp_path / f"{name}.wav", padded(), 16000)
    clips = [str(tmp_path / name) for name in ("x.wav", "$y$.wav")]
    assert show.main([*clips, "--model", str(run / place)]) == 0
    assert {path.name for path in tmp_path.joinpath("pictures").iterdir()} == {"x.png", "$y$.png"}
    assert is_a_picture(tmp_path / "pictures" / "$y$.png")


def test_what_a_model_hears_lies_where_it_hears_it(run, drawn, tmp_path):
    soundfile.write(tmp_path / "x.wav", padded(), 16000, "FLOAT")
    assert show.main([str(tmp_path / "x.wav"), "--model", str(run)]) == 0
    bars = drawn["x.png"].axes[4]
    expected = bundles.read(run / "bundle").probabilities([padded()])[0]
    assert [bar.get_height() for bar in bars.patches] == pytest.approx(expected.tolist())
    assert [text.get_text() for text in bars.get_xticklabels()] == ["sad", "angry"]
    left, right = drawn["x.png"].axes[2].get_images()[0].get_extent()[:2]
    assert left == pytest.approx(0.5 - 0.08, abs=0.02)  # the margin of the front end
    assert right == pytest.approx(1.0 + 0.08, abs=0.04)


def test_what_a_leaky_model_hears_is_marked(run, drawn, tmp_path):
    (run / "scores.json").write_text('{"protocol": "leaky-x", "test": {}}')
    soundfile.write(tmp_path / "x.wav", padded(), 16000)
    for model, mark in ((run, "LEAKY "), (run / "bundle", "")):
        assert show.main([str(tmp_path / "x.wav"), "--model", str(model)]) == 0
        assert drawn["x.png"].axes[0].get_title().startswith(f"{mark}x.wav, heard as ")


def test_a_graph_is_drawn_with_what_it_tells(run, drawn, tmp_path):
    (tmp_path / "x.onnx").write_bytes(export(bundles.read(run / "bundle")))
    soundfile.write(tmp_path / "x.wav", padded(), 16000, "FLOAT")
    assert show.main([str(tmp_path / "x.wav"), "--model", str(run)]) == 0
    wave, *_, bars = [axes for axes in drawn["x.png"].axes if axes.get_label() != "<colorbar>"]
    assert show.main([str(tmp_path / "x.wav"), "--model", str(tmp_path / "x.onnx")]) == 0
    panels = [axes for axes in drawn["x.png"].axes if axes.get_label() != "<colorbar>"]
    assert len(panels) == 3 and panels[0].get_title() == wave.get_title()
    assert len(panels[0].patches) == len(wave.patches) == 2  # what the front end cuts off
    heights = [bar.get_height() for bar in bars.patches]
    assert [bar.get_height() for bar in panels[2].patches] == pytest.approx(heights, abs=1e-5)


@pytest.mark.parametrize("attention", [None, np.full(3, 1 / 3, np.float32)])
@pytest.mark.parametrize(("frames", "step"), [(1, 0.0), (101, 0.01)])
@pytest.mark.parametrize("unit", ["value", "standard deviations"])
def test_features_of_any_kind_lie_under_their_clip(tmp_path, drawn, attention, frames, step, unit):
    feats = np.random.default_rng(0).standard_normal((frames, 7)).astype(np.float32)
    inside = Inside(feats, step, unit, attention, 34)
    heard = Heard(8000, 24000, {"a": 0.2, "b": 0.8}, inside)
    pictures.draw_clip(padded(), 16000, "x", tmp_path / "x.png", heard, "a")
    left, right, low, high = drawn["x.png"].axes[2].get_images()[0].get_extent()
    assert (left, right) == pytest.approx((0.5 - step / 2, 1.5 + step / 2))
    assert (low, high) == (-0.5, 6.5)


@pytest.mark.parametrize("size", [1, 3000])
def test_silence_is_drawn_and_dark(run, size, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(
        pictures, "save", lambda *given: figures.append(given) or panels.save(*given)
    )
    bundle, wav = bundles.read(run / "bundle"), np.zeros(size, np.float32)
    pictures.draw_example(bundle, wav, "x", tmp_path / "x.png", "sad")
    image = figures[0][0].axes[1].get_images()[0]
    assert image.get_array().max() < image.get_clim()[0] and (tmp_path / "x.png").exists()


def test_a_picture_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch, refused):
    soundfile.write(tmp_path / "x.wav", padded(), 16000)
    clip = str(tmp_path / "x.wav")
    old = b"the old one"
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "x.png").write_bytes(old)

    def half(_, path, **__):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", half)
    assert "No space left" in refused(show.main, clip)
    assert [path.read_bytes() for path in (tmp_path / "pictures").iterdir()] == [old]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["good.wav", "bad.wav"], "bad.wav"),
        (["good.wav", "none.wav"], "there is no such file"),
        (["good.wav", "--model", "nowhere"], "nowhere is no folder"),
        (["good.wav", "--model", "m", "--sample_rate", "8000"], "the model's own"),
        (["good.wav", "a/good.wav"], "have one name"),
        (["good.wav", "--fold", "2"], "--fold is of a corpus"),
        (["good.wav", "--dataset", "toy"], "sound files, or a corpus"),
        (["good.wav", "--output_folder", "good.wav/x"], "cannot be written"),
        ([], "sound files, or a corpus"),
        ([*TOY, "--data_folder", "nowhere"], "nowhere is not a folder"),
        ([*TOY], "--data_folder"),
        ([*TOY, "--data_folder", ".", "--model", "m"], "--model hears clips"),
        (["--dataset", "to"], "no dataset is called"),
    ],
)
def test_bad_input_is_refused_in_words_and_leaves_nothing(arguments, words, refused, tmp_path):
    soundfile.write(tmp_path / "good.wav", padded(), 16000)
    (tmp_path / "a").mkdir()
    shutil.copy(tmp_path / "good.wav", tmp_path / "a" / "good.wav")
    (tmp_path / "bad.wav").write_bytes(b"RIFF, or so it says")
    before = set(tmp_path.rglob("*"))
    assert words in refused(show.main, *arguments)
    assert set(tmp_path.rglob("*")) == before


def test_nothing_is_written_into_a_corpus(toy_folder, refused, monkeypatch):
    before = set(toy_folder.rglob("*"))
    monkeypatch.chdir(toy_folder / "s0")
    assert "lies in the corpus" in refused(show.main, *TOY, "--data_folder", toy_folder)
    assert set(toy_folder.rglob("*")) == before


def test_the_script_exits_with_2_and_one_message(tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"")
    command = [sys.executable, str(ROOT / "tools" / "show.py"), str(tmp_path / "bad.wav")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "0 bytes" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_has_half_as_many_neutral_clips(drawn):
    assert show.main(["--dataset", "ravdess", "--data_folder", str(RAVDESS)]) == 0
    emotions, speakers = drawn["classes.png"].axes
    assert numbers(emotions) == [48, 48, 96] + 14 * [96] + 7 * [192]
    assert numbers(speakers) == 24 * [60]
