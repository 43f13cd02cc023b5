"""Statistics see real frames only, and travel with the weights."""

import pytest
import torch

from ser_plugins.core.errors import OptionError
from ser_plugins.core.normalize import Normalize


def batch(seed=0):
    feats = 3 + 2 * torch.randn(4, 50, 6, generator=torch.Generator().manual_seed(seed))
    feats[:, :, 5] = 7  # a feature that does not vary
    frames = torch.tensor([50, 20, 33, 1])
    for row, n in zip(feats, frames, strict=True):
        row[n:] = 0
    return feats, frames / 50, frames


def test_global_statistics_are_those_of_all_real_frames():
    feats, lengths, frames = batch()
    normalize = Normalize("global", 6)
    normalize.fit([(feats[:2], lengths[:2]), (feats[2:], lengths[2:])])
    real = torch.cat([row[:n] for row, n in zip(feats, frames, strict=True)])
    torch.testing.assert_close(normalize.mean, real.mean(0))
    torch.testing.assert_close(normalize.std[:5], real.std(0, correction=0)[:5])
    out = normalize(feats, lengths)
    assert out.isfinite().all() and not out[1, 20:].any()


def test_clip_statistics_are_the_clips_own():
    feats, lengths, _ = batch()
    out = Normalize("clip", 6)(feats, lengths)
    torch.testing.assert_close(out[1, :20].mean(0), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(out[1, :20, :5].std(0, correction=0), torch.ones(5))
    assert not out[3].any()  # one frame: its own mean


def test_none_changes_nothing_but_padding():
    feats, lengths, _ = batch()
    assert torch.equal(Normalize("none", 6)(feats, lengths), feats)


def test_statistics_are_in_the_state_dict():
    normalize, twin = Normalize("global", 6), Normalize("global", 6)
    normalize.fit([batch()[:2]])
    twin.load_state_dict(normalize.state_dict())
    assert torch.equal(twin.mean, normalize.mean) and twin.mean.any()


def test_an_unknown_mode_lists_the_known():
    with pytest.raises(OptionError, match="global, clip, none"):
        Normalize("batch", 6)


@pytest.mark.parametrize("value", [-69.7, 1e-3, 4321.1])
def test_what_is_constant_is_not_scaled_by_its_rounding(value):
    feats, lengths = torch.full((2, 1001, 3), value), torch.tensor([1.0, 0.777])
    assert Normalize("clip", 3)(feats, lengths).abs().max() < 1e-5 * max(1, abs(value))
