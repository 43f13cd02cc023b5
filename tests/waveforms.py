"""Sound whose facts are known, generators to draw from, and how pitch and level are measured."""

import torch

RATE = 16000


def generators(n=4, seed=0):
    return [torch.Generator().manual_seed(seed + i) for i in range(n)]


def time(seconds):
    return torch.arange(int(seconds * RATE), dtype=torch.float64) / RATE


def tone(hertz, seconds=1.0):
    return torch.sin(2 * torch.pi * hertz * time(seconds)).float()


def voice(f0, seconds=1.5):
    """Partials of falling level up to 5 kHz, their phases spread."""
    partials = range(1, int(5000 / f0) + 1)
    return 0.1 * sum(torch.sin(2 * torch.pi * f0 * k * time(seconds) + k * k) / k for k in partials)


def f0_of(wav, near):
    """Measure the fundamental in Hz, a third above or below `near`, by autocorrelation."""
    middle = wav[len(wav) // 5 : -len(wav) // 5].double()
    spectrum = torch.fft.rfft(middle, 2 ** (2 * len(middle) - 1).bit_length())
    same = torch.fft.irfft(spectrum.abs() ** 2)
    first, last = int(RATE / near / 1.25), int(RATE / near * 1.25)
    lag = first + int(same[first:last].argmax())
    before, at, after = same[lag - 1 : lag + 2].tolist()
    return RATE / (lag + (before - after) / (before - 2 * at + after) / 2)


def decibels(x):
    """Return the level of the mean power along the last axis."""
    return 10 * torch.log10((x.double() ** 2).mean(-1))
