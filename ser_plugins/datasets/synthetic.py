"""Synthetic: ten voices of a small formant synthesiser say five sentences in five emotions, twice.

The cues point where Juslin and Laukka (2003), Psychological Bulletin 129(5), Table 11, summarise
vocal expression (see also Banse and Scherer (1996), J. Pers. Soc. Psychol. 70(3)); their sizes
are ours. Much of what tells the emotions apart is movement, which a mean over time loses.
"""

import re
from collections.abc import Iterator
from dataclasses import astuple
from functools import partial
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
import soundfile as sf

from ser_plugins import Corpus, Fold, Protocol, Utterance, find_audio, hookimpl

from ._voice import SAMPLE_RATE, SPEAKERS, Manner, speak

# pitch, range, contour, rate, loudness, tilt, jitter, tremor
EMOTIONS = {
    "neutral": Manner(0.0, 3.0, -2.0, 1.00, 0.0, 0.0, 0.005, 0.1),
    "happy": Manner(5.0, 7.0, 5.0, 1.12, 3.0, 1.0, 0.005, 0.1),
    "sad": Manner(-3.0, 1.0, -5.0, 0.74, -6.0, -3.5, 0.008, 0.3),
    "angry": Manner(3.0, 9.0, 1.0, 1.18, 7.0, 3.5, 0.018, 0.3),
    "fearful": Manner(6.0, 1.5, 2.0, 1.22, -2.0, -1.0, 0.020, 2.0),
}
SPREAD = Manner(0.7, 0.7, 1.0, 0.04, 1.5, 0.5, 0.002, 0.1)  # standard deviation between clips

SENTENCES = (  # a capital vowel is stressed
    "nElo mAsi bAda",
    "si wElo dAma ku",
    "kAto mi lUse fa",
    "do sAmi nUle ta",
    "lIma tAno wEsu",
)
TAKES = (1, 2)
CLIP = re.compile(rf"({'|'.join(SPEAKERS)})_([1-5])_({'|'.join(EMOTIONS)})_([12])")
PAIRS = [{"speaker": [f"f{pair}", f"m{pair}"]} for pair in (1, 2, 3, 4, 5)]
FOLDS = tuple(Fold(test, valid) for test, valid in zip(PAIRS, PAIRS[1:] + PAIRS[:1], strict=True))


def read(root: Path) -> Iterator[Utterance]:
    """Yield the clips under `root`, named `<speaker>_<sentence>_<emotion>_<take>.wav`."""
    for path in find_audio(root, key=lambda p: p.stem):
        if fields := CLIP.fullmatch(path.stem):
            speaker, sentence, emotion, _ = fields.groups()
            sex, text = SPEAKERS[speaker].sex, SENTENCES[int(sentence) - 1].lower()
            yield Utterance(path.stem, path, emotion, speaker, sex=sex, text=text)


def render(root: Path, seed: int) -> None:
    """Write every clip to `root/<speaker>/`; the same seed writes the same bytes."""
    for speaker, number, emotion, take in product(SPEAKERS, range(len(SENTENCES)), EMOTIONS, TAKES):
        path = Path(root, speaker, f"{speaker}_{number + 1}_{emotion}_{take}.wav")
        rng = np.random.default_rng([seed, crc32(path.stem.encode())])
        manner = Manner(*rng.normal(astuple(EMOTIONS[emotion]), astuple(SPREAD)))
        wav = speak(SENTENCES[number], SPEAKERS[speaker], manner, rng)
        wav = np.pad(wav, (SAMPLE_RATE * rng.uniform(0.1, 0.4, 2)).astype(int))
        wav += 10 ** (-75 / 20) * rng.standard_normal(wav.size)  # a quiet room, not digital zero
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, wav, SAMPLE_RATE, "PCM_16")


def synthetic(seed: int = 0) -> Corpus:
    """Describe the corpus that `seed`, 0 or more, renders."""
    if not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0, not {seed!r}")
    labels, size = tuple(EMOTIONS), len(SPEAKERS) * len(SENTENCES) * len(EMOTIONS) * len(TAKES)
    main = Protocol("synthetic-5", FOLDS, labels, shares=("text:valid", "text:test"))
    names = ("f1/f1_1_neutral_1.wav", "f1/f1_2_happy_2.wav", "m5/m5_5_fearful_1.wav")
    facts = {"obtain": partial(render, seed=seed), "embedded": True, "example": names}
    return Corpus(read, labels, len(SPEAKERS), size, "", "CC0-1.0", (main,), **facts)


@hookimpl
def ser_datasets():
    """Register it: rendered in seconds, nothing is downloaded."""
    return {"synthetic": synthetic}
