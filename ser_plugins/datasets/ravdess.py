"""RAVDESS speech: 24 actors, two statements, eight acted emotions, North American English.

Livingstone SR, Russo FA (2018), PLoS ONE 13(5): e0196391, doi 10.1371/journal.pone.0196391.
From zenodo.org/records/1188976 under CC BY-NC-SA 4.0. The label is the intended emotion.

Everything is in the file name, seven two-digit fields: modality-channel-emotion-intensity-
statement-repetition-actor. Songs (channel 02), videos (modality 01 and 02) and the second copy
that popular downloads nest inside the first are passed over.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ser_plugins import Corpus, Utterance, fetch, find_audio, hookimpl

from ._ravdess_protocols import EMOTIONS, PROTOCOLS

SEXES = {f"{actor:02d}": "male" if actor % 2 else "female" for actor in range(1, 25)}
URL = "https://zenodo.org/records/1188976"
# Digest and size as many who downloaded it give them; not verified by a download of ours.
MD5 = "md5:bc696df654c87fed845eb13823edef8a"
ARCHIVE = f"{URL}/files/Audio_Speech_Actors_01-24.zip"
SPEECH = re.compile(r"03-01-(0[1-8])-(0[12])-(0[12])-(0[12])-([01]\d|2[0-4])")


def read(root: Path) -> Iterator[Utterance]:
    """Yield the speech recordings, wherever they lie under `root`."""
    for path in find_audio(root, key=lambda p: p.stem):
        if fields := SPEECH.fullmatch(path.stem):
            emotion, intensity, statement, repetition, actor = fields.groups()
            yield Utterance(
                id=path.stem,
                path=path,
                label=EMOTIONS[int(emotion) - 1],
                speaker=actor,
                sex=SEXES[actor],
                text=statement,
                extra={"intensity": intensity, "repetition": repetition},
            )


def obtain(root: Path) -> None:
    """Download the speech archive, 208 MB, and unpack it."""
    fetch(ARCHIVE, root, MD5, unpack=True)


RAVDESS = Corpus(
    read=read,
    labels=EMOTIONS,
    speakers=24,
    size=1440,
    url=URL,
    licence="CC BY-NC-SA 4.0",
    languages=("en",),
    protocols=PROTOCOLS,
    sexes=SEXES,
    obtain=obtain,
    example=(
        "Actor_01/03-01-01-01-01-01-01.wav",
        "Actor_01/03-01-05-02-02-01-01.wav",
        "Actor_24/03-01-08-02-02-02-24.wav",
    ),
)


@hookimpl
def ser_datasets():
    """Register RAVDESS, speech only."""
    return {"ravdess": RAVDESS}
