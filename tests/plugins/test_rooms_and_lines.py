"""A room answers as its decay says; a telephone line passes what telephones pass."""

import pytest
import torch
from waveforms import RATE, decibels, generators, tone

from ser_plugins import make_augmentation


def impulse_response(rt60, drr=0.0, seconds=2.0, seed=0):
    wavs = torch.zeros(1, int(seconds * RATE))
    wavs[0, 0] = 1
    options = {"low_rt60": rt60, "high_rt60": rt60, "low_drr": drr, "high_drr": drr}
    reverb = make_augmentation("reverb", **options)
    return reverb(wavs, torch.ones(1), generators(1, seed))[0][0].double()


@pytest.mark.parametrize("rt60", [0.1, 0.3, 0.9])
def test_sound_decays_by_60_db_in_the_time_that_was_asked(rt60):
    """Schroeder's backward integration; the slope from -5 to -35 dB, as ISO 3382 has it."""
    energy = impulse_response(rt60)[1:].square().flip(0).cumsum(0).flip(0)
    decay = 10 * torch.log10(energy / energy[0])
    at5, at35 = int((decay > -5).sum()), int((decay > -35).sum())
    assert 2 * (at35 - at5) / RATE == pytest.approx(rt60, rel=0.06)
    assert decay[int(0.97 * rt60 * RATE)] < -55 and energy[int(rt60 * RATE) + 2] < 1e-6 * energy[0]


@pytest.mark.parametrize("drr", [-3.0, 0.0, 10.0])
def test_the_direct_sound_stands_over_the_tail_as_was_asked(drr):
    response = impulse_response(0.3, drr)
    assert float(response[0]) == pytest.approx(1, abs=1e-4)
    tail = response[1:].square().sum()
    assert float(-10 * torch.log10(tail)) == pytest.approx(drr, abs=0.01)


def test_the_tail_is_cut_where_the_clip_ends():
    wavs = torch.zeros(2, 16000)
    wavs[:, 3000] = 1
    out, lengths = make_augmentation("reverb")(wavs, torch.tensor([1.0, 0.25]), generators(2))
    assert out.shape == wavs.shape and lengths.tolist() == [1.0, 0.25]
    assert out[:, :3000].abs().max() < 1e-5 and (out[:, 3000] - 1).abs().max() < 1e-4
    assert out[0, 4000:].any() and not out[1, 4000:].any()


def test_rooms_fill_their_ranges():
    reverb = make_augmentation("reverb", low_rt60=0.1, high_rt60=0.5, low_drr=0, high_drr=20)
    wavs = torch.zeros(80, 9000)
    wavs[:, 0] = 1
    tails = reverb(wavs, torch.ones(80), generators(80))[0][:, 1:].double()
    drr = -10 * torch.log10(tails.square().sum(1))
    ends = 9000 - (tails.abs() > 1e-6).flip(1).int().argmax(1)
    assert -0.1 < drr.min() < 1 and 19 < drr.max() < 20.1
    assert 0.09 < ends.min() / RATE < 0.14 and 0.46 < ends.max() / RATE < 0.51


def through(wav, rate=RATE, db=0.0, **options):
    options = {"low_db": db, "high_db": db} | options
    return make_augmentation("codec", rate, **options)(wav[None], torch.ones(1), generators(1))[0][
        0
    ]


@pytest.mark.parametrize("loud", [1e-3, 1.0, 5.0])
def test_a_line_passes_what_telephones_pass(loud):
    def passed(hertz):
        """Return the level at the same frequency, beside a tone that sets the line's level."""
        wav = loud * (tone(1000) + (tone(hertz) if hertz != 1000 else 0))
        spectrum = torch.fft.rfft(through(wav).double()).abs()
        return float(20 * torch.log10(spectrum[hertz] / (loud * RATE / 2)))

    assert passed(1000) == pytest.approx(0, abs=0.3) and passed(2500) == pytest.approx(0, abs=0.3)
    assert all(passed(hertz) < -40 for hertz in (50, 100, 3550, 4500, 6000))


def test_a_clip_keeps_its_place():
    wav = tone(1000) * torch.hann_window(RATE)
    for out in (through(wav), through(wav, db=-20)):
        assert len(out) == len(wav)
        assert float(decibels(out - wav)) < float(decibels(wav)) - 25


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_a_line_may_be_entered_at_any_rate(rate):
    wav = torch.sin(2 * torch.pi * 1000 * torch.arange(rate) / rate)
    out = through(wav, rate)
    assert len(out) == rate and torch.fft.rfft(out).abs().argmax() == 1000


def coarseness(out):
    """Return the level of all but the tone of 1 kHz, relative to the whole, in dB."""
    spectrum = torch.fft.rfft(out.double())
    spectrum[..., 990:1010] = 0
    return decibels(torch.fft.irfft(spectrum)) - decibels(out)


def test_the_quieter_the_coarser_and_levels_fill_their_range():
    codec, wavs = make_augmentation("codec", low_db=-60, high_db=0), tone(1000).repeat(60, 1)
    found = coarseness(codec(wavs, torch.ones(60), generators(60))[0])
    fine, coarse = (float(coarseness(through(wavs[0], db=db))) for db in (0.0, -60.0))
    assert fine < -38 and coarse > -25
    assert float(found.max()) == pytest.approx(coarse, abs=3)
    assert float(found.min()) == pytest.approx(fine, abs=3)


@pytest.mark.parametrize("name", ["reverb", "codec"])
@pytest.mark.parametrize("samples", [1, 2, 100])
def test_a_clip_may_be_short(name, samples):
    augment = make_augmentation(name)
    out, lengths = augment(torch.ones(1, samples), torch.ones(1), generators(1))
    assert out.shape == (1, samples) and out.isfinite().all() and lengths.tolist() == [1.0]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("reverb", {"low_rt60": 0}),
        ("reverb", {"low_rt60": 0.7, "high_rt60": 0.6}),
        ("reverb", {"low_drr": 20}),
        ("codec", {"high_db": 3}),
        ("codec", {"low_db": -80}),
    ],
)
def test_ranges_that_make_no_sense_are_refused(name, options):
    with pytest.raises(ValueError, match=r"must not exceed .*\(got"):
        make_augmentation(name, **options)
