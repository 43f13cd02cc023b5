"""The protocols of RAVDESS: who is tested, who validates.

Twenty-four actors, odd numbers men, even numbers women; every one speaks both statements, so
that all but `ravdess-text2` share the text.
"""

import itertools

from ser_plugins import Fold, Protocol, random_protocol

# In the order of their codes, 01 to 08.
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
TEXT = ("text:test", "text:valid")
CLIPS, CLIPS_EACH = 1440, 60  # in all, and of each actor

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
    ("01 11 20 21", "04 10"),
    ("04 10 12 14", "09 08"),
    ("08 09 19 23", "03 24"),
    ("03 05 07 24", "15 02"),
    ("02 15 16 18", "13 06"),
    ("06 13 17 22", "01 20"),
)


def by_actor(name: str, table: tuple[tuple[str, str], ...], note: str) -> Protocol:
    """Return the protocol of a table of test and validation actors."""
    rows = [(test.split(), valid.split()) for test, valid in table]
    folds = tuple(Fold({"speaker": test}, {"speaker": valid}) for test, valid in rows)
    held = [(len(valid) * CLIPS_EACH, len(test) * CLIPS_EACH) for test, valid in rows]
    sizes = tuple((CLIPS - valid - test, valid, test) for valid, test in held)
    return Protocol(name, folds, EMOTIONS, shares=TEXT, note=note, sizes=sizes)


def by_text() -> Protocol:
    """Return luna5's actors with train and validation on one statement and test on the other."""
    actors = {f"{actor:02d}" for actor in range(1, 25)}
    folds, sizes = [], []
    for (seen, unseen), (test, valid) in itertools.product((("01", "02"), ("02", "01")), LUNA5):
        train = sorted(actors - {*test.split(), *valid.split()})
        parts = (test.split(), [unseen]), (valid.split(), [seen]), (train, [seen])
        folds.append(Fold(*({"speaker": who, "text": text} for who, text in parts)))
        sizes.append(tuple(len(who) * CLIPS_EACH // 2 for who, _ in reversed(parts)))
    note = "folds 1-5 train on statement 01 and test on 02, folds 6-10 the reverse"
    return Protocol(
        "ravdess-text2", tuple(folds), EMOTIONS, shares=TEXT[1:], note=note, sizes=tuple(sizes)
    )


PROTOCOLS = (
    by_actor("ravdess-luna5", LUNA5, "the main one"),
    by_actor("ravdess-emobox6", EMOBOX6, "EmoBox names no validation; ours is disjoint"),
    by_text(),
    random_protocol("leaky-ravdess-random", EMOTIONS),
)
