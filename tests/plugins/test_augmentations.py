"""Each augmentation does to sound what it says."""

import pytest
import torch
from waveforms import RATE, generators, tone

from ser_plugins import make_augmentation


def test_gain_stays_in_its_range_and_fills_it():
    gain = make_augmentation("gain", low_db=-12, high_db=6)
    out, _ = gain(torch.ones(300, 4), torch.ones(300), generators(300))
    db = 20 * torch.log10(out[:, 0])
    assert -12 <= db.min() < -11 and 5 < db.max() <= 6


def test_a_mask_is_no_wider_than_was_asked_and_stays_in_the_clip():
    mask = make_augmentation("spec_mask", n_time=1, max_time=0.2, n_freq=1, max_freq=0.25)
    lengths = torch.tensor([1.0, 0.5]).repeat(100)
    out, _ = mask(torch.ones(200, 100, 40), lengths, generators(200))
    time, freq = (out == 0).all(2).sum(1), (out == 0).all(1).sum(1)
    assert time[::2].max() == 20 and time[1::2].max() == 10 and freq.max() == 10
    assert not (out[1::2, 50:] == 0).all(2).any()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gain", {"low_db": 3, "high_db": 1}),
        ("gain", {"high_db": float("nan")}),
        ("gain", {"low_db": -float("inf")}),
        ("spec_mask", {"max_time": 1.5}),
        ("speed", {"percent": [90, 300]}),
        ("speed", {"percent": []}),
        ("crop", {"frames": 0}),
        ("crop", {"frames": 2.5}),
    ],
)
def test_what_makes_no_sense_is_refused(name, options):
    with pytest.raises(ValueError, match="got"):
        make_augmentation(name, **options)


@pytest.mark.parametrize("percent", [80, 90, 110, 125])
def test_speed_moves_pitch_up_and_duration_down(percent):
    speed = make_augmentation("speed", percent=[percent])
    out, _ = speed(tone(760)[None], torch.ones(1), generators(1))
    assert out.shape[1] == pytest.approx(RATE * 100 / percent, abs=1)
    peak = torch.fft.rfft(out[0]).abs().argmax() * RATE / out.shape[1]
    assert float(peak) == pytest.approx(760 * percent / 100, abs=1.5)


def test_speeds_are_equally_likely():
    out, lengths = make_augmentation("speed")(
        torch.ones(600, 990), torch.ones(600), generators(600)
    )
    sizes = (lengths * out.shape[1]).round().int().tolist()
    assert sorted(set(sizes)) == [900, 990, 1100]
    assert all(150 < sizes.count(size) < 250 for size in set(sizes))


def test_a_crop_is_one_stretch_and_any_stretch():
    feats = torch.arange(100.0)[None, :, None].repeat(400, 1, 3) + 1
    feats[1::2, 50:] = 0
    crop = make_augmentation("crop", frames=40)
    out, lengths = crop(feats, torch.tensor([1.0, 0.5]).repeat(200), generators(400))
    assert out.shape == (400, 40, 3) and (lengths == 1).all()
    assert (out.diff(dim=1) == 1).all()
    starts = out[:, 0, 0].int() - 1
    assert set(starts[::2].tolist()) <= set(range(61)) and set(starts[1::2].tolist()) == set(
        range(11)
    )
    assert starts[::2].min() < 3 and starts[::2].max() > 57


def test_a_crop_leaves_what_is_shorter():
    feats = torch.rand(2, 100, 5)
    feats[1, 30:] = 0
    out, lengths = make_augmentation("crop", frames=40)(
        feats, torch.tensor([1.0, 0.3]), generators(2)
    )
    assert (lengths * out.shape[1]).round().tolist() == [40, 30]
    assert torch.equal(out[1, :30], feats[1, :30]) and not out[1, 30:].any()
    whole, lengths = make_augmentation("crop")(feats[:, :64], torch.ones(2), generators(2))
    assert torch.equal(whole, feats[:, :64]) and (lengths == 1).all()
