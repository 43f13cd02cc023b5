"""A corpus of tones as a stranger would write it: six speakers, three emotions told by pitch."""

from pathlib import Path

import numpy as np
import soundfile

from ser_plugins import Corpus, Utterance, find_audio, hookimpl

PITCH = {"sad": 150, "neutral": 300, "angry": 600}


def write(root: Path) -> Path:
    """Write the corpus: half a second to a second each, at 16 kHz."""
    for speaker in range(6):
        for emotion, hertz in PITCH.items():
            for take in range(4):
                seconds = np.arange(8000 + 1500 * take + 100 * speaker) / 16000
                tone = 0.3 * np.sin(2 * np.pi * (hertz + 5 * speaker + take) * seconds)
                path = root / f"s{speaker}" / f"{speaker}_{emotion}_{take}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, tone, 16000)
    return root


def read(root: Path):
    """Yield the tones."""
    for path in find_audio(root, key=lambda path: path.stem):
        speaker, emotion, _ = path.stem.split("_")
        sex = "female" if int(speaker) % 2 else "male"
        yield Utterance(path.stem, path, emotion, speaker=speaker, sex=sex)


@hookimpl
def ser_datasets():
    """Register the tones."""
    return {"toy": Corpus(read, tuple(PITCH), 6, 72, "https://example.org/toy", "CC0-1.0")}
