"""The page in a real browser: files and a microphone are heard, and nothing leaves the machine."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from places import ROOT

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles

CHROMIUM = Path("/usr/bin/chromium")
RATE = 48000
LABELS = ["sad", "angry", "<b>${document.title = 1}{{value}}</b>"]

pytestmark = [
    pytest.mark.slow,
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
        for name in ("gradio", "playwright")
    ),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}, of Debian's chromium"),
]


def voice(seconds=2.0, pitch=200):
    """A buzz that comes and goes."""
    time = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 20))
    return (0.1 * buzz * (1 + np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A folder of sounds, good and bad."""
    folder = tmp_path_factory.mktemp("sounds")
    soundfile.write(folder / "good.wav", voice(), RATE)
    soundfile.write(folder / "other.flac", voice(pitch=90), RATE)
    soundfile.write(folder / "long.wav", voice(9.0), RATE)
    soundfile.write(folder / "longer.flac", np.zeros(21 * 8000), 8000)
    soundfile.write(folder / "short.wav", voice(0.01), RATE)
    soundfile.write(folder / "nan.wav", voice() * np.nan, RATE, "FLOAT")
    (folder / "text.wav").write_text("a private letter")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "big.wav").write_bytes(bytes(3_200_000))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory, small_bundle):
    """An untrained bundle with one label that looks like code."""
    folder = tmp_path_factory.mktemp("run") / "bundle"
    bundles.write(folder, small_bundle(LABELS))
    return folder


def start(model, place, *options):
    """Start the command; return its process and the address of the page."""
    command = [sys.executable, str(ROOT / "tools" / "demo.py"), str(model), "--port", "0", *options]
    place.mkdir()
    environment = {**os.environ, "TMPDIR": str(place), "HTTP_PROXY": "http://127.0.0.1:9"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    for line in process.stdout:
        if found := re.search(r"the page is at (http://127\.0\.0\.1:\d+/)", line):
            return process, found[1]
    raise AssertionError(f"it ended with {process.wait()}")


def end(process):
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    return process.returncode, said


@pytest.fixture(scope="module")
def address(model, sounds, tmp_path_factory):
    place = tmp_path_factory.mktemp("demo") / "kept"
    limits = ("--most_mb", "3", "--longest", "20", "--examples", str(sounds))
    process, address = start(model, place, *limits)
    yield address
    end(process)


@pytest.fixture(scope="module")
def chromium(sounds):
    from playwright.sync_api import sync_playwright

    heard = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    heard.append(f"--use-file-for-fake-audio-capture={sounds / 'good.wav'}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *heard]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    """A page that was opened, what it asked for, and what its console said was wrong."""
    context = chromium.new_context(permissions=["microphone"], color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(20_000)
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    page.get_by_text("Nothing to hear yet").wait_for()
    page.locator("input[type=file]").wait_for(state="attached")
    yield SimpleNamespace(page=page, asked=asked, wrong=wrong)
    context.close()


def choose(page, path):
    if page.get_by_role("button", name="Clear").count():
        page.get_by_role("button", name="Clear").click()
        page.get_by_text("Nothing to hear yet").wait_for()
    page.locator("input[type=file]").first.set_input_files(path)


def shown(page, name):
    """Return the label and the scores on the page, once it shows them for a recording."""
    page.locator("#answer .ser-small", has_text=name).wait_for()
    page.locator("#pictures img").first.wait_for()
    bars = page.locator("#answer li").all()
    scores = {bar.get_attribute("data-label"): bar.get_attribute("data-score") for bar in bars}
    label = page.locator(".ser-decision b").inner_text()
    return label, {label: float(score) for label, score in scores.items()}


@pytest.fixture(scope="module")
def expected(model, sounds):
    classifier = EmotionClassifier.from_pretrained(model)
    return lambda name: classifier.predict(sounds / name)


def test_what_the_page_says_of_files_is_what_the_classifier_says(visit, sounds, expected):
    for name in ("good.wav", "other.flac", "long.wav"):
        choose(visit.page, sounds / name)
        label, scores = shown(visit.page, name)
        found = expected(name)
        assert label == found.label and list(scores) == LABELS
        assert visit.page.locator("#answer li span").nth(4).inner_text() == LABELS[2]
        assert scores == pytest.approx(dict(found.scores), abs=1e-5)
        words = [image.get_attribute("alt") for image in visit.page.locator("#pictures img").all()]
        assert "attention" in words[0] and ("over time" in words[-1]) == (name == "long.wav")
    assert visit.wrong == [] and visit.page.title() == "Emotion in speech"
    hosts = {url.split("/")[2] for url in visit.asked if url.startswith("http")}
    assert len(hosts) == 1 and hosts.pop().startswith("127.0.0.1:")


def test_a_recording_of_the_microphone_is_analysed_when_it_stops(visit):
    visit.page.get_by_role("button", name="Record audio").click()
    visit.page.get_by_role("button", name="Record", exact=True).click()
    visit.page.wait_for_timeout(1500)
    visit.page.get_by_role("button", name="Stop", exact=True).click()
    label, scores = shown(visit.page, "audio.wav")
    assert label == max(scores, key=scores.get) and sum(scores.values()) == pytest.approx(
        1, abs=1e-5
    )
    seconds = re.search(r"([\d.]+) s$", visit.page.locator("#answer .ser-small").inner_text())
    assert 0.5 < float(seconds[1]) < 10
    assert visit.wrong == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.wav", "no sound that can be read"),
        ("empty.wav", "the file is empty"),
        ("short.wav", "0.1 s are needed"),
        ("nan.wav", "NaN"),
        ("longer.flac", "lasts 21.0 s; at most 20.0 s are heard here"),
    ],
)
def test_a_bad_file_is_named_and_the_next_one_heard(visit, sounds, expected, name, words):
    choose(visit.page, sounds / name)
    said = visit.page.locator(".ser-refusal")
    said.wait_for()
    assert words in said.inner_text() and name in said.inner_text()
    assert "/" not in said.inner_text() and visit.page.locator("#pictures img").count() == 0
    choose(visit.page, sounds / "good.wav")
    assert shown(visit.page, "good.wav")[0] == expected("good.wav").label


def test_a_file_that_is_too_large_is_refused_and_the_next_one_heard(visit, sounds, expected):
    choose(visit.page, sounds / "big.wav")
    visit.page.get_by_text("maximum allowed size of 3.0 M").first.wait_for()
    choose(visit.page, sounds / "good.wav")
    assert shown(visit.page, "good.wav")[0] == expected("good.wav").label


def test_an_example_is_heard_and_the_button_hears_it_again(visit, expected):
    visit.page.get_by_role("button", name="good", exact=True).click()
    assert shown(visit.page, "good.wav")[0] == expected("good.wav").label
    visit.page.get_by_role("button", name="Analyse").click()
    assert shown(visit.page, "good.wav")[0] == expected("good.wav").label


def test_it_fits_a_phone(visit, sounds):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    choose(visit.page, sounds / "long.wav")
    shown(visit.page, "long.wav")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_ctrl_c_ends_it_and_nothing_is_left(model, sounds, tmp_path, chromium):
    process, address = start(model, tmp_path / "kept")
    page = chromium.new_page()
    page.goto(address)
    page.locator("input[type=file]").wait_for(state="attached")
    for name in ("text.wav", "good.wav"):
        choose(page, sounds / name)
        page.locator("#answer", has_text=name).wait_for()
    assert list((tmp_path / "kept").rglob("good.wav"))
    code, said = end(process)
    page.close()
    assert code == 130 and said.strip() == "the page is closed"
    assert list((tmp_path / "kept").glob("ser-demo-*")) == []
