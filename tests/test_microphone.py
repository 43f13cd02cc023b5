"""What is spoken into a real PortAudio stream is heard as its file is."""

import json
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from places import ROOT
from speech_sounds import LABELS, RATE, clip, talk, write_system
from virtual_microphone import VirtualMicrophone, missing

from ser_plugins.core.inference import EmotionClassifier

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture
def microphone():
    with tempfile.TemporaryDirectory(prefix="mic") as folder, VirtualMicrophone(Path(folder)) as m:
        yield m


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    return write_system(tmp_path_factory.mktemp("system") / "bundle")


@contextmanager
def listening(microphone, *arguments):
    """Run the script; go on when it hears."""
    command = [sys.executable, str(ROOT / "tools" / "listen.py"), *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=microphone.environment, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            said = next((line for line in process.stderr if " Hz" in line), "")
            assert "default" in said, process.stderr.read()
            yield process
        finally:
            process.kill()


def ended(process):
    """Return the exit code and the rest of what was said."""
    out, said = process.communicate(timeout=30)
    return process.returncode, out, said


def test_a_clip_through_the_microphone_is_heard_as_its_file(microphone, system, voices, tmp_path):
    spoken = voices / "f4" / "f4_4_happy_2.wav"
    classifier = EmotionClassifier.from_pretrained(system)
    expected = classifier.predict(spoken)
    other = classifier.predict(clip(voices, "m2_4_fearful_2"), RATE)
    assert max(abs(expected.scores[label] - other.scores[label]) for label in LABELS) > 0.05
    with listening(microphone, system, "--once", 3, "--json", "--save", "kept.wav") as process:
        microphone.play(spoken)
        code, out, said = ended(process)
    assert code == 0, said
    heard = json.loads(out)
    assert heard["label"] == expected.label and heard["overruns"] == 0
    assert heard["scores"] == pytest.approx(dict(expected.scores), abs=1e-4)
    kept, rate = soundfile.read(tmp_path / "kept.wav", dtype="float32")
    wav = clip(voices, "f4_4_happy_2")
    assert rate == RATE and len(kept) > len(wav)
    np.testing.assert_array_equal(kept[: len(wav)], wav)
    again = classifier.predict(tmp_path / "kept.wav")
    assert again.scores == pytest.approx(heard["scores"], abs=1e-7)


def test_two_utterances_with_a_pause_are_two_decisions(microphone, system, voices, tmp_path):
    wav, bounds = talk(voices)
    soundfile.write(tmp_path / "talk.wav", wav, RATE)
    with listening(microphone, system, "--json", "--log", "log.csv", "--device", "def") as process:
        microphone.play(tmp_path / "talk.wav")
        heard = [json.loads(process.stdout.readline()) for _ in bounds]
        process.send_signal(signal.SIGINT)
        code, out, said = ended(process)
    assert (code, out) == (0, "") and "overruns: 0" in said and "Traceback" not in said
    late = heard[1]["stop"] - bounds[1][1] - 0.3
    for one, (first, last) in zip(heard, bounds, strict=True):
        assert one["start"] - late < first and one["stop"] - late > last - 0.1
        assert one["stop"] - one["start"] < last - first + 0.9
        assert sum(one["scores"].values()) == pytest.approx(1)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3


def test_a_microphone_that_is_unplugged_is_said(microphone, system):
    with listening(microphone, system) as process:
        microphone.unplug()
        code, _, said = ended(process)
    assert code == 2 and "unplugged" in said and "Traceback" not in said


def test_microphones_are_listed_and_chosen_by_name(microphone):
    command = [sys.executable, str(ROOT / "tools" / "listen.py")]
    facts = {"env": microphone.environment, "capture_output": True, "text": True}
    listed = subprocess.run([*command, "--list_devices"], **facts)
    assert listed.returncode == 0
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [
        ["0", "pulse,"],
        ["*", "1"],
    ]
    refused = subprocess.run([*command, "model", "--device", "harp"], **facts)
    assert refused.returncode == 2 and "'harp'" in refused.stderr
    assert listed.stdout.strip() in refused.stderr
