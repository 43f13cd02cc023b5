"""EMO-DB, the Berlin database of emotional speech: ten actors, ten texts, seven emotions, German.

Burkhardt F, Paeschke A, Rolfes M, Sendlmeier W, Weiss B (2005), Interspeech, 1517-1520. CC0 by
its curators; from emodb.bilderbar.info. The label is the intended emotion, which at least 80 % of
listeners recognised: what they did not is not in the corpus.

Names are speaker, text, emotion, take, as 03a01Fa. Every file is peak-normalised, so that its
level tells nothing.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ser_plugins import (
    Corpus,
    Fold,
    Protocol,
    Utterance,
    fetch,
    find_audio,
    hookimpl,
    next_validates,
)

EMOTIONS = {  # by the first letter of the German word
    "W": "angry",
    "L": "bored",
    "E": "disgusted",
    "A": "fearful",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
}
LABELS = tuple(EMOTIONS.values())
MEN = ("03", "10", "11", "12", "15")
CLIPS = {
    "03": 49,
    "08": 58,
    "09": 43,
    "10": 38,
    "11": 55,
    "12": 35,
    "13": 61,
    "14": 69,
    "15": 56,
    "16": 71,
}
SEXES = {speaker: "male" if speaker in MEN else "female" for speaker in CLIPS}
CLIP = re.compile(rf"({'|'.join(CLIPS)})([ab]\d\d)([{''.join(EMOTIONS)}])([a-f])")
URL = "http://emodb.bilderbar.info"  # its archive has not been tried from here


def read(root: Path) -> Iterator[Utterance]:
    """Yield the recordings, wherever they lie under `root`."""
    for path in find_audio(root, key=lambda p: p.stem):
        if fields := CLIP.fullmatch(path.stem):
            speaker, text, emotion, _ = fields.groups()
            label = EMOTIONS[emotion]
            yield Utterance(path.stem, path, label, speaker, sex=SEXES[speaker], text=text)


def obtain(root: Path) -> None:
    """Download the archive, and unpack it."""
    fetch(f"{URL}/download/download.zip", root, unpack=True)


def next_of_other_sex(speaker: str) -> str:
    """Return the next speaker in number order, the first after the last, of the other sex."""
    order = list(CLIPS)
    i = order.index(speaker)
    return next(s for s in order[i + 1 :] + order[:i] if SEXES[s] != SEXES[speaker])


def by_speaker(name: str, folds: tuple[Fold, ...], note: str) -> Protocol:
    """Return a protocol of folds by speaker, with their sizes."""
    held = [[sum(CLIPS[s] for s in part["speaker"]) for part in (f.valid, f.test)] for f in folds]
    sizes = tuple((sum(CLIPS.values()) - valid - test, valid, test) for valid, test in held)
    return Protocol(name, folds, LABELS, shares=("text:test", "text:valid"), note=note, sizes=sizes)


LOSO10 = tuple(Fold({"speaker": [s]}, {"speaker": [next_of_other_sex(s)]}) for s in CLIPS)
PAIRS = (("03", "08"), ("10", "16"), ("12", "14"), ("15", "09"), ("11", "13"))
EMODB = Corpus(
    read=read,
    labels=LABELS,
    speakers=10,
    size=535,
    url=URL,
    licence="CC0-1.0",
    languages=("de",),
    protocols=(
        by_speaker("emodb-loso10", LOSO10, "leave one speaker out"),
        by_speaker("emodb-5", next_validates(PAIRS), "a man and a woman in each part held out"),
    ),
    sexes=SEXES,
    obtain=obtain,
    example=("wav/03a01Fa.wav", "wav/03a01Nc.wav", "wav/16b10Wb.wav"),
)


@hookimpl
def ser_datasets():
    """Register EMO-DB."""
    return {"emodb": EMODB}
