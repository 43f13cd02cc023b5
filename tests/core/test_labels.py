"""Labels are merged and dropped by the protocol's word, and every clip of it is accounted for."""

from ser_plugins import EMOTIONS, canonical
from ser_plugins.core import labels


def rows_of(**counts):
    return [
        {"id": f"{label}{speaker}{i}", "label": label, "speaker": speaker}
        for label, n in counts.items()
        for speaker in "ab"
        for i in range(n)
    ]


def test_what_is_merged_dropped_and_unlabelled_is_counted_by_speaker():
    rows = rows_of(sad=2, neutral=3, bored=1) + [{"id": "x", "label": "", "speaker": "a"}]
    kept, changes = labels.select(rows, ["sad", "angry"], {"neutral": "sad"})
    assert len(kept) == 10 and {row["label"] for row in kept} == {"sad"}
    found = {(c.label, c.becomes): dict(c.speakers) for c in changes}
    assert found == {
        ("neutral", "sad"): {"a": 3, "b": 3},
        ("bored", ""): {"a": 1, "b": 1},
        ("", ""): {"a": 1},
    }
    assert sum(c.total for c in changes if not c.becomes) + len(kept) == len(rows)


def test_the_account_names_labels_numbers_and_speakers():
    _, changes = labels.select(rows_of(neutral=3, bored=1), ["sad"], {"neutral": "sad"})
    merged, dropped = labels.account(changes)
    assert merged.split() == "neutral counted as sad 6 a 3 b 3".split()
    assert dropped.split() == "bored dropped 2 a 1 b 1".split()
    many = labels.Change("bored", "", {f"s{i}": i for i in range(1, 92)})
    assert "of 91 speakers, 1 to 91 each" in labels.account([many])[0]


def test_nothing_changed_is_no_account():
    rows = rows_of(sad=2)
    assert labels.select(rows, ["sad"], {}) == (rows, [])


def test_known_spellings_become_the_vocabularys_word_and_others_stay():
    for word in EMOTIONS:
        assert canonical(word) == canonical(word.upper()) == canonical(f" {word} ") == word
    wanted = {"Anger": "angry", "happiness": "happy", "Pleasant Surprise": "surprised"}
    assert {word: canonical(word) for word in wanted} == wanted
    assert canonical("Low Arousal") == "Low Arousal"
