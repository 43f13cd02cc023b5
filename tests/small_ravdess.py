"""RAVDESS in its names, whole: each clip is a stretch of noise of its own."""

import itertools

import numpy as np
import soundfile

SECONDS = 0.4  # above what is called too short to hold speech


def write(root):
    """Write the 1440 clips; return the folder."""
    for numbers in itertools.product(range(1, 25), range(1, 9), (1, 2), (1, 2), (1, 2)):
        actor, emotion, intensity, statement, repetition = numbers
        if (emotion, intensity) == (1, 2):  # nothing is strongly neutral
            continue
        fields = (3, 1, emotion, intensity, statement, repetition, actor)
        path = root / f"Actor_{actor:02d}" / ("-".join(f"{field:02d}" for field in fields) + ".wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(numbers).standard_normal(int(16000 * SECONDS))
        soundfile.write(path, 0.02 * emotion * noise, 16000)
    return root
