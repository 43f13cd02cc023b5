"""RAVDESS speech: 24 actors, two statements, eight acted emotions, North American English.

Livingstone SR, Russo FA (2018), PLoS ONE 13(5): e0196391, doi 10.1371/journal.pone.0196391.
From zenodo.org/records/1188976 under CC BY-NC-SA 4.0. The label is the intended emotion.

Everything is in the file name, seven two-digit fields: modality-channel-emotion-intensity-
statement-repetition-actor. Songs (channel 02), videos (modality 01 and 02) and the second copy
that popular downloads nest inside the first are passed over.
"""

import hashlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from ser_plugins import Corpus, Fold, Protocol, Utterance, find_audio, hookimpl

# In the order of their codes, 01 to 08.
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
SPEECH = re.compile(r"03-01-(0[1-8])-(0[12])-(0[12])-(0[12])-([01]\d|2[0-4])")
TEXT = ("text:test", "text:valid")

# Luna-Jimenez et al. (2022), Applied Sciences 12(1), 327: test actors, then validation actors.
LUNA5 = (
    ("02 05 14 15 16", "03 06"),
    ("03 06 07 13 18", "10 11"),
    ("10 11 12 19 20", "08 17"),
    ("08 17 21 23 24", "01 14"),
    ("01 04 09 22", "02 05"),
)
# EmoBox (Ma et al. 2024) names test actors only; validation is the first man and the first
# woman of the next fold, and its first two where there is no man.
EMOBOX6 = (
    ("01 11 20 21", "12 04"),
    ("04 10 12 14", "09 08"),
    ("08 09 19 23", "03 24"),
    ("03 05 07 24", "15 02"),
    ("02 15 16 18", "13 06"),
    ("06 13 17 22", "01 20"),
)


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
                sex="male" if int(actor) % 2 else "female",
                text=statement,
                extra={"intensity": intensity, "repetition": repetition},
            )


def by_actor(name: str, table: tuple[tuple[str, str], ...], note: str) -> Protocol:
    """Return the protocol of a table of test and validation actors."""
    folds = tuple(
        Fold({"speaker": test.split()}, {"speaker": valid.split()}) for test, valid in table
    )
    return Protocol(name, folds, EMOTIONS, shares=TEXT, note=note)


def by_text() -> Protocol:
    """Return luna5's actors with train and validation on one statement and test on the other."""
    actors = {f"{actor:02d}" for actor in range(1, 25)}
    folds = []
    for (seen, unseen), (test, valid) in itertools.product((("01", "02"), ("02", "01")), LUNA5):
        train = sorted(actors - {*test.split(), *valid.split()})
        folds.append(
            Fold(
                {"speaker": test.split(), "text": [unseen]},
                {"speaker": valid.split(), "text": [seen]},
                {"speaker": train, "text": [seen]},
            )
        )
    note = "folds 1-5 train on statement 01 and test on 02, folds 6-10 the reverse"
    return Protocol("ravdess-text2", tuple(folds), EMOTIONS, shares=TEXT[1:], note=note)


def by_chance() -> Protocol:
    """Return five folds over clips, stratified by emotion: 70 % train, 10 % valid, 20 % test."""
    tenths: list[list[str]] = [[] for _ in range(10)]
    for emotion in range(1, 9):
        ids = [
            f"03-01-{emotion:02d}-{intensity}-{statement}-{repetition}-{actor:02d}"
            for intensity in ("01", "02")[: 1 if emotion == 1 else 2]
            for statement in ("01", "02")
            for repetition in ("01", "02")
            for actor in range(1, 25)
        ]
        ids.sort(key=lambda id: hashlib.sha256(id.encode()).hexdigest())
        for i, id in enumerate(ids):
            tenths[i % 10].append(id)
    folds = []
    for i in range(0, 10, 2):
        rest = [tenths[(i + k) % 10] for k in range(3, 10)]
        folds.append(
            Fold(
                {"id": sorted(tenths[i] + tenths[i + 1])},
                {"id": sorted(tenths[(i + 2) % 10])},
                {"id": sorted(itertools.chain(*rest))},
            )
        )
    shares = ("audio:test", "audio:valid", "speaker:test", "speaker:valid", *TEXT)
    note = "train and test share every voice: only for comparison with published random splits"
    return Protocol("leaky-ravdess-random", tuple(folds), EMOTIONS, shares=shares, note=note)


RAVDESS = Corpus(
    read=read,
    labels=EMOTIONS,
    speakers=24,
    size=1440,
    url="https://zenodo.org/records/1188976",
    licence="CC BY-NC-SA 4.0",
    protocols=(
        by_actor("ravdess-luna5", LUNA5, "the main one"),
        by_actor("ravdess-emobox6", EMOBOX6, "EmoBox names no validation; ours is disjoint"),
        by_text(),
        by_chance(),
    ),
)


@hookimpl
def ser_datasets():
    """Register RAVDESS, speech only."""
    return {"ravdess": RAVDESS}
