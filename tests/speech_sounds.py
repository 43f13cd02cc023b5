"""Speech of the synthetic corpus in silence and noise, and a small system that hears it."""

from pathlib import Path

import numpy as np
import soundfile
import torch
from places import YAML

from ser_plugins.core import bundle as bundles
from ser_plugins.core.hparams import Experiment

RATE = 16000
SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]
LABELS = ("sad", "angry", "happy")


def clip(voices: Path, name: str) -> np.ndarray:
    """Return a clip such as f1_1_happy_1."""
    return soundfile.read(voices / name[:2] / f"{name}.wav", dtype="float32")[0]


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def noise(seconds: float, level: float, slope: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return noise of a level in dBFS whose amplitude falls as frequency to the power of slope."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size))
    spectrum /= np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20) ** slope
    wav = np.fft.irfft(spectrum, size)
    return (wav / wav.std() * 10 ** (level / 20)).astype(np.float32)


def talk(voices: Path) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return two utterances with a pause, and from when to when there is sound in each."""
    one, two = clip(voices, "f2_1_happy_1"), clip(voices, "m3_4_neutral_2")
    wav, bounds = [silence(0.5), one, silence(0.9), two, silence(1.2)], []
    for place in (1, 3):
        before = sum(map(len, wav[:place])) / RATE
        loud = np.flatnonzero(np.abs(wav[place]) > 0.01) / RATE
        bounds.append((before + loud[0], before + loud[-1]))
    return np.concatenate(wav), bounds


def write_system(folder: Path) -> Path:
    """Write the bundle of an untrained system that is far from undecided.

    Its scores differ from clip to clip, by 0.1 and more, which is not so for every seed.
    """
    torch.manual_seed(8)
    hparams = Experiment(YAML, SMALL).load()
    config = bundles.make_config({**hparams, "normalize": "clip"}, LABELS)
    config["temperature"] = 0.01
    bundles.write(folder, bundles.build(config))
    return folder
