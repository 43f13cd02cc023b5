"""What the page says, what it refuses, and how the command answers, without a browser."""

import importlib.util
import json
import logging
import os
import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from places import ROOT

from ser_plugins import EmotionClassifier, Prediction
from ser_plugins.cli import demo
from ser_plugins.core import recordings, windows
from ser_plugins.core.errors import InputError
from ser_plugins.core.page import answer as page_answer
from ser_plugins.core.page import card as page_card
from ser_plugins.core.page import desk as desks
from ser_plugins.core.page.desk import Desk
from ser_plugins.core.page.layout import Page
from ser_plugins.core.past import Past, past_of
from ser_plugins.core.windows import HOP, WINDOW, choose_windows

RATE = 16000
CONFIG = {
    "labels": ["sad", "<i>angry</i>"],
    "sample_rate": RATE,
    "front_end": {"trim_db": 35.0, "level": "none"},
    "features": {"name": "some_features", "options": {}},
    "model": {"name": "some_model", "options": {}},
    "made_with": {"torch": "2.11.0"},
}
RECALL = {"sad": {"recall": 0.25, "support": 8}, "<i>angry</i>": {"recall": 0.8, "support": 10}}
SCORES = {
    "dataset": "tones",
    "protocol": "by_speaker",
    "fold": 2,
    "shares": ["text:test", "speaker:valid"],
    "test": {"n": 18, "uar": 0.525, "wa": 0.556, "macro_f1": 0.5, "per_class": RECALL},
}

PAST = Past({key: SCORES[key] for key in ("dataset", "protocol", "fold")}, SCORES)


def text(html):
    """Return what a reader sees."""
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", " ", html))).strip()


def hear_loudness(wavs):
    """Answer as an exported system would, without torch: loud is angry."""
    loud = np.array([min(1.0, float(np.sqrt(np.mean(wav**2)))) for wav in wavs])
    return np.stack([1 - loud, loud], 1).astype(np.float32)


@pytest.fixture
def desk():
    system = SimpleNamespace(
        labels=("sad", "angry"), sample_rate=RATE, config=CONFIG, probabilities=hear_loudness
    )
    return Desk(EmotionClassifier(system), longest=20)


def tone(seconds, level=0.5):
    return level * np.sin(2 * np.pi * 300 * np.arange(round(RATE * seconds)) / RATE)


def prediction(sad, label="sad", seconds=2.0, note=""):
    return Prediction(label, {"sad": sad, "angry": 1 - sad}, seconds, note=note)


def test_the_decision_stands_before_the_bars_in_their_order():
    said = text(page_answer.answer(prediction(0.624, seconds=75), "a b.wav"))
    assert said == "sad probability 62 % sad 62 % angry 38 % a b.wav, 1 min 15 s"


def test_unsure_names_what_is_most_probable():
    said = text(page_answer.answer(prediction(0.55, "unsure"), "x.wav"))
    assert said.startswith("unsure sad is the most probable, with 55 %")


def test_a_recording_is_decoded_once_and_once_more_for_its_timeline(desk, tmp_path, monkeypatch):
    decoded = []
    for module, name in ((recordings, "read_opened"), (windows, "blocks")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given, n=name, f=real: decoded.append(n) or f(*given)
        )
    for seconds, expected in ((2.0, ["read_opened"]), (5.0, ["read_opened", "blocks"])):
        soundfile.write(tmp_path / "x.wav", tone(seconds), RATE)
        decoded.clear()
        *_, (_, drawn) = desk.look(str(tmp_path / "x.wav"))
        assert drawn and decoded == expected


def test_a_file_that_is_gone_before_its_timeline_is_said(desk, tmp_path, monkeypatch):
    soundfile.write(tmp_path / "x.wav", tone(5.0), RATE)
    answers = desk.look(str(tmp_path / "x.wav"))
    assert next(answers) and next(answers)[1] == desks.DRAWING
    (tmp_path / "x.wav").unlink()
    assert "x.wav: there is no such file" in text(next(answers)[0])


def test_a_window_of_half_a_second_needs_no_hop():
    assert choose_windows(0.5) == (0.5, 0.5)
    assert choose_windows(None, 2) == (WINDOW, 2)
    said = demo.make_parser().format_help()
    assert f"{WINDOW:g} by default" in said and f"{HOP:g} by default" in said
    with pytest.raises(InputError, match="hop from 0.01 s to the window"):
        choose_windows(2, 3)


@pytest.mark.parametrize("note", ["too quiet", "clipped"])
def test_what_is_wrong_with_the_sound_is_said(note):
    assert f"The recording is {note}" in page_answer.answer(prediction(0.6, note=note), "x")
    assert "The recording" not in page_answer.answer(prediction(0.6), "x")


def test_names_that_look_like_html_are_shown_as_they_are():
    nasty = "<img src=x onerror='1'>"
    found = Prediction(nasty, {nasty: 0.9, "sad": 0.1}, 1.0)
    for html in (
        page_answer.answer(found, nasty),
        page_answer.refusal(nasty),
        page_card.card({**CONFIG, "labels": [nasty]}, replace(PAST, facts={"dataset": nasty})),
    ):
        assert "<img" not in html and nasty in unescape(html)


def test_the_card_says_how_it_was_tested_and_what_it_is_not_for():
    said = text(page_card.card(CONFIG, PAST))
    for words in (
        "Learned from tones",
        "fold 2 of by_speaker, 18 clips that share the text with",
        "UAR 0.525 (guessing: 0.500), WA 0.556, macro F1 0.500",
        "some_model on some_features",
        "torch 2.11.0",
        "sad 25 % of 8 <i>angry</i> 80 % of 10",
        "must not be used for decisions about people",
    ):
        assert words in said
    assert "LEAKY" not in said and page_card.warning(PAST) == ""


def test_a_leaky_model_says_so_first_and_before_each_score():
    leaky = replace(PAST, facts={"protocol": "leaky-random"})
    assert text(page_card.warning(leaky)).startswith("LEAKY This model was tested on speakers")
    said = text(page_card.card(CONFIG, leaky))
    for words in ("LEAKY fold 2", "LEAKY UAR", "LEAKY Recognised"):
        assert words in said


@pytest.mark.parametrize("place", ["run", "x.onnx"])
def test_a_model_that_has_left_its_run_says_what_its_config_tells(tmp_path, place):
    trained_on = {"dataset": "tones", "protocol": "leaky-x", "fold": 3, "audit": "leaky"}
    past = past_of({**CONFIG, "trained_on": trained_on}, tmp_path / place)
    assert past.scores == {} and text(page_card.warning(past)).startswith("LEAKY")
    said = text(page_card.card(CONFIG, past))
    assert "Learned from tones" in said and "LEAKY fold 3 of leaky-x" in said
    assert "Audit leaky" in said
    assert "start the page with a run folder" in text(page_card.card(CONFIG, past_of({}, place)))


def test_an_audit_that_failed_is_said_first():
    failed = replace(PAST, facts={**SCORES, "audit": "failed"})
    assert text(page_card.warning(failed)).startswith("FAILED The audit of this model failed")
    assert "Audit failed" in text(page_card.card(CONFIG, failed))


def test_the_scores_and_the_audit_are_those_of_a_run_folder(tmp_path):
    assert past_of(CONFIG, tmp_path) == Past() == past_of(CONFIG, tmp_path / "x.onnx")
    assert page_card.warning(Past()) == ""
    (tmp_path / "scores.json").write_text(json.dumps(SCORES))
    (tmp_path / "audit.json").write_text('{"verdict": "may leak", "checks": []}')
    past = past_of({**CONFIG, "trained_on": {"protocol": "older"}}, tmp_path)
    assert past.scores == SCORES and past.protocol == "by_speaker"
    assert past.facts["audit"] == "may leak"
    (tmp_path / "audit.json").write_text("{}")
    with pytest.raises(InputError, match="audit.json is damaged"):
        past_of(CONFIG, tmp_path)


@pytest.mark.parametrize(
    "content", ["[]", "{", "{}", '{"test": 1}', '{"protocol": "a"}', '{"test": {"n": 1}}']
)
def test_scores_that_are_damaged_are_named(tmp_path, content):
    (tmp_path / "scores.json").write_text(content)
    with pytest.raises(InputError, match=f"{tmp_path}.* is damaged|does not hold the scores"):
        page_card.check(past_of(CONFIG, tmp_path), tmp_path)


def test_the_answer_comes_before_the_pictures_and_is_the_classifiers(desk, tmp_path):
    soundfile.write(tmp_path / "x.wav", tone(1.0), RATE)
    listening, answered, drawn = desk.look(str(tmp_path / "x.wav"))
    found = desk.classifier.predict(tmp_path / "x.wav")
    assert "Listening" in listening[0] and answered == (drawn[0], desks.DRAWING)
    assert answered[0] == page_answer.answer(found, "x.wav")
    assert [text(drawn[1])] == ["Close view"]  # of a graph that does not tell what it hears
    assert "x.wav: waveform, spectrogram, probabilities'" in drawn[1]


@pytest.mark.parametrize(
    ("seconds", "titles"),
    [(1.0, ["Close view"]), (5.0, ["Close view", "Timeline"]), (31.0, ["Timeline"])],
)
def test_long_recordings_get_a_timeline_and_short_ones_a_close_view(
    desk, tmp_path, seconds, titles
):
    soundfile.write(tmp_path / "x.wav", tone(seconds), RATE)
    *_, (_, drawn) = Desk(desk.classifier).look(str(tmp_path / "x.wav"))
    assert re.findall("<h3>(.*?)</h3>", drawn) == titles


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.wav", "text.wav: no sound that can be read"),
        ("empty.wav", "empty.wav: the file is empty"),
        ("short.wav", "short.wav has 0.0500 s of sound; 0.1 s are needed"),
        ("nan.wav", "nan.wav holds NaN"),
        ("long.wav", "long.wav lasts 21.0 s; at most 20.0 s are heard here"),
        ("wide.flac", "wide.flac holds more samples than are heard here"),
        ("gone.wav", "has been deleted since it was brought"),
    ],
)
def test_what_cannot_be_heard_is_said_by_name_and_place_is_not_told(
    desk, tmp_path, name, words, monkeypatch
):
    monkeypatch.setattr(desks, "MOST_SAMPLES", 1_000_000)
    (tmp_path / "text.wav").write_text("a private letter")
    (tmp_path / "empty.wav").write_bytes(b"")
    soundfile.write(tmp_path / "short.wav", tone(0.05), RATE)
    soundfile.write(tmp_path / "nan.wav", tone(1.0) * np.nan, RATE, "FLOAT")
    soundfile.write(tmp_path / "long.wav", tone(21.0), RATE)
    soundfile.write(tmp_path / "wide.flac", np.zeros((200_000, 8)), 192_000)
    *_, (said, drawn) = desk.look(str(tmp_path / name))
    assert words in text(said) and drawn == ""
    assert str(tmp_path) not in said and "private" not in said


def test_nothing_chosen_is_no_error(desk):
    assert list(desk.look(None)) == [(page_answer.EMPTY, "")]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"longest": 601}, "1 to 600 s"),
        ({"longest": float("nan")}, "1 to 600 s"),
        ({"window": 0.05}, "window must be 0.1 to 600 s"),
        ({"window": 2, "hop": 3}, "hop from 0.01 s to the window"),
    ],
)
def test_limits_that_cannot_be_are_refused(desk, limits, words):
    with pytest.raises(InputError, match=words):
        Desk(desk.classifier, **limits)


def test_a_free_port_is_found_and_a_taken_one_named():
    with socket.create_server((demo.HOST, demo.free_port(demo.HOST, 0))) as server:
        taken = server.getsockname()[1]
        with pytest.raises(InputError, match=f"port {taken} cannot be bound.*--port 0"):
            demo.free_port(demo.HOST, taken)
    with pytest.raises(InputError, match="0 to 65535"):
        demo.free_port(demo.HOST, 65536)
    with pytest.raises(InputError, match="192.0.2.1, port 0 cannot be bound"):
        demo.free_port("192.0.2.1", 0)  # set aside for documentation: no machine has it


@pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason="needs gradio")
def test_an_address_of_ipv6_is_served(desk, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    try:
        port = demo.free_port("::1", 0)
    except InputError:
        pytest.skip("this machine has no IPv6")
    with demo.served(Page(desk, Past()), "::1", port) as address:
        assert address == f"http://[::1]:{port}/"
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert straight.open(address).status == 200


@pytest.mark.parametrize(
    ("host", "warned"),
    [
        *((host, False) for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost")),
        *((host, True) for host in ("0.0.0.0", "::", "192.0.2.1", "example.org")),
    ],
)
def test_a_page_that_others_can_reach_is_warned_of(host, warned, caplog):
    demo.warn_of(host)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned


def test_examples_are_few_and_the_same_each_time(tmp_path):
    for i in range(20):
        (tmp_path / f"{i:02}").mkdir()
        (tmp_path / f"{i:02}" / f"{i:02}.wav").touch()
    chosen = demo.choose_examples(tmp_path)
    assert len(set(chosen)) == demo.OFFERED and chosen == demo.choose_examples(tmp_path)
    assert demo.choose_examples(tmp_path / "03") == [tmp_path / "03" / "03.wav"]


def test_examples_of_one_name_are_different_recordings(tmp_path):
    names = ["happy.wav", "anna/happy.wav", "ben/happy.wav", "ben/happy.opus"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert {str(path.relative_to(tmp_path)) for path in demo.choose_examples(tmp_path)} == {*names}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere is no folder"),
        ([".", "--examples", "nowhere"], "nowhere is no folder"),
        ([".", "--most_mb", "0"], "--most_mb must be above 0"),
        ([".", "--port", "x"], "invalid int value"),
        ([], "MODEL"),
    ],
)
@pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason="needs gradio")
def test_bad_arguments_are_refused_in_words(arguments, words, refused):
    assert words in refused(demo.main, *arguments, *(["--port", "0"] if len(arguments) < 3 else []))


def test_without_gradio_it_says_what_to_install(monkeypatch, refused):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install '.[demo]'" in refused(demo.main, ".")


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'gradio', 'matplotlib', 'soundfile', 'scipy'}"
    code = (
        "import sys, ser_plugins.cli.demo as demo\n"
        f"try: demo.main(['--help'])\nfinally: print('loaded', *{heavy} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "loaded"
