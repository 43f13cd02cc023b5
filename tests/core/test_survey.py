"""A corpus folder is checked against the corpus's own facts before anything uses it."""

import dataclasses
import json

import numpy as np
import pytest
import soundfile
import toy

from ser_plugins.core import manifest, survey
from ser_plugins.core.errors import CorpusError

TOY = toy.ser_datasets()["toy"]


@pytest.fixture
def folder(tmp_path):
    return toy.write(tmp_path / "toy")


def read(folder, corpus=TOY, **options):
    return survey.read_corpus("toy", corpus, folder, **options)


def message(folder, corpus=TOY):
    with pytest.raises(CorpusError) as caught:
        read(folder, corpus)
    return str(caught.value)


def test_rows_hold_what_the_corpus_says(folder):
    rows, notes = read(folder)
    assert len(rows) == 72 and not notes
    row = next(row for row in rows if row["id"] == "1_sad_2")
    assert row["path"] == "s1/1_sad_2.wav" and row["label"] == "sad" and row["sex"] == "female"
    assert row["seconds"] == pytest.approx((8000 + 3000 + 100) / 16000)


def test_a_missing_folder_says_where_to_obtain_it(tmp_path):
    assert "https://example.org/toy" in message(tmp_path / "nowhere")


def test_a_folder_of_something_else_is_named(tmp_path):
    assert "holds no recording" in message(tmp_path)


def test_an_incomplete_corpus_names_what_is_missing(folder):
    for path in (folder / "s0").glob("*sad*"):
        path.unlink()
    text = message(folder)
    assert "holds 68 of 72 recordings" in text and "0 (8)" in text
    rows, notes = read(folder, allow_partial=True)
    assert len(rows) == 68 and "68 of 72" in notes[0]


def test_an_undeclared_label_is_named(folder):
    (folder / "s0" / "0_sad_0.wav").rename(folder / "s0" / "0_bored_0.wav")
    assert "'bored'" in message(folder)


def test_one_id_twice_is_refused(folder):
    corpus = dataclasses.replace(TOY, size=None, read=lambda root: [*toy.read(root)] * 2)
    assert "0_angry_0" in message(folder, corpus)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"this is text", "not audio"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
    ],
)
def test_a_file_that_is_not_audio_is_named(folder, content, words):
    (folder / "s0" / "0_sad_0.wav").write_bytes(content)
    text = message(folder)
    assert "0_sad_0.wav" in text and words in text


def test_a_file_without_samples_is_named(folder):
    soundfile.write(folder / "s0" / "0_sad_0.wav", np.zeros(0), 16000)
    assert "0_sad_0.wav" in message(folder)


def test_rows_survive_writing(folder, tmp_path):
    rows, _ = read(folder)
    manifest.write(rows, tmp_path / "rows.json")
    assert manifest.read(tmp_path / "rows.json") == json.loads(json.dumps(rows))


def test_a_complete_corpus_whose_folds_have_other_sizes_is_refused(folder):
    """Somebody's speakers or labels are misread then."""
    from ser_plugins import Fold, Protocol
    from ser_plugins.core.prepare import Folder, choose_protocol, divide

    fold = Fold({"speaker": ["0"]}, {"speaker": ["1"]})
    keys = {"protocol": None, "labels": None, "merge": None, "fold": 1}
    keys["allow_copies"] = False
    rows, _ = read(folder)
    for sizes, level in (((48, 12, 12), None), ((None, None, 12), None), ((47, 13, 12), "fault")):
        protocol = Protocol("p", (fold,), TOY.labels, sizes=(sizes,))
        corpus = dataclasses.replace(TOY, protocols=(protocol,))
        read_folder = Folder("toy", corpus, folder, rows, [])
        *_, findings = divide(keys, read_folder, choose_protocol(keys, read_folder))
        assert [f.level for f in findings if f.check == "count"] == ([level] if level else [])


def test_a_pipe_is_no_recording_and_hangs_nothing(folder):
    import os

    (folder / "s0" / "0_sad_0.wav").unlink()
    os.mkfifo(folder / "s0" / "0_sad_0.wav")
    assert "it is a pipe or device" in message(folder)


@pytest.mark.parametrize("span", [(0.2, 0.0), (0.3, 0.2), (-1.0, None), (float("nan"), None)])
def test_a_stretch_that_is_none_is_refused(folder, span):
    def cut(root):
        for utterance in toy.read(root):
            yield dataclasses.replace(utterance, start=span[0], stop=span[1])

    assert "s of audio" in message(folder, dataclasses.replace(TOY, read=cut))


def test_columns_that_the_toolkit_adds_are_not_the_corpuss(folder):
    def with_digest(root):
        for utterance in toy.read(root):
            yield dataclasses.replace(utterance, extra={"digest": "1"})

    assert "rename it" in message(folder, dataclasses.replace(TOY, read=with_digest))
