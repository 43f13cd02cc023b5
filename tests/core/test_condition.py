"""What keeps speech from being heard is said of the sound itself."""

import math

import numpy as np
import pytest
from speech_sounds import RATE, noise, silence

from ser_plugins.core.live.condition import ADVICE, Condition


def after(*sounds, speaking=False):
    condition = Condition(RATE)
    for wav in sounds:
        for i in range(0, len(wav), 512):
            condition.add(wav[i : i + 512], speaking)
    return condition


@pytest.mark.parametrize(
    ("sounds", "speaking", "word"),
    [
        ([], False, "listening"),
        ([noise(3, -40)], False, "listening"),
        ([noise(6, -40)], False, "no speech"),
        ([noise(6, -40), silence(2)], False, "no speech"),
        ([noise(6, -70)], False, "too quiet"),
        ([silence(6)], False, "too quiet"),
        ([noise(6, -40)], True, "speech"),
        ([np.clip(noise(2, 0), -0.5, 0.5)], True, "clipping"),
        ([np.clip(noise(2, 0), -0.5, 0.5)], False, "clipping"),
        ([np.clip(noise(2, 0), -0.5, 0.5), noise(2, -30)], True, "speech"),
    ],
)
def test_one_word_says_what_is_going_on(sounds, speaking, word):
    assert after(*sounds, speaking=speaking).word == word and word in ADVICE


def test_speech_begins_the_wait_anew():
    condition = after(silence(4.9))
    condition.add(noise(0.1, -20), speaking=True)
    condition.add(silence(4.5), speaking=False)
    assert condition.word == "listening"
    condition.add(silence(0.6), speaking=False)
    assert condition.word == "too quiet" and condition.seconds == pytest.approx(10.1)


def test_level_and_peak_of_a_sine_are_its_own():
    sine = 0.5 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE).astype(np.float32)
    condition = after(silence(1), sine)
    assert condition.level == pytest.approx(-9.03, abs=0.01)
    assert condition.peak == pytest.approx(-6.02, abs=0.01)
    assert after(sine, silence(0.2)).level == -math.inf
    assert after(sine, silence(1.1)).peak == -math.inf
