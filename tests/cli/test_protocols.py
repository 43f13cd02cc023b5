"""Protocols are listed and shown without a corpus, and checked against one that is there."""

import shutil

import pytest
from places import RAVDESS, ROOT

from ser_plugins import get_dataset
from ser_plugins.cli import protocols
from ser_plugins.core import registry
from ser_plugins.core.protocols import definition_hash


def test_every_protocol_is_listed_with_its_hash(caplog):
    assert protocols.main([]) == 0
    for name in registry.default().names("datasets"):
        for protocol in get_dataset(name).protocols:
            assert protocol.name in caplog.text and definition_hash(protocol) in caplog.text


@pytest.mark.parametrize("name", [p.name for _, p in protocols.all_protocols()])
def test_every_protocol_is_shown_fold_by_fold(name, caplog):
    assert protocols.main(["show", name]) == 0
    protocol = next(p for _, p in protocols.all_protocols() if p.name == name)
    lines = [record.getMessage() for record in caplog.records]
    assert sum(line.split()[:1] == ["test"] for line in lines) == len(protocol.folds)
    for sizes in protocol.sizes:
        assert all(str(size) in caplog.text for size in sizes if size)
    assert ("LEAKY" in caplog.text) == name.startswith("leaky-")


def test_speakers_and_sexes_are_shown(caplog):
    protocols.main(["show", "ravdess-luna5"])
    assert "5 speakers (3 female, 2 male): 02 05 14 15 16" in caplog.text


TOY = ("--plugins", str(ROOT / "tests" / "toy.py"), "--dataset", "toy")


def test_a_protocol_is_made_of_the_files_and_shown(toy_folder, caplog):
    assert protocols.main(["show", "by_speaker", *TOY, "--data_folder", str(toy_folder)]) == 0
    assert "72 recordings fit the protocol" in caplog.text and "8 sad, 8 neutral" in caplog.text


def test_without_the_files_it_says_so(refused):
    assert "--data_folder" in refused(protocols.main, "show", "by_speaker", *TOY)


def test_missing_files_are_told_and_the_exit_code_is_1(toy_folder, tmp_path, caplog):
    shutil.copytree(toy_folder, tmp_path / "toy")
    (tmp_path / "toy" / "s0" / "0_sad_0.wav").unlink()
    command = ["show", "by_speaker", *TOY, "--data_folder", str(tmp_path / "toy")]
    assert protocols.main(command) == 1
    assert "71 of 72 recordings" in caplog.text


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_fills_every_protocol(caplog):
    for protocol in get_dataset("ravdess").protocols:
        assert protocols.main(["show", protocol.name, "--data_folder", str(RAVDESS)]) == 0


def test_an_unknown_name_lists_what_there_is(refused):
    assert "ravdess-luna5" in refused(protocols.main, "show", "ravdes-luna")


def test_options_of_a_corpus_are_reached_by_a_dot(voices, refused):
    place = ["show", "synthetic-5", "--dataset", "synthetic", "--data_folder", str(voices)]
    assert protocols.main([*place, "--dataset_options.seed", "0"]) == 0
    assert "no option 'sed'" in refused(protocols.main, *place, "--dataset_options.sed=0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "ravdess", "--dataset", ""], "--dataset must be text"),
        (["show", "ravdess-luna5", "--dataset", "savee"], "savee has savee-loso4"),
        (["list", "--data_folder", "x"], "show NAME"),
        (["show"], "needs the name"),
        (["show", "ravdess", "--model_options.x", "1"], "unrecognized"),
        (["show", "ravdess", "--nonsense", "1"], "unrecognized"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, words, refused):
    assert words in refused(protocols.main, *arguments)


def test_other_labels_are_shown_without_files_too(caplog):
    assert protocols.main(["show", "ravdess-luna5", "--labels", "[happy, sad]"]) == 0
    assert (
        caplog.messages[0].startswith("custom of ravdess") and "labels: happy, sad" in caplog.text
    )


def test_what_is_wrong_with_the_files_is_said_before_that_no_fold_can_be_made(tmp_path, caplog):
    path = tmp_path / "1001_DFA_ANG_XX.wav"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert protocols.main(["show", "cremad-5", "--data_folder", str(tmp_path)]) == 1
    assert "git lfs pull" in caplog.text
