"""Folds that are made: nobody is on two sides, everyone is tested, chance is always the same."""

import pytest
from core.test_protocols import LABELS, rows_of

from ser_plugins.core import leaks, protocols, splits
from ser_plugins.core.errors import ProtocolError


def sexed(rows):
    return [{**row, "sex": "f" if row["speaker"] < "f" else "m"} for row in rows]


def leaks_of(rows, made, number):
    parts, _ = protocols.split(rows, made, number)
    return {f.check for f in leaks.find(parts, made) if f.must_not_be}


@pytest.mark.parametrize("name", ["by_speaker", "leave_one_speaker_out", "by_column-speaker"])
def test_every_speaker_is_tested_once_and_on_one_side(name):
    rows = rows_of("abcdefghijkl")
    made = splits.make(name, rows, LABELS)
    tested = []
    for number in range(1, len(made.folds) + 1):
        parts, _ = protocols.split(rows, made, number)
        sides = [protocols.speakers(part) for part in parts.values()]
        assert len(set.union(*sides)) == sum(map(len, sides)) == 12
        assert not leaks_of(rows, made, number)
        tested += protocols.speakers(parts["test"])
    assert sorted(tested) == list("abcdefghijkl")


def test_by_speaker_balances_sexes():
    for fold in splits.by_speaker(sexed(rows_of("abcdefghij")), LABELS).folds:
        assert sorted(s < "f" for s in fold.test["speaker"]) == [False, True]


def test_by_speaker_balances_labels():
    """Half of the speakers say only one label, half the other: each fold gets both."""
    rows = [
        {**row, "label": LABELS[row["speaker"] < "f"]} for row in rows_of("abcdefghij", clips=6)
    ]
    for fold in splits.by_speaker(rows, LABELS).folds:
        assert sorted(s < "f" for s in fold.test["speaker"]) == [False, True]


@pytest.mark.parametrize("name", ["by_speaker", "leave_one_speaker_out"])
def test_speakers_of_a_group_are_never_trained_on_and_tested(name):
    pairs = {"a": "ab", "b": "ab", "c": "cd", "d": "cd", "e": "ef", "f": "ef"}
    rows = [{**row, "group": pairs[row["speaker"]]} for row in rows_of()]
    made = splits.make(name, rows, LABELS)
    for number in range(1, len(made.folds) + 1):
        assert not leaks_of(rows, made, number)
        parts, _ = protocols.split(rows, made, number)
        tested = {row["group"] for row in parts["test"]}
        assert not tested & {row["group"] for row in parts["train"] + parts["valid"]}


@pytest.mark.parametrize("name", ["by_speaker", "leave_one_speaker_out"])
def test_groups_that_share_a_speaker_are_one(name):
    """As where a guest talks in two sessions."""
    pairs = {"a": "ab", "b": "ab", "c": "bc", "d": "de", "e": "de", "f": "f"}
    rows = [{**row, "group": pairs[row["speaker"]]} for row in rows_of()]
    rows += [{**row, "id": f"x{row['id']}", "group": "bc"} for row in rows_of("b")]
    made = splits.make(name, rows, LABELS)
    tested = []
    for number in range(1, len(made.folds) + 1):
        assert not leaks_of(rows, made, number)
        parts, _ = protocols.split(rows, made, number)
        tested += protocols.speakers(parts["test"])
    assert sorted(tested) == list("abcdef")


@pytest.mark.parametrize("name", ["by_speaker", "leave_one_speaker_out"])
def test_three_known_speakers_are_needed(name):
    with pytest.raises(ProtocolError, match="three speakers or more, not 2"):
        splits.make(name, rows_of("ab"), LABELS)
    with pytest.raises(ProtocolError, match="4 recordings name no speaker"):
        splits.make(name, [*rows_of(), *unnamed(rows_of("z"))], LABELS)


def unnamed(rows):
    return [{**row, "speaker": "", "id": f"x{row['id']}"} for row in rows]


def with_split(rows, parts):
    return [{**row, "split": parts[row["speaker"]]} for row in rows]


def test_a_corpus_that_says_its_split_is_split_so():
    parts = dict(zip("abcdef", ["Train", "train", "train", "dev", "test", "test"], strict=True))
    rows = with_split(rows_of(), parts)
    made = splits.make(splits.default(rows), rows, LABELS)
    found, notes = protocols.split(rows, made, 1)
    assert {p: protocols.speakers(r) for p, r in found.items()} == {
        "train": set("abc"),
        "valid": {"d"},
        "test": set("ef"),
    }
    assert len(made.folds) == 1 and not notes


def test_a_split_of_ones_own_that_shares_speakers_leaks_unless_called_so():
    rows = [{**row, "split": ["train", "valid", "test"][i % 3]} for i, row in enumerate(rows_of())]
    assert "speaker" in leaks_of(rows, splits.make("by_column", rows, LABELS), 1)
    assert not leaks_of(rows, splits.make("leaky-by_column", rows, LABELS), 1)


def test_a_split_without_a_part_and_a_missing_column_are_refused():
    rows = with_split(rows_of(), dict.fromkeys("abcde", "train") | {"f": "test"})
    with pytest.raises(ProtocolError, match="no recording is in valid.*dev"):
        splits.make("by_column", rows, LABELS)
    odd = with_split(rows_of(), dict.fromkeys("abcd", "train") | {"e": "tset", "f": "valid"})
    for name in ("by_column", "by_column-split"):
        with pytest.raises(ProtocolError, match="says tset; expected of test, testing"):
            splits.make(name, odd, LABELS)
    with pytest.raises(ProtocolError, match="24 of 24 recordings have no 'session'; the columns"):
        splits.make("by_column-session", rows, LABELS)


def test_where_nobody_is_named_clips_are_split_and_the_score_may_leak():
    rows = unnamed(rows_of("abcdefghij", clips=10))
    made = splits.make(splits.default(rows), rows, LABELS)
    assert made.name == "by_clip" and "may leak" in made.note
    tested = []
    for number in range(1, 6):
        parts, _ = protocols.split(rows, made, number)
        assert any("may leak" in finding.text for finding in leaks.find(parts, made))
        tested += [row["id"] for row in parts["test"]]
    assert sorted(tested) == sorted(row["id"] for row in rows)


def test_clips_of_known_speakers_are_split_only_by_a_leaky_name():
    rows = rows_of()
    assert "speaker" in leaks_of(rows, splits.make("by_clip", rows, LABELS), 1)
    assert not leaks_of(rows, splits.make("leaky-by_clip", rows, LABELS), 1)


def test_a_leaky_form_trains_on_everything_else():
    rows = [{**row, "text": str(i % 3)} for i, row in enumerate(rows_of())]
    made = splits.make("leaky-by_column-text", rows, LABELS)
    parts, notes = protocols.split(rows, made, 1)
    texts = {part: {row["text"] for row in some} for part, some in parts.items()}
    assert texts == {"train": {"2"}, "valid": {"1"}, "test": {"0"}} and not notes
    assert protocols.speakers(parts["test"]) == protocols.speakers(parts["train"]) == set("abcdef")


def test_speakers_of_none_of_the_wanted_labels_shape_no_fold():
    from core.test_protocols import corpus_of

    rows = [row for row in rows_of("abcdefgh") if row["speaker"] > "d" or row["label"] == "sad"]
    bored = [{**row, "label": "bored", "id": f"z{row['id']}"} for row in rows_of("yz")]
    unlabelled = [{**row, "label": "", "id": f"u{row['id']}"} for row in rows_of("uv")]
    corpus = corpus_of()
    made = protocols.choose(corpus, rows + bored + unlabelled, "by_speaker", list(LABELS))
    assert {who for fold in made.folds for who in fold.test["speaker"]} == set("abcdefgh")
