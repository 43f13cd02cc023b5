"""Many recordings are heard together, told apart, and answered in their order."""

import numpy as np
import pytest
import soundfile

from ser_plugins import EmotionClassifier
from ser_plugins.core import inference
from ser_plugins.core.errors import InputError, OptionError

RATE = 16000


class Pitch:
    """A system that knows loud from soft by the peak, and remembers what it was given."""

    labels, sample_rate, config = ("loud", "soft"), RATE, {}

    def __init__(self):
        self.batches = []

    def probabilities(self, wavs):
        self.batches.append([len(wav) for wav in wavs])
        peaks = np.float32([np.abs(wav).max() for wav in wavs])
        return np.stack([peaks, 1 - peaks], 1)


def sound(peak, seconds=1.0):
    return np.full(round(seconds * RATE), peak, np.float32)


@pytest.fixture
def classifier():
    return EmotionClassifier(Pitch())


def test_a_prediction_says_what_was_heard(classifier, tmp_path):
    soundfile.write(tmp_path / "a.wav", sound(0.75, 1.5), RATE, "FLOAT")
    found = classifier.predict(tmp_path / "a.wav")
    assert found.label == "loud" and found.scores == pytest.approx({"loud": 0.75, "soft": 0.25})
    assert (found.start, found.stop, found.error) == (0, 1.5, "")
    assert found.source == str(tmp_path / "a.wav")


def test_answers_come_in_the_order_of_the_questions(classifier):
    random = np.random.default_rng(0)
    peaks = random.uniform(0.1, 0.9, 300)
    sounds = [sound(peak, random.uniform(0.2, 2)) for peak in peaks]
    found = classifier.predict(sounds, RATE)
    assert [one.scores["loud"] for one in found] == pytest.approx(peaks.tolist())
    assert all(max(sizes) - min(sizes) < RATE / 2 for sizes in classifier.system.batches[:8])


def test_what_cannot_be_heard_stops_nothing(classifier):
    found = classifier.predict([sound(0.9), "missing.wav", sound(0.1)], RATE)
    assert [one.label for one in found] == ["loud", "", "soft"]
    assert "no such file" in found[1].error and found[1].scores == {}
    with pytest.raises(InputError, match="no such file"):
        classifier.predict("missing.wav")


def test_long_recordings_are_not_heard_together(classifier):
    classifier.predict([sound(0.5, 15) for _ in range(8)], RATE)
    assert [len(sizes) for sizes in classifier.system.batches] == [3, 3, 2]


def test_a_stream_begins_before_it_has_read_everything(classifier):
    def sounds():
        for _ in range(10_000):
            yield sound(0.5, 0.2)
        pytest.fail("all was read")

    assert next(classifier.stream(sounds(), RATE)).label == "loud"


def test_below_the_threshold_the_label_is_unsure():
    classifier = EmotionClassifier(Pitch(), unsure_below=0.7)
    found = classifier.predict([sound(0.6), sound(0.8), sound(0.1)], RATE)
    assert [one.label for one in found] == ["unsure", "loud", "soft"]


@pytest.mark.parametrize("options", [{"unsure_below": 1}, {"unsure_below": -1}, {"batch_size": 0}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(OptionError):
        EmotionClassifier(Pitch(), **options)


def test_digital_silence_has_no_emotion(classifier):
    assert [one.label for one in classifier.predict([sound(0), sound(0.1)], RATE)] == [
        "unsure",
        "soft",
    ]


def test_a_prediction_is_one_line(classifier):
    assert (
        str(classifier.predict(sound(0.75), RATE)) == "array: loud 0.75, soft 0.25 (1.0 s, clipped)"
    )
    (missing,) = classifier.predict(["missing.wav"])
    assert str(missing) == "missing.wav: there is no such file"


def test_a_path_is_no_system():
    with pytest.raises(OptionError, match="from_pretrained"):
        EmotionClassifier("results/run")


def test_what_is_no_number_is_an_error_and_no_decision(classifier):
    found = classifier.predict([sound(np.float32(0.5)), sound(0.2)], RATE)
    assert [one.score for one in found] == pytest.approx([0.5, 0.8])
    classifier.system.probabilities = lambda wavs: np.full((len(wavs), 2), np.nan)
    found = classifier.predict([sound(0.5)], RATE)[0]
    assert not found.label and not found.scores and "no number" in found.error


def test_a_timeline_follows_the_recording(classifier, tmp_path):
    wav = np.concatenate([sound(0.2, 4), sound(0.8, 4)])
    soundfile.write(tmp_path / "a.wav", wav, RATE, "FLOAT")
    found = list(classifier.timeline(tmp_path / "a.wav", window=1, hop=1))
    assert [one.label for one in found] == ["soft"] * 4 + ["loud"] * 4
    assert [one.stop for one in found] == list(range(1, 9))


def test_a_name_that_leads_nowhere_is_refused(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        inference.EmotionClassifier.from_pretrained(tmp_path / "nowhere")
    (tmp_path / "hyperparams.yaml").write_text("seed: 1")
    with pytest.raises(InputError, match="no bundle yet"):
        inference.EmotionClassifier.from_pretrained(tmp_path)
