"""A stretch of speech in a stream is heard as a file that holds it."""

import numpy as np
import pytest
import soxr
from speech_sounds import RATE, noise, silence, talk, write_system

from ser_plugins.core.inference import EmotionClassifier
from ser_plugins.core.live.listener import Listener, Memory
from ser_plugins.core.live.speech import Segmenter, make_detector


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    folder = write_system(tmp_path_factory.mktemp("system") / "bundle")
    return EmotionClassifier.from_pretrained(folder)


def listen(classifier, wav, rate, size, in_haste=False):
    listener = Listener(classifier, rate, Segmenter(make_detector("energy")))
    blocks = (wav[i : i + size] for i in range(0, len(wav), size))
    found = [one for block in blocks for one in listener.feed(block, in_haste)]
    return [*found, *listener.finish()], listener


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_the_decisions_are_those_on_files_of_the_stretches(classifier, voices, rate):
    wav, bounds = talk(voices)
    wav = soxr.resample(wav, RATE, rate) if rate != RATE else wav
    found, _ = listen(classifier, wav, rate, rate // 30)
    final = [one.prediction for one in found if one.ended]
    assert len(final) == 2
    for one, (first, last) in zip(final, bounds, strict=True):
        assert first - 0.5 < one.start <= first and last - 0.05 <= one.stop < last + 0.5
        cut = wav[round(one.start * rate) : round(one.stop * rate)]
        assert one.scores == classifier.predict(cut, rate).scores


@pytest.mark.parametrize("rate", [16000, 48000])
def test_blocks_of_any_size_give_the_same_decisions(classifier, voices, rate):
    wav, _ = talk(voices)
    wav = soxr.resample(wav, RATE, rate)
    whole, _ = listen(classifier, wav, rate, len(wav))
    for size in (rate // 31, 77777):
        found, _ = listen(classifier, wav, rate, size)
        assert found == whole


def test_a_running_decision_is_the_mean_of_what_is_heard_and_the_last_one(classifier):
    def always(_):
        return True

    wav = noise(4.5, -30, 0.5)
    wav[2 * RATE :] = np.sin(np.arange(2.5 * RATE) / 9).astype(np.float32)
    listener = Listener(classifier, RATE, Segmenter(always))
    found = [*listener.feed(wav), *listener.finish()]
    assert [one.ended for one in found] == [False] * 4 + [True]
    last = {}
    for one in found:
        scores = classifier.predict(wav[: round(one.prediction.stop * RATE)], RATE).scores
        if not one.ended:
            scores = {k: (v + last[k]) / 2 if last else v for k, v in scores.items()}
        assert one.prediction.scores == pytest.approx(scores, abs=1e-6)
        assert one.prediction.label == max(scores, key=scores.get)
        last = scores


def test_each_stretch_begins_anew_and_the_end_of_the_stream_ends_one(classifier, voices):
    wav, bounds = talk(voices)
    wav = wav[: round(bounds[1][1] * RATE)]
    found, _ = listen(classifier, wav, RATE, 512)
    ends = [i for i, one in enumerate(found) if one.ended]
    assert len(ends) == 2 and ends[1] == len(found) - 1
    first = found[ends[0] + 1].prediction  # of the second stretch
    cut = wav[round(first.start * RATE) : round(first.stop * RATE)]
    assert first.scores == classifier.predict(cut, RATE).scores


def test_in_haste_only_ended_speech_is_heard(classifier, voices):
    wav, _ = talk(voices)
    calm, hasty = (listen(classifier, wav, RATE, 512, haste)[0] for haste in (False, True))
    assert [one for one in calm if one.ended] == hasty and len(calm) > len(hasty)


def test_a_long_stream_is_not_kept(classifier):
    _, listener = listen(classifier, noise(20, -40), RATE, 512)
    assert sum(map(len, listener.memory.blocks)) < RATE and listener.seconds == 20


def test_silence_has_no_decision_and_a_clipped_stretch_says_so(classifier, voices):
    assert listen(classifier, silence(3), RATE, 512)[0] == []
    wav, _ = talk(voices)
    found, _ = listen(classifier, np.clip(40 * wav, -1, 1), RATE, 512)
    assert {one.prediction.note for one in found if one.ended} == {"clipped"}


def test_memory_finds_samples_by_their_place():
    memory, wav = Memory(), np.arange(100, dtype=np.float32)
    for i in range(0, 100, 7):
        memory.add(wav[i : i + 7])
        memory.forget(i - 20)
    assert memory.last == 100 and 70 <= memory.first <= 78
    np.testing.assert_array_equal(memory.cut(80, 95), wav[80:95])
