"""Corpora read right from the copies that people really have."""

import itertools

import pytest
from places import RAVDESS, ROOT

from ser_plugins import get_dataset
from ser_plugins.core import manifest, protocols

TREES = sorted((ROOT / "tests" / "trees").glob("*.txt"))


def golden(tree):
    lines = tree.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.stem)
def test_golden_tree(tree, tmp_path):
    """Each file of a tree is read as its line says; no audio is needed, names are enough."""
    wanted = golden(tree)
    for name in wanted:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {
        u.path.as_posix(): f"{u.label} {u.speaker} {u.sex} {u.text}"
        for u in get_dataset(tree.stem).read(tmp_path)
    }
    assert found == {name: what for name, what in wanted.items() if what != "-"}


def ravdess_rows():
    """The rows of a complete RAVDESS, from its naming rule."""
    rows = []
    emotions = get_dataset("ravdess").labels
    for fields in itertools.product(range(1, 9), (1, 2), (1, 2), (1, 2), range(1, 25)):
        emotion, intensity, statement, _, actor = fields
        if (emotion, intensity) != (1, 2):
            id = "-".join(f"{field:02d}" for field in (3, 1, *fields))
            facts = {"speaker": f"{actor:02d}", "text": f"{statement:02d}"}
            rows.append({"id": id, "label": emotions[emotion - 1], **facts})
    return rows


def sizes(name):
    corpus = get_dataset("ravdess")
    found = next(p for p in corpus.protocols if p.name == name)
    return [
        {part: len(rows) for part, rows in protocols.split(ravdess_rows(), found, n)[0].items()}
        for n in range(1, len(found.folds) + 1)
    ]


def test_ravdess_is_as_its_paper_says():
    rows = ravdess_rows()
    assert len(rows) == get_dataset("ravdess").size == 1440
    assert sum(row["label"] == "neutral" for row in rows) == 96


def test_luna5_has_the_published_test_sizes():
    assert [part["test"] for part in sizes("ravdess-luna5")] == [300, 300, 300, 300, 240]
    assert all(sum(part.values()) == 1440 for part in sizes("ravdess-luna5"))


def test_emobox6_tests_every_actor_once():
    assert [part["test"] for part in sizes("ravdess-emobox6")] == [240] * 6
    assert {part["valid"] for part in map(dict, sizes("ravdess-emobox6"))} == {120}


def test_text2_never_trains_on_the_tested_statement():
    found = sizes("ravdess-text2")
    assert len(found) == 10 and sum(part["test"] for part in found) == 1440
    corpus = get_dataset("ravdess")
    protocol = next(p for p in corpus.protocols if p.name == "ravdess-text2")
    for number in range(1, 11):
        parts, notes = protocols.split(ravdess_rows(), protocol, number)
        trained = {row["text"] for row in parts["train"] + parts["valid"]}
        assert not trained & {row["text"] for row in parts["test"]}
        assert "in no part" in notes[0]


def test_the_random_protocol_is_stratified_and_called_leaky():
    found = sizes("leaky-ravdess-random")
    assert sum(part["test"] for part in found) == 1440
    assert {(part["train"], part["valid"], part["test"]) for part in found} == {(1008, 144, 288)}


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_is_read_whole():
    rows, notes = manifest.read_corpus("ravdess", get_dataset("ravdess"), RAVDESS)
    assert len(rows) == 1440 and not notes
    assert {row["id"] for row in rows} == {row["id"] for row in ravdess_rows()}
    assert all(2.5 < row["seconds"] < 5.5 for row in rows)
