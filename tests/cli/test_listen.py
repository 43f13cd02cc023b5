"""A file that is played in place of a microphone is decided as it is by itself."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import as_script
import numpy as np
import pytest
import soundfile
import soxr
from places import ROOT
from speech_sounds import RATE, noise, talk, write_system

from ser_plugins.cli import listen
from ser_plugins.core.inference import EmotionClassifier
from ser_plugins.core.live.sources import Playback, record
from ser_plugins.core.systems import name_of


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    return write_system(tmp_path_factory.mktemp("system") / "bundle")


@pytest.fixture(params=[16000, 44100])
def spoken(request, voices, tmp_path):
    """Two utterances as a file of a rate."""
    wav, bounds = talk(voices)
    rate = request.param
    wav = soxr.resample(wav, RATE, rate) if rate != RATE else wav
    soundfile.write(tmp_path / "talk.wav", wav, rate, "FLOAT")
    return tmp_path / "talk.wav", wav, rate, bounds


@pytest.fixture
def talk_file(voices, tmp_path):
    soundfile.write(tmp_path / "talk.wav", talk(voices)[0], RATE)
    return tmp_path / "talk.wav"


def run(capsys, *arguments):
    """Return the exit code and the lines of standard output."""
    code = listen.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().out.splitlines()


def test_each_utterance_is_a_line_of_json_as_its_stretch_alone(system, spoken, capsys, caplog):
    path, wav, rate, bounds = spoken
    code, lines = run(capsys, system, "--file", path, "--json", "--log", "log/of.csv")
    found = [json.loads(line) for line in lines]
    assert code == 0 and len(found) == len(bounds)
    classifier = EmotionClassifier.from_pretrained(system)
    for one, (first, last) in zip(found, bounds, strict=True):
        assert first - 0.5 < one["start"] <= first and last - 0.05 <= one["stop"] < last + 0.5
        cut = wav[round(one["start"] * rate) : round(one["stop"] * rate)]
        alone = classifier.predict(cut, rate)
        assert one["label"] == alone.label == max(one["scores"], key=one["scores"].get)
        assert one["scores"] == pytest.approx(alone.scores, abs=1e-3)
    logged = list(csv.DictReader(Path("log/of.csv").read_text().splitlines()))
    assert [row["label"] for row in logged] == [one["label"] for one in found]
    assert {one["model"] for one in [*logged, *found]} == {name_of(classifier.system)}
    assert "decisions: " in caplog.text and "overruns: 0" in caplog.text


def test_once_hears_the_file_whole(system, spoken, capsys, tmp_path):
    path, wav, _, _ = spoken
    wav = wav[17:]  # zeros, which no frame of trimming ends with
    soundfile.write(path, wav, spoken[2], "FLOAT")
    expected = EmotionClassifier.from_pretrained(system).predict(path)
    code, lines = run(capsys, system, "--file", path, "--once", 60, "--json")
    assert code == 0
    assert json.loads(lines[0])["scores"] == pytest.approx(expected.scores, abs=1e-6)
    code, lines = run(capsys, system, "--file", path, "--once", 1.5, "--save", "new/kept.wav")
    kept, rate = soundfile.read(tmp_path / "new" / "kept.wav", dtype="float32")
    np.testing.assert_array_equal(kept, wav[: round(1.5 * rate)])
    expected = EmotionClassifier.from_pretrained(system).predict("new/kept.wav")
    assert lines[0].startswith(expected.label) and len(lines) == 1 + len(expected.scores)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["kept.wav"]


def test_lines_for_people_have_one_decision_each(system, spoken, capsys):
    _, lines = run(capsys, system, "--file", spoken[0], "--vad", "energy", "--unsure_below", 0.9999)
    assert len(lines) == 2 and all("unsure" in line and line.endswith("%") for line in lines)


def test_a_terminal_shows_it_live_and_nothing_is_written_across(
    system, talk_file, capsys, caplog, monkeypatch
):
    pytest.importorskip("rich", reason="needs rich")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    code, lines = run(capsys, system, "--file", talk_file)
    shown = "\n".join(lines)
    assert code == 0 and "listening to talk.wav, 16000 Hz" in shown and "decisions: 2" in shown
    assert "listening to" not in caplog.text and "decisions: 2" in caplog.text.replace(" angry", "")


def test_a_file_that_ends_while_somebody_speaks_is_heard_to_its_end(
    system, talk_file, capsys, voices
):
    wav, bounds = talk(voices)
    soundfile.write(talk_file, wav[: round(bounds[1][1] * RATE)], RATE)
    assert len(run(capsys, system, "--file", talk_file)[1]) == 2


def test_noise_has_no_decision_and_its_state_is_said(system, tmp_path, capsys, caplog):
    soundfile.write("noise.wav", noise(8, -40), RATE)
    assert run(capsys, system, "--file", "noise.wav") == (0, [])
    assert "no speech" in caplog.text and "decisions: 0" in caplog.text
    soundfile.write("quiet.wav", noise(8, -75), RATE)
    run(capsys, system, "--file", "quiet.wav", "--once", 3)
    assert "too quiet: is the microphone muted" in caplog.text


def test_a_file_gives_its_samples_block_by_block(spoken):
    path, wav, rate, _ = spoken
    with Playback(path) as source:
        blocks = list(source.blocks())
        assert source.rate == rate and len(blocks) > 3
        np.testing.assert_array_equal(np.concatenate(blocks), wav)
        first = np.concatenate(list(record(source.blocks(), rate, 1.2345)))
    np.testing.assert_array_equal(first, wav[: round(1.2345 * rate)])


def test_ctrl_c_ends_with_a_summary(system, spoken, capsys, caplog, monkeypatch):
    def interrupted(self):
        yield from list(played(self))[:3]
        raise KeyboardInterrupt

    played = Playback.blocks
    monkeypatch.setattr(Playback, "blocks", interrupted)
    code, lines = run(capsys, system, "--file", spoken[0])
    assert code == 0 and len(lines) == 1 and "3 s, decisions: 1 " in caplog.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a MODEL"),
        (["nowhere", "--file", "good.wav"], "nowhere is no folder"),
        (["MODEL", "--file", "none.wav"], "there is no such file"),
        (["MODEL", "--file", "bad.wav"], "bad.wav"),
        (["MODEL", "--file", "nan.wav"], "NaN"),
        (["MODEL", "--file", "none_in_it.wav"], "none_in_it.wav holds no samples"),
        (["MODEL", "--file", "none_in_it.wav", "--once", "1"], "none_in_it.wav holds no samples"),
        (["MODEL", "--file", "good.wav", "--device", "1"], "leave out --device"),
        (["MODEL", "--file", "good.wav", "--save", "x.wav"], "give --once"),
        (["MODEL", "--file", "good.wav", "--once", "1", "--save", "x.mp3"], "must end in .wav"),
        (["MODEL", "--file", "good.wav", "--once", "0"], "--once must be 0.1 to 600"),
        (["MODEL", "--file", "good.wav", "--once", "nan"], "--once must be 0.1 to 600"),
        (["MODEL", "--file", "good.wav", "--once", "1", "--pause", "1"], "--pause cuts"),
        (["MODEL", "--file", "good.wav", "--pause", "9"], "--pause must be"),
        (["MODEL", "--file", "good.wav", "--vad", "ears"], "--vad"),
        (["MODEL", "--file", "good.wav", "--log", "good.wav"], "--log"),
        (["MODEL", "--file", "good.wav", "--log", "good.wav/x.csv"], "cannot be written"),
        (["MODEL", "--file", "good.wav", "--log", "/dev/null"], "is a pipe or device"),
        (["MODEL", "--file", "good.wav", "--unsure_below", "2"], "unsure_below"),
        (["MODEL", "--file", "good.wav", "--run_on", "toaster"], "toaster"),
        (["MODEL", "--file", "good.wav", "--plugins", "no_such"], "no_such"),
    ],
)
def test_bad_input_is_refused_in_words_and_leaves_nothing(
    system, arguments, words, refused, tmp_path
):
    soundfile.write("good.wav", noise(1, -30), RATE)
    soundfile.write("nan.wav", np.full(RATE, np.nan), RATE, "FLOAT")
    soundfile.write("none_in_it.wav", [], RATE)
    (tmp_path / "bad.wav").write_bytes(b"RIFF, or so it says")
    before = set(tmp_path.rglob("*"))
    arguments = [str(system) if one == "MODEL" else one for one in arguments]
    assert words in refused(listen.main, *arguments)
    assert set(tmp_path.rglob("*")) == before


SCRIPT = ROOT / "tools" / "listen.py"


def test_the_script_keeps_its_output_clean(system, talk_file):
    done = as_script.run(SCRIPT, system, "--file", talk_file, "--json")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2
    assert all(json.loads(line) for line in done.stdout.splitlines())
    assert "listening to talk.wav" in done.stderr and "decisions" in done.stderr


def test_a_reader_that_goes_away_ends_it(system, talk_file):
    command = [sys.executable, SCRIPT, system, "--file", talk_file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listening:
        listening.stdout.close()
        said = listening.stderr.read().decode()
    assert listening.returncode == 0 and "Traceback" not in said and "ignored" not in said
