"""Frames that could differ in a bit are told apart, and those of a next start are not."""

import datetime
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from ser_plugins import make_features
from ser_plugins.core import frame_key
from ser_plugins.core.data import ClipDataset
from ser_plugins.core.digests import digest
from ser_plugins.core.front_end import FrontEnd

pytestmark = pytest.mark.usefixtures("findable_frames")

NAMED = {"name": "mfcc", "options": {}}


class Sounds(dict):
    """Decoded clips by id."""

    @property
    def entries(self):
        return {id: SimpleNamespace(digest=digest(wav.tobytes())) for id, wav in self.items()}


def clips(front_end=None, **sizes):
    sounds = Sounds({id: np.full(size, 0.1, np.float32) for id, size in sizes.items()})
    rows = [{"id": id, "label": "sad"} for id in sounds]
    return ClipDataset(rows, sounds, front_end or FrontEnd(16000, None, "none"), ["sad"])


def key(sounds=None, features=None, named=NAMED, size=4, device="cpu"):
    features = features or make_features("mfcc")
    through = frame_key.surroundings(features, named, size, device)
    return frame_key.frames_key(sounds or clips(a=900, b=800), through)


def test_a_next_start_has_the_same_key_whatever_the_order_of_clips():
    assert key() == key() == key(clips(b=800, a=900))


@pytest.mark.parametrize(
    "other",
    [
        {"sounds": clips(a=900)},
        {"sounds": clips(a=900, b=801)},
        {"sounds": clips(a=900, c=800)},
        {"sounds": clips(a=900, b=800, front_end=FrontEnd(16000, 30, "none"))},
        {"sounds": clips(a=900, b=800, front_end=FrontEnd(16000, None, "rms"))},
        {"sounds": clips(a=900, b=800, front_end=FrontEnd(8000, None, "none"))},
        {"features": make_features("log_mel")},
        {"named": {"name": "mfcc", "options": {"n_mfcc": 13}}},
        {"named": {"name": "mfcc", "options": {"since": datetime.date(2020, 1, 1)}}},
        {"size": 5},
    ],
    ids="fewer sound id trim level rate features option date batch".split(),
)
def test_what_frames_depend_on_changes_the_key(other):
    assert key(**other) != key()


def test_weights_change_the_key():
    features = make_features("mfcc")
    before = key(features=features)
    with torch.no_grad():
        next(features.buffers())[-1, -1] += 1e-3
    assert key(features=features) != before


def test_threads_change_the_key(monkeypatch):
    before = key()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 77)
    assert key() != before


def test_a_package_that_is_found_twice_is_one(monkeypatch):
    before = key()
    monkeypatch.syspath_prepend(Path(torch.__file__).parents[1])
    assert key() == before


def test_another_version_of_a_package_changes_the_key(monkeypatch):
    found = [SimpleNamespace(name=None, version="1"), SimpleNamespace(name="x", version="1")]
    monkeypatch.setattr(frame_key.packages, "entry_points", lambda: [])
    without = key()
    monkeypatch.setattr(frame_key.metadata, "distributions", lambda: found)
    assert key() != without


def test_another_build_of_a_package_with_plugins_changes_the_key(monkeypatch):
    before = key()
    entry = SimpleNamespace(dist=SimpleNamespace(read_text=lambda name: "own.py,sha256=1,10"))
    monkeypatch.setattr(frame_key.packages, "entry_points", lambda: [entry])
    assert key() != before


def test_the_order_of_a_stack_changes_the_key():
    def named(*parts):
        parts = {"parts": {part: {} for part in parts}}
        return {"named": parts, "features": make_features("stack", **parts)}

    assert key(**named("mfcc", "log_mel")) != key(**named("log_mel", "mfcc"))


def test_what_a_checkpoint_says_beside_its_weights_changes_the_key():
    features = make_features("mfcc")
    before = key(features=features)
    features.portable_options = {"normalizes": True}
    assert key(features=features) != before


def test_weights_that_are_not_dense_are_never_found_again():
    features = torch.nn.Module()
    features.register_buffer("table", torch.eye(2).to_sparse())
    assert key(features=features) is None


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a module of Python that lies in a file."""
    module = ModuleType("own_features")
    module.__file__ = str(tmp_path / "own_features.py")
    (tmp_path / "own_features.py").write_text("")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_code_of_a_plugin_changes_the_key(own):
    before = frame_key.code(torch.nn.Identity())
    assert frame_key.code(torch.nn.Identity()) == before
    Path(own.__file__).write_text("x = 1")
    assert frame_key.code(torch.nn.Identity()) != before


def test_code_of_the_toolkit_changes_the_key(tmp_path, monkeypatch):
    before = frame_key.code(torch.nn.Identity())
    monkeypatch.setattr(frame_key, "PACKAGE", tmp_path)
    (tmp_path / "one.py").write_text("x = 1")
    assert frame_key.code(torch.nn.Identity()) != before


def test_code_that_was_changed_since_it_was_loaded_is_never_found_again(own, monkeypatch):
    monkeypatch.setattr(frame_key, "STARTED", Path(own.__file__).stat().st_mtime - 1)
    assert frame_key.code(torch.nn.Identity()) is None and key() is None


def test_code_of_no_file_is_never_found_again(own, monkeypatch):
    layer = type("Own", (torch.nn.Module,), {"__module__": own.__name__})()
    assert frame_key.code(torch.nn.Sequential(layer))
    del own.__file__
    assert frame_key.code(torch.nn.Sequential(layer)) is None
    monkeypatch.delattr(sys.modules["__main__"], "__file__")
    assert frame_key.code(torch.nn.Identity()) is None
