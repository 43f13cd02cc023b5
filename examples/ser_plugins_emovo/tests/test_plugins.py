"""The plugins keep every promise, and the experiment is one."""

from pathlib import Path

from ser_plugins import get_dataset
from ser_plugins.testing import promises_of

TREE = Path(__file__).with_name("emovo.txt")


@promises_of("datasets", "emovo", tree=TREE)
def test_the_corpus(promise):
    promise()


@promises_of("models", "conv_transformer")
def test_the_model(promise):
    promise()


def test_every_actor_is_tested_once_by_folds_whose_sexes_differ():
    (protocol,) = get_dataset("emovo").protocols
    tested = [actor for fold in protocol.folds for actor in fold.test["speaker"]]
    assert sorted(tested) == ["f1", "f2", "f3", "m1", "m2", "m3"]
    for fold in protocol.folds:
        assert fold.test["speaker"][0][0] != fold.valid["speaker"][0][0]
