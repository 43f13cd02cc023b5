"""Speech is told from silence and noise, and cut out between pauses with all that belongs to it."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from speech_sounds import RATE, clip, noise, silence, talk

from ser_plugins.core.errors import InputError
from ser_plugins.core.live import speech
from ser_plugins.core.live.speech import FRAME, Segmenter, make_detector

BOTH = ("energy", "silero")
HERE = importlib.util.find_spec("silero_vad") and importlib.util.find_spec("onnxruntime")


@pytest.fixture(params=BOTH)
def detector(request):
    if request.param == "silero" and not HERE:
        pytest.skip("needs silero-vad and onnxruntime")
    return make_detector(request.param)


def stretches(detector, wav, size=10**9, every=100.0, **options):
    segmenter = Segmenter(detector, every=every, **options)
    found = [s for i in range(0, len(wav), size) for s in segmenter.feed(wav[i : i + size])]
    return [*found, *segmenter.finish()]


@pytest.mark.parametrize("floor", [-75, -60])
def test_two_utterances_with_a_pause_are_two_stretches_that_hold_them(detector, voices, floor):
    wav, bounds = talk(voices)
    found = stretches(detector, wav + noise(len(wav) / RATE, floor, 0.5))
    assert len(found) == 2
    for one, (first, last) in zip(found, bounds, strict=True):
        assert one.start <= first and one.stop >= last - 0.05
        assert one.start > first - 0.5 and one.stop < last + 0.5
    assert found[0].stop <= found[1].start


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("floor", [-70, -40, -15])
def test_steady_noise_is_no_speech(detector, slope, floor):
    assert stretches(detector, noise(8, floor, slope)) == []


@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_silence_and_a_constant_offset_are_no_speech(detector, offset):
    assert stretches(detector, silence(8) + np.float32(offset)) == []


def test_a_click_is_no_speech(detector):
    wav = noise(4, -70)
    wav[32000:32400] += 0.5
    assert stretches(detector, wav) == []


def test_noise_that_sets_in_is_soon_known(voices):
    wav = np.concatenate([noise(3, -75), noise(17, -35)])
    found = stretches(make_detector("energy"), wav)
    assert sum(one.stop - one.start for one in found) < 7


def test_a_hum_does_not_hide_speech(detector, voices):
    wav, bounds = talk(voices)
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(wav)) / RATE)
    assert len(stretches(detector, wav + hum.astype(np.float32))) == len(bounds)


def test_a_longer_pause_joins_and_a_shorter_one_parts(detector, voices):
    wav, _ = talk(voices)
    assert len(stretches(detector, wav, pause=2.5)) == 1
    assert len(stretches(detector, wav, pause=0.2)) >= 2


def test_blocks_of_any_size_give_the_same_stretches(voices):
    wav, _ = talk(voices)
    whole = stretches(make_detector("energy"), wav, every=0.5)
    assert [one.ended for one in whole].count(True) == 2 and len(whole) > 4
    for size in (37, 511, 1600):
        assert stretches(make_detector("energy"), wav, size=size, every=0.5) == whole


def always(_):
    return True


def test_speech_without_a_pause_is_cut_where_it_is_longest_and_nothing_is_lost():
    wav = np.ones(20 * RATE // FRAME * FRAME, np.float32)
    found = stretches(always, wav, longest=6)
    assert all(one.stop - one.start <= 6 for one in found)
    assert found[0].start == 0 and found[-1].stop == pytest.approx(20, abs=0.04)
    assert [one.start for one in found[1:]] == [one.stop for one in found[:-1]]


def test_what_goes_on_is_told_every_second():
    found = stretches(always, np.ones(round(5.5 * RATE), np.float32), every=1.0)
    assert [one.ended for one in found] == [False] * 5 + [True]
    assert {one.start for one in found} == {0.0}
    assert np.diff([one.stop for one in found[:-1]]) == pytest.approx(1, abs=0.05)


def test_the_end_of_a_stream_ends_a_stretch(detector, voices):
    wav = np.concatenate([silence(0.5), clip(voices, "f3_2_happy_1")])
    segmenter = Segmenter(detector, pause=5, every=100)
    assert list(segmenter.feed(wav)) == []
    (last,) = segmenter.finish()
    assert last.ended and segmenter.needed >= last.stop


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pause": 0}, "--pause must be 0.1 to 5"),
        ({"pause": float("nan")}, "--pause"),
        ({"longest": 0.5}, "--longest must be 1 to 60"),
        ({"longest": 600}, "--longest"),
    ],
)
def test_times_that_cannot_be_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        Segmenter(always, **options)


def test_without_silero_energy_serves_and_says_so(monkeypatch, caplog):
    monkeypatch.setattr(speech.importlib.util, "find_spec", lambda name: None)
    assert isinstance(make_detector("auto"), speech.Energy)
    assert "pip install '.[microphone]'" in caplog.text
    with pytest.raises(InputError, match="pip install .*--vad energy"):
        make_detector("silero")


@pytest.mark.skipif(not HERE, reason="needs silero-vad and onnxruntime")
def test_silero_is_taken_where_it_is_and_needs_no_torch(caplog):
    code = (
        "import sys; from ser_plugins.core.live.speech import *; import numpy as np\n"
        "found = make_detector('auto'); found(np.zeros(512, np.float32))\n"
        "print(type(found).__name__, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Silero", "False"]


@pytest.mark.skipif(not HERE, reason="needs silero-vad and onnxruntime")
def test_silero_hears_what_its_own_package_hears(voices):
    import torch

    threads = torch.get_num_threads()
    import silero_vad  # takes one thread for everybody

    torch.set_num_threads(threads)
    ours, theirs = make_detector("silero"), silero_vad.load_silero_vad(onnx=True)
    wav, _ = talk(voices)
    for frame in wav[: len(wav) // FRAME * FRAME].reshape(-1, FRAME):
        expected = theirs(torch.from_numpy(frame.copy()), RATE).item()
        assert ours.probability(frame) == pytest.approx(expected, abs=1e-6)
