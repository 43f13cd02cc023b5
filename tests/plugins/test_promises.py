"""Every registered plugin keeps every promise of its kind, alone and with the plainest partner."""

import pytest
from places import ROOT

from ser_plugins.core import registry
from ser_plugins.core.promises import UntriedError
from ser_plugins.testing import promises_of

TREES = ROOT / "tests" / "trees"
# Why a promise of a built-in plugin may not apply; anything else that is untried is an oversight.
MEANT = (
    "it declares that padding_safe is false",
    "it does not declare exportable",
    "it does not render itself",
    "it does not say its size",
    "it has no attention",
    "it has no names",
    "it offers no portable_options",
    "needs a complete copy",
    "needs a copy of the corpus",
    "whatever lies in a folder of one's own counts",
)
ALONE = [name for name in registry.default().names("features") if name != "ssl"]


@pytest.fixture
def ssl_options(checkpoints):
    return {"source": checkpoints["wavlm-layer"], "trained_on": ["heard"]}


def is_kept(promise, **options):
    """Tell whether a promise is kept, or known not to apply."""
    try:
        promise(**options)
    except UntriedError as why:
        return str(why).startswith(MEANT)
    return True


@promises_of("datasets", tree=TREES)
def test_datasets(promise):
    assert is_kept(promise)


@promises_of("features", *ALONE)
def test_features(promise):
    assert is_kept(promise)


@promises_of("features", "ssl")
def test_features_that_need_a_checkpoint(promise, ssl_options):
    assert is_kept(promise, **ssl_options)


@promises_of("models")
def test_models(promise):
    assert is_kept(promise)


@promises_of("augmentations")
def test_augmentations(promise):
    assert is_kept(promise)
