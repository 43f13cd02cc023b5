"""What every augmentation promises."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from ..lengths import real_frames
from .kit import expect, expect_close, noise, only_if, promise

Make = Callable[..., Any]
SHAPES = {"wave": (4, 16000), "feats": (4, 100, 40)}


def batch(augment: Any) -> tuple[Tensor, Tensor]:
    """Return a signal of the augmentation's domain, padded with zeros, and its lengths."""
    known = getattr(augment, "domain", None) in SHAPES
    only_if(known, "cannot be tried before `domain` is one that is known")
    signal, lengths = noise(*SHAPES[augment.domain]), torch.tensor([1.0, 0.75, 0.5, 0.25])
    for row, length in zip(signal, lengths, strict=True):
        row[int(length * signal.shape[1]) :] = 0
    return signal, lengths


def generators(n: int, seed: int = 0) -> list[Generator]:
    """Return a generator for each row."""
    return [Generator().manual_seed(seed + i) for i in range(n)]


@promise("augmentations")
def the_domain_is_known(make: Make) -> None:
    """`domain` is `wave` or `feats`."""
    domain = getattr(make(), "domain", None)
    expect(domain in SHAPES, f"domain is {domain!r}; give it domain = 'wave' or 'feats'")


@promise("augmentations")
def form_is_kept(make: Make) -> None:
    """Type, device, rows and features are kept, and the input is untouched."""
    augment = make()
    signal, lengths = batch(augment)
    before = signal.clone(), lengths.clone()
    out, relative = augment(signal, lengths, generators(4))
    unchanged = torch.equal(signal, before[0]) and torch.equal(lengths, before[1])
    expect(unchanged, "the signal or lengths that were given are changed: work on a clone()")
    expect(out.dtype == signal.dtype, f"gave {out.dtype} for {signal.dtype}: use .to(signal)")
    places = {str(x.device) for x in (out, relative)}
    expect(places == {str(signal.device)}, f"gave tensors on {places}: use .to(signal)")
    shapes = f"gave {tuple(out.shape)} for {tuple(signal.shape)}: only the length may change"
    expect(len(out) == 4 and out.shape[2:] == signal.shape[2:], shapes)


@promise("augmentations")
def same_numbers_same_sound(make: Make) -> None:
    """The same generators give the same result, whatever torch's global state."""
    augment = make()
    torch.manual_seed(1)
    first = augment(*batch(augment), generators(4))[0]
    torch.manual_seed(2)
    second = augment(*batch(augment), generators(4))[0]
    hint = "two calls differ: draw from the generators alone, as torch.rand(1, generator=g)"
    expect(_equal(first, second), hint)


@promise("augmentations")
def other_numbers_other_sound(make: Make) -> None:
    """Other generators give another result, and the signal is changed."""
    augment = make()
    signal, _ = batch(augment)
    first = augment(*batch(augment), generators(4))[0]
    second = augment(*batch(augment), generators(4, seed=99))[0]
    hint = "draw by them how much is changed, as torch.rand(1, generator=g)"
    expect(not _equal(first, second), f"other generators gave the same: {hint}")
    expect(not _equal(first, signal), f"the signal came back as it was: {hint}")


@promise("augmentations")
def lengths_fit_the_rows(make: Make) -> None:
    """Lengths lie in (0, 1], the longest row fills the batch, each is as long as it is alone."""
    augment = make()
    signal, lengths = batch(augment)
    out, relative = augment(*batch(augment), generators(4))
    expect(relative.shape == (4,), f"gave {tuple(relative.shape)} lengths for 4 rows")
    known = f"gave lengths {relative.tolist()}; expected parts of the longest, above 0 to 1"
    expect(bool(((relative > 0) & (relative <= 1)).all()), known)
    rows = real_frames(relative, out.shape[1]).tolist()
    longest = f"rows of {rows} in a batch of {out.shape[1]}: cut it to the longest"
    expect(max(rows) == out.shape[1], longest)
    for i, n in enumerate(real_frames(lengths, signal.shape[1]).tolist()):
        alone = augment(signal[i : i + 1, :n], torch.ones(1), generators(4)[i : i + 1])[0]
        expect(rows[i] == alone.shape[1], f"row {i} is {rows[i]} long, alone {alone.shape[1]}")


@promise("augmentations")
def silence_stays_finite(make: Make) -> None:
    """Silence gives finite numbers."""
    augment = make()
    signal, lengths = batch(augment)
    out = augment(torch.zeros_like(signal), lengths, generators(4))[0]
    hint = "silence gave numbers that are not finite: divide by max(power, tiny)"
    expect(bool(out.isfinite().all()), hint)


@promise("augmentations")
def rows_are_drawn_alone(make: Make) -> None:
    """A row is the same alone and in a batch, so that a resumed run draws the same."""
    augment = make()
    signal, _ = batch(augment)
    out, relative = augment(*batch(augment), generators(4))
    size = int(0.5 * signal.shape[1])
    alone = augment(signal[2:3, :size], torch.ones(1), generators(4)[2:3])[0]
    real = round(float(relative[2]) * out.shape[1])
    hint = "row 2 of 4 beside itself alone: draw a number for each row, not one for all"
    expect_close(out[2:3, :real], alone[:, :real], hint)


def _equal(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b)
