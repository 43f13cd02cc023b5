"""The live view shows what is heard, in any terminal."""

import io

import numpy as np
import pytest
from speech_sounds import RATE, noise

from ser_plugins.core.live.condition import Condition
from ser_plugins.core.live.decisions import line
from ser_plugins.core.prediction import Prediction

console = pytest.importorskip("rich.console", reason="needs rich")
LABELS = ("angry", "sad")
FOUND = Prediction("sad", {"angry": 0.25, "sad": 0.75}, 1.5, "mic", 2.0, "clipped")


@pytest.fixture(params=[40, 80, 200])
def meters(request):
    from ser_plugins.core.live.meters import Meters

    screen = console.Console(file=io.StringIO(), width=request.param, record=True)
    return Meters(LABELS, "listening to a flute", screen)


def shown(meters):
    meters.console.print(meters.picture())
    return meters.console.export_text()


def bars(text):
    """Return how many blocks each name has beside it."""
    rows = [line.split() for line in text.splitlines()]
    return {row[1]: "".join(row).count("█") for row in rows if len(row) > 1}


def test_it_says_what_goes_on_before_anything_is_heard(meters):
    text = shown(meters)
    assert "opening" in text and "no decision yet" in text and "listening to a flute" in text
    assert "%" not in text and "dBFS" not in text


def test_bars_are_as_long_as_scores_are_high(meters):
    meters.decide(FOUND, ended=True)
    text = shown(meters)
    assert bars(text)["sad"] == pytest.approx(3 * bars(text)["angry"], abs=3)
    assert "75 %" in text and "decisions: 1" in text and "overruns: 0" in text
    assert "2.0 to    3.5 s  sad" in text.replace("\n", " ") and "clipped" in text


def test_a_decision_that_is_over_reads_as_its_line():
    from ser_plugins.core.live.meters import past

    failed = Prediction("", {}, 0.5, "mic", 2.0, error="the model gives no number")
    assert [past(one).plain for one in (FOUND, failed)] == [line(FOUND), line(failed)]
    assert line(FOUND) == "    2.0 to    3.5 s  sad           75 %  clipped"


def test_a_running_decision_is_no_final_one(meters):
    meters.decide(FOUND, ended=False)
    text = shown(meters)
    assert "going on" in text and "decisions: 0" in text and "3.5 s" not in text


@pytest.mark.parametrize(
    ("wav", "speaking", "word"),
    [
        (noise(6, -70), False, "too quiet"),
        (noise(6, -30), False, "no speech"),
        (noise(1, -30), True, "speech"),
        (np.clip(noise(1, 0), -1, 1), True, "clipping"),
    ],
)
def test_the_state_the_level_and_overruns_are_shown(meters, wav, speaking, word):
    condition = Condition(RATE)
    condition.add(wav, speaking)
    meters.hear(condition, overruns=7)
    text = shown(meters)
    assert f"● {word}" in text and f"{condition.level:.0f} dBFS" in text and "overruns: 7" in text
    part = max(0.0, 1 + condition.level / 70)
    if meters.console.width >= 80:
        assert bars(text)["level"] == pytest.approx(45 * part, abs=2)


def test_it_holds_a_terminal_and_gives_it_back(meters):
    with meters:
        meters.decide(FOUND, ended=True)
    assert not meters.live.is_started
