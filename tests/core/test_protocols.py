"""Folds cannot leak, and say who is missing."""

import dataclasses

import pytest

from ser_plugins import Corpus, Fold, Protocol
from ser_plugins.core import protocols, selectors, splits
from ser_plugins.core.errors import ProtocolError

LABELS = ("sad", "angry")
NONE = {"sex": "", "group": ""}


def rows_of(speakers="abcdef", clips=4):
    return [
        {"id": f"{s}{i}", "label": LABELS[i % 2], "speaker": s, "text": str(i % 2)} | NONE
        for s in speakers
        for i in range(clips)
    ]


def ids(part):
    return {row["id"] for row in part}


def protocol(fold, **facts):
    return Protocol("p", (fold,), LABELS, **facts)


def test_test_goes_before_valid_and_valid_before_train():
    fold = Fold({"speaker": ["a"]}, {"speaker": ["a", "b"]})
    parts, notes = protocols.split(rows_of(), protocol(fold), 1)
    assert protocols.speakers(parts["test"]) == {"a"}
    assert protocols.speakers(parts["valid"]) == {"b"}
    assert protocols.speakers(parts["train"]) == set("cdef") and not notes


def test_a_test_speakers_other_rows_are_never_trained_on_and_counted():
    fold = Fold({"speaker": ["a"], "text": ["0"]}, {"speaker": ["b"]})
    parts, notes = protocols.split(rows_of(), protocol(fold), 1)
    assert ids(parts["test"]) == {"a0", "a2"}
    assert not {"a1", "a3"} & ids(parts["train"])
    assert notes == ["2 recordings are in no part of this fold"]


def test_a_label_that_nothing_trains_is_refused():
    rows = [row for row in rows_of() if row["label"] == "sad" or row["speaker"] == "a"]
    with pytest.raises(ProtocolError, match="nothing to train angry on"):
        protocols.split(rows, protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]})), 1)


def test_merging_alone_merges_the_labels_too():
    one = protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]}))
    custom = protocols.choose(corpus_of(one), rows_of(), merge={"sad": "low"})
    assert custom.labels == ("low", "angry")


def test_missing_speakers_are_named():
    fold = Fold({"speaker": ["a", "x"]}, {"speaker": ["y"]})
    with pytest.raises(ProtocolError, match="x, y"):
        protocols.split(rows_of(), protocol(fold), 1)


@pytest.mark.parametrize("number", [0, 2])
def test_a_fold_that_is_not_there_says_which_are(number):
    fold = Fold({"speaker": ["a"]}, {"speaker": ["b"]})
    with pytest.raises(ProtocolError, match="folds 1 to 1"):
        protocols.split(rows_of(), protocol(fold), number)


def corpus_of(*named):
    return Corpus(lambda root: [], LABELS, None, None, "https://x.org", "CC0", protocols=named)


def test_the_first_protocol_is_the_main_one_and_unknown_ones_list_all():
    one = protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]}))
    corpus = corpus_of(one, dataclasses.replace(one, name="q"))
    assert protocols.choose(corpus, rows_of()).name == "p"
    assert protocols.choose(corpus_of(), rows_of()).name == splits.BY_SPEAKER
    with pytest.raises(ProtocolError, match="p, q, by_speaker.*did you mean 'by_speaker'"):
        protocols.choose(corpus, rows_of(), "by_speakers")


def test_other_labels_make_the_protocol_custom():
    one = protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]}))
    custom = protocols.choose(
        corpus_of(one), rows_of(), merge={"sad": "low"}, labels=["low", "angry"]
    )
    assert custom.name == "custom" and custom.labels == ("low", "angry")
    assert protocols.definition_hash(custom) != protocols.definition_hash(one)
    with pytest.raises(ProtocolError, match="bored do not occur"):
        protocols.choose(corpus_of(one), rows_of(), labels=["sad", "bored"])


def test_a_custom_form_of_a_leaky_protocol_stays_leaky():
    one = protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]}))
    leaky = dataclasses.replace(one, name="leaky-x")
    assert protocols.choose(corpus_of(leaky), rows_of(), merge={}).name == "leaky-custom"


def test_hashes_see_what_changes_a_score_and_nothing_else():
    one = protocol(Fold({"speaker": ["a"]}, {"speaker": ["b"]}))
    renamed = dataclasses.replace(one, name="other", note="words")
    assert protocols.definition_hash(one) == protocols.definition_hash(renamed)
    other = dataclasses.replace(one, folds=(Fold({"speaker": ["b"]}, {"speaker": ["a"]}),))
    assert protocols.definition_hash(one) != protocols.definition_hash(other)
    parts, _ = protocols.split(rows_of(), one, 1)
    fewer = {**parts, "train": parts["train"][1:]}
    assert protocols.rows_hash(parts) == protocols.rows_hash(dict(reversed(parts.items())))
    assert protocols.rows_hash(parts) != protocols.rows_hash(fewer)


def test_a_draw_over_clips_is_stratified_and_does_not_hang_on_the_order_of_rows():
    rows = rows_of("abcdefghij", clips=10)
    dealt = selectors.deal(rows)
    again = {row["id"]: row["percent"] for row in selectors.deal(rows[::-1])}
    assert {row["id"]: row["percent"] for row in dealt} == again
    for label in LABELS:
        tested = [r for r in dealt if r["label"] == label and int(r["percent"]) < 20]
        assert len(tested) == 10


def test_of_several_selectors_one_must_hold():
    either = ({"speaker": ["b"]}, {"speaker": ["c"], "text": ["0"]})
    fold = Fold({"speaker": ["a"]}, either)
    parts, _ = protocols.split(rows_of(), protocol(fold), 1)
    assert ids(parts["valid"]) == {"b0", "b1", "b2", "b3", "c0", "c2"}
    missing = Fold({"speaker": ["a"]}, (*either, {"speaker": ["x"]}))
    with pytest.raises(ProtocolError, match="no recordings here: x"):
        protocols.split(rows_of(), protocol(missing), 1)


def test_a_part_may_be_drawn_while_the_others_are_named():
    fold = Fold({"speaker": ["a"]}, {"percent": [str(i) for i in range(50)]})
    parts, _ = protocols.split(rows_of(), protocol(fold), 1)
    assert abs(len(parts["valid"]) - len(parts["train"])) <= 4 and ids(parts["valid"])


def test_no_label_is_no_label_that_can_be_asked_for():
    rows = [*rows_of(), {**rows_of("z")[0], "label": ""}]
    with pytest.raises(ProtocolError, match="do not occur"):
        protocols.choose(corpus_of(), rows, "by_speaker", ["", "angry"])
