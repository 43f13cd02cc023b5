"""Each augmentation does to sound what it says."""

import pytest
import torch

from ser_plugins import make_augmentation


def generators(n=4, seed=0):
    return [torch.Generator().manual_seed(seed + i) for i in range(n)]


def tones(n=4):
    return torch.sin(torch.arange(16000) * 0.3).repeat(n, 1) * torch.logspace(-2, 0, n)[:, None]


@pytest.mark.parametrize("db", [0.0, 10.0, 30.0])
def test_noise_has_the_ratio_that_was_asked(db):
    clean, lengths = tones(), torch.tensor([1.0, 0.75, 0.5, 0.25])
    for row, length in zip(clean, lengths, strict=True):
        row[int(16000 * length) :] = 0
    noisy, _ = make_augmentation("noise", low_db=db, high_db=db)(clean, lengths, generators())
    ratio = 10 * torch.log10((clean**2).sum(1) / ((noisy - clean) ** 2).sum(1))
    torch.testing.assert_close(ratio, torch.full((4,), db), atol=1e-3, rtol=0)


def test_noise_is_white():
    clean = tones(1)
    noisy, _ = make_augmentation("noise", low_db=0, high_db=0)(clean, torch.ones(1), generators(1))
    spectrum = torch.fft.rfft(noisy - clean).abs()[0] ** 2
    octaves = [spectrum[n : 2 * n].mean() for n in (500, 1000, 2000, 4000)]
    assert max(octaves) / min(octaves) < 1.3


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
        ("noise", {"low_db": 3, "high_db": 1}),
        ("gain", {"low_db": 3, "high_db": 1}),
        ("spec_mask", {"max_time": 1.5}),
    ],
)
def test_a_range_upside_down_is_refused(name, options):
    with pytest.raises(ValueError, match="got"):
        make_augmentation(name, **options)


@pytest.mark.parametrize("percent", [80, 90, 110, 125])
def test_speed_moves_pitch_up_and_duration_down(percent):
    wavs, lengths = tones(1), torch.ones(1)
    out, _ = make_augmentation("speed", percent=[percent])(wavs, lengths, generators(1))
    assert out.shape[1] == pytest.approx(16000 * 100 / percent, abs=1)
    peak = torch.fft.rfft(out[0]).abs().argmax() * 16000 / out.shape[1]
    assert float(peak) == pytest.approx(0.3 * 16000 / (2 * torch.pi) * percent / 100, abs=1.5)


def test_speeds_are_equally_likely():
    out, lengths = make_augmentation("speed")(
        torch.ones(600, 990), torch.ones(600), generators(600)
    )
    sizes = (lengths * out.shape[1]).round().int().tolist()
    assert sorted(set(sizes)) == [900, 990, 1100]
    assert all(150 < sizes.count(size) < 250 for size in set(sizes))
