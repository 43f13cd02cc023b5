"""What is on two sides of a fold is found, and is fatal unless the protocol's name says so."""

import dataclasses

import pytest
from core.test_protocols import LABELS, rows_of

from ser_plugins import Fold, Protocol
from ser_plugins.core import leaks, protocols
from ser_plugins.core.findings import DECLARED, LEAK, NOTE

HONEST = Protocol("p", (Fold({"speaker": ["a"]}, {"speaker": ["b"]}),), LABELS)


def found(rows=None, protocol=HONEST, copies=()):
    parts, _ = protocols.split(rows or rows_of(), protocol, 1)
    return {(f.check, f.level) for f in leaks.find(parts, protocol, copies)}


def test_an_honest_fold_has_no_leak():
    assert found() == {("text", NOTE)}
    declared = dataclasses.replace(HONEST, shares=("text:test", "text:valid"))
    assert found(protocol=declared) == {("text", DECLARED)}


def test_a_speaker_that_validates_and_trains_must_be_declared():
    fold = Fold({"speaker": ["a"]}, {"speaker": ["b"], "text": ["0"]})
    shared = dataclasses.replace(HONEST, folds=(fold,))
    assert ("speaker", LEAK) in found(protocol=shared)
    shared = dataclasses.replace(shared, shares=("speaker:valid",))
    assert ("speaker", DECLARED) in found(protocol=shared)


def test_a_tested_speaker_on_another_side_must_be_declared_in_the_name_too():
    fold = Fold({"id": ["a0", "a1"]}, {"id": ["b0", "b1"]}, {"id": ["a2", "a3"]})
    shares = ("speaker:test", "speaker:valid")
    leaky = dataclasses.replace(HONEST, folds=(fold,), shares=shares)
    assert ("speaker", LEAK) in found(protocol=leaky)
    assert ("speaker", DECLARED) in found(protocol=dataclasses.replace(leaky, name="leaky-p"))


def test_a_group_is_a_border_too():
    rows = [{**row, "group": "ab" if row["speaker"] in "ab" else ""} for row in rows_of()]
    assert ("group", LEAK) in found(rows)


def digests(same):
    return [{**row, "digest": "x" if row["id"] in same else row["id"]} for row in rows_of()]


@pytest.mark.parametrize(
    ("same", "level"),
    [(("a0", "c1"), LEAK), (("b0", "c1"), LEAK), (("c0", "d1"), NOTE), (("a0", "a1"), NOTE)],
)
def test_equal_audio_leaks_across_sides_and_is_told_on_one(same, level):
    assert ("audio", level) in found(digests(same))
    assert ("copy", level) in found(copies=[(*same, 0.9)])


def test_equal_audio_is_declared_for_the_side_that_has_it():
    declared = dataclasses.replace(HONEST, shares=("audio:test",))
    assert ("audio", DECLARED) in found(digests(("a0", "c1")), declared)
    assert ("audio", LEAK) in found(digests(("b0", "c1")), declared)


def test_three_times_the_same_audio_is_found_wherever_the_third_is():
    assert ("audio", LEAK) in found(digests(("a0", "a1", "c1")))


def test_an_undeclared_label_is_found():
    rows = [{**row, "label": "bored" if row["id"] == "c0" else row["label"]} for row in rows_of()]
    assert ("labels", LEAK) in found(rows)


def test_recordings_without_a_speaker_are_counted():
    rows = [*rows_of(), *({**r, "speaker": "", "id": f"x{r['id']}"} for r in rows_of("z"))]
    parts, _ = protocols.split(rows, HONEST, 1)
    texts = [f.text for f in leaks.find(parts, HONEST) if f.check == "unknown"]
    assert texts == ["4 of 28 recordings name no speaker: the score may leak"]
