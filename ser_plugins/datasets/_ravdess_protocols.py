"""The protocols of RAVDESS: who is tested, who validates.

Twenty-four actors, odd numbers men, even numbers women; every one speaks both statements, so
that all but `ravdess-text2` share the text.
"""

import hashlib
import itertools

from ser_plugins import Fold, Protocol

# In the order of their codes, 01 to 08.
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
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


def all_ids() -> list[str]:
    """Return the ids of all 1440 recordings: neutral has one intensity, the others two."""
    pairs = itertools.product(("01", "02"), ("01", "02"), [f"{a:02d}" for a in range(1, 25)])
    return [
        f"03-01-{emotion:02d}-{intensity}-{statement}-{repetition}-{actor}"
        for statement, repetition, actor in pairs
        for emotion in range(1, 9)
        for intensity in ("01", "02")[: 1 if emotion == 1 else 2]
    ]


def by_chance() -> Protocol:
    """Return five folds over clips, stratified by emotion: 70 % train, 10 % valid, 20 % test."""
    # Dealt out by emotion, in an order that is random but the same on every machine.
    dealt = sorted(all_ids(), key=lambda id: (id[6:8], hashlib.sha256(id.encode()).hexdigest()))
    tenths = [sorted(dealt[i::10]) for i in range(10)]
    folds = []
    for i in range(0, 10, 2):
        first, second, third, *rest = tenths[i:] + tenths[:i]
        folds.append(Fold({"id": first + second}, {"id": third}, {"id": sum(rest, [])}))
    shares = ("audio:test", "audio:valid", "speaker:test", "speaker:valid", *TEXT)
    note = "train and test share every voice: only for comparison with published random splits"
    return Protocol("leaky-ravdess-random", tuple(folds), EMOTIONS, shares=shares, note=note)


PROTOCOLS = (
    by_actor("ravdess-luna5", LUNA5, "the main one"),
    by_actor("ravdess-emobox6", EMOBOX6, "EmoBox names no validation; ours is disjoint"),
    by_text(),
    by_chance(),
)
