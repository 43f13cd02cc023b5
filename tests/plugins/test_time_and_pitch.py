"""Tempo, pitch and place in time are changed one at a time, as far as was asked."""

import math

import pytest
import torch
from waveforms import RATE, decibels, f0_of, generators, tone, voice

from ser_plugins import make_augmentation


def changed(name, wav, rows=None, **options):
    """Return one clip, changed, in the type it had."""
    rows = generators(1) if rows is None else rows
    return make_augmentation(name, **options)(wav.float()[None], torch.ones(1), rows)[0][0]


@pytest.mark.parametrize("f0", [95, 150, 240])
@pytest.mark.parametrize("semitones", [-2.0, 0.7, 2.0])
def test_pitch_moves_by_what_was_asked_and_length_stays(f0, semitones):
    wav = voice(f0)
    out = changed("pitch_shift", wav, low_semitones=semitones, high_semitones=semitones)
    assert 12 * math.log2(f0_of(out, f0) / f0) == pytest.approx(semitones, abs=0.03)
    assert len(out) == len(wav)


@pytest.mark.parametrize("f0", [95, 150, 240])
@pytest.mark.parametrize("factor", [0.8, 1.1, 1.25])
def test_tempo_changes_length_and_pitch_stays(f0, factor):
    wav = voice(f0)
    out = changed("time_stretch", wav, low_factor=factor, high_factor=factor)
    assert len(out) == round(len(wav) / factor)
    assert 12 * math.log2(f0_of(out, f0) / f0) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(
    ("name", "options", "time"),
    [
        ("time_stretch", {"low_factor": 0.8, "high_factor": 0.8}, 0.8),
        ("time_stretch", {"low_factor": 1.25, "high_factor": 1.25}, 1.25),
        ("pitch_shift", {"low_semitones": 2, "high_semitones": 2}, 1),
    ],
)
def test_what_is_heard_keeps_its_place_in_the_clip(name, options, time):
    """No delay, no lost end: a burst in the middle is found there, as loud, and nothing else."""
    wav = torch.zeros(3 * RATE)
    wav[RATE : 2 * RATE] = tone(300)
    out = changed(name, wav, **options)
    power, places = out.double() ** 2, torch.arange(len(out)) * time / RATE
    assert float((power * places).sum() / power.sum()) == pytest.approx(1.5, abs=0.02)
    inside = (places > 0.95) & (places < 2.05)
    assert power[inside].sum() > 0.99 * power.sum()
    assert float(decibels(out[inside]) - decibels(tone(300))) == pytest.approx(-0.4, abs=1)


def test_tempos_fill_their_range():
    stretch = make_augmentation("time_stretch", low_factor=0.8, high_factor=1.25)
    out, lengths = stretch(torch.zeros(60, 4000), torch.ones(60), generators(60))
    factors = 4000 / (lengths * out.shape[1]).round()
    assert 0.799 < factors.min() < 0.83 and 1.22 < factors.max() < 1.251


def test_intervals_fill_their_range():
    shift = make_augmentation("pitch_shift", low_semitones=-2, high_semitones=2)
    out, _ = shift(tone(1000, 0.25).repeat(60, 1), torch.ones(60), generators(60))
    window = torch.hann_window(4000)
    hertz = torch.fft.rfft(out * window, 32000).abs().argmax(1) * RATE / 32000
    semitones = 12 * torch.log2(hertz / 1000)
    assert -2.05 < semitones.min() < -1.8 and 1.8 < semitones.max() < 2.05


@pytest.mark.parametrize("name", ["time_stretch", "pitch_shift", "time_shift"])
@pytest.mark.parametrize("samples", [1, 2, 100, 1025])
def test_a_clip_may_be_short(name, samples):
    out = changed(name, torch.ones(samples))
    assert len(out) >= 1 and out.isfinite().all()


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_pitch_is_moved_at_any_sample_rate(rate):
    wav = torch.sin(2 * torch.pi * 300 * torch.arange(rate) / rate)
    shift = make_augmentation("pitch_shift", rate, low_semitones=2, high_semitones=2)
    out = shift(wav[None], torch.ones(1), generators(1))[0][0]
    hertz = float(torch.fft.rfft(out * torch.hann_window(rate), 8 * rate).abs().argmax()) / 8
    assert 12 * math.log2(hertz / 300) == pytest.approx(2, abs=0.03)


def test_a_circular_shift_is_a_rotation_of_the_real_samples():
    wavs = torch.arange(1.0, 16001).repeat(200, 1)
    wavs[1::2, 8000:] = 0
    shift = make_augmentation("time_shift", max_shift=0.1)
    out, lengths = shift(wavs, torch.tensor([1.0, 0.5]).repeat(100), generators(200))
    assert lengths.tolist() == [1.0, 0.5] * 100 and not out[1::2, 8000:].any()
    torch.testing.assert_close(out.sort(1).values, wavs.sort(1).values, atol=0, rtol=0)
    places = out.argmin(1)[::2]  # of the sample that was first
    places = torch.where(places > 8000, places - 16000, places)
    assert -1600 <= places.min() < -1400 and 1400 < places.max() <= 1600
    assert (out[0].diff() == 1).sum() == 15998


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("time_stretch", {"low_factor": 0.4}),
        ("time_stretch", {"high_factor": 3}),
        ("time_stretch", {"low_factor": 1.2, "high_factor": 1.1}),
        ("pitch_shift", {"low_semitones": -20}),
        ("pitch_shift", {"low_semitones": 1, "high_semitones": 0}),
        ("pitch_shift", {"high_semitones": float("nan")}),
        ("time_shift", {"max_shift": 0}),
        ("time_shift", {"max_shift": -1}),
    ],
)
def test_ranges_that_make_no_sense_are_refused(name, options):
    with pytest.raises(ValueError, match=r"must .*\(got"):
        make_augmentation(name, **options)
