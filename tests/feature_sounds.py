"""Sounds whose features are known, and features of one clip."""

import numpy as np
import torch

from ser_plugins import make_features

RATE = 16000


def speechlike(seconds=1.3, rate=RATE):
    """A gliding pulse train in noise, quiet at the end, so that the 80 dB floor is met."""
    time = np.arange(int(seconds * rate)) / rate
    phase = np.cumsum(120 + 60 * np.sin(3 * time)) / rate
    noise = np.random.default_rng(0).normal(size=len(time))
    wav = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 20)) + 0.01 * noise
    return (wav * np.where(time > 1, 1e-6, 0.1)).astype(np.float32)


def tone(hertz, seconds=1.0, rate=RATE, partials=1):
    """A tone with partials that fall by 6 dB an octave."""
    time = np.arange(int(seconds * rate)) / rate
    wav = sum(np.sin(2 * np.pi * k * hertz * time) / k for k in range(1, 1 + partials))
    return (0.2 * wav).astype(np.float32)


def ours(name, wav, rate=RATE, **options):
    """The frames of one clip, `[N, F]`."""
    features = make_features(name, rate, **options)
    return features(torch.from_numpy(wav)[None], torch.ones(1))[0][0].numpy()


def column(features, wav, name, **options):
    """One named feature of each frame, `[N]`."""
    names = make_features(features, **options).names
    return ours(features, wav, **options)[:, names.index(name)]
