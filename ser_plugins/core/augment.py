"""Composes augmentations and draws for each utterance from (seed, epoch, id)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from .build import make_augmentation
from .errors import OptionError
from .lengths import mask_frames, real_frames

DOMAINS = ("wave", "feats")


class Augment:
    """A chain of registered augmentations. A resumed run draws what it would have drawn.

    Args:
        names: registered names, in the order in which they are applied.
        options: options of each by name; `p` is the part of the utterances it is applied to,
            in [0, 1], 1 by default.
        seed: of the experiment.
        sample_rate: in Hz.

    Raises:
        OptionError: for options that an augmentation does not take, in the chain or not.
    """

    def __init__(
        self,
        names: Sequence[str],
        options: Mapping[str, Mapping[str, Any]],
        seed: int,
        sample_rate: int = 16000,
    ):
        self.seed = seed
        for name in options:
            _make(name, options[name], sample_rate)  # to refuse bad ones, used or not
        self.chain = [_make(name, options.get(name), sample_rate) for name in names]

    def __call__(
        self, domain: str, signal: Tensor, lengths: Tensor, ids: Sequence[str], epoch: int
    ) -> tuple[Tensor, Tensor]:
        """Apply the augmentations of one domain, `wave` or `feats`, to a batch, in full precision.

        Args:
            domain: which ones.
            signal: `[B, T]` or `[B, N, F]`.
            lengths: `[B]`, relative.
            ids: of the utterances; an empty one is left as it is.
            epoch: from 1.

        Returns:
            The signal, padding zero, and its lengths; both may be longer or shorter.
        """
        for place, (p, augment) in enumerate(self.chain):
            if augment.domain != domain:
                continue
            generators = {i: self.generator(place, id, epoch) for i, id in enumerate(ids) if id}
            drawn = {i: g for i, g in generators.items() if torch.rand(1, generator=g) < p}
            if drawn:
                rows = list(drawn), list(drawn.values())
                with torch.autocast(signal.device.type, enabled=False):
                    signal, lengths = _apply(augment, signal, lengths, *rows)
        return signal, lengths

    def changes(self, domain: str) -> bool:
        """Tell whether any augmentation of a domain is in the chain."""
        return any(augment.domain == domain for _, augment in self.chain)

    def generator(self, place: int, id: str, epoch: int) -> Generator:
        """Return the random numbers of one place in the chain for one utterance in one epoch."""
        return Generator().manual_seed(draw_seed(self.seed, epoch, place, id))


def draw_seed(*parts: int | str) -> int:
    """Return a whole number in [-2 ** 63, 2 ** 63) that depends on all parts and nothing else."""
    text = "\n".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _make(name: str, options: Any, sample_rate: int) -> tuple[float, Any]:
    """Return the part of the utterances that is augmented, and the augmentation."""
    if not isinstance(options, Mapping | None):
        raise OptionError(f"augment_options.{name} must be a mapping, not {options!r}")
    given = dict(options or {})
    p = given.pop("p", 1.0)
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise OptionError(f"augment_options.{name}.p must be in [0, 1], not {p!r}")
    augment = make_augmentation(name, sample_rate, **given)
    if augment.domain not in DOMAINS:
        raise OptionError(f"{name}.domain must be one of {DOMAINS}, not {augment.domain!r}")
    return float(p), augment


def _check(augment: Any, before: Tensor, after: Tensor, lengths: Tensor) -> None:
    """Refuse what would be broadcast over the batch in silence."""
    same = len(after) == len(before) == len(lengths) and after.shape[2:] == before.shape[2:]
    if not same or not bool(((lengths > 0) & (lengths <= 1)).all()):
        raise OptionError(
            f"{type(augment).__name__} made {tuple(after.shape)} of {tuple(before.shape)}, with "
            f"lengths {lengths.tolist()}: rows and features must stay, lengths lie in (0, 1]"
        )


def _apply(
    augment: Any, signal: Tensor, lengths: Tensor, rows: list[int], generators: list[Generator]
) -> tuple[Tensor, Tensor]:
    """Augment some rows and put them back among the others."""
    every = len(rows) == len(signal)
    chosen = slice(None) if every else rows  # a slice copies nothing
    given = signal[chosen]
    changed, relative = augment(given, lengths[chosen], generators)
    _check(augment, given, changed, relative)
    frames = real_frames(lengths, signal.shape[1])
    frames[chosen] = real_frames(relative, changed.shape[1]).to(frames)
    size = int(frames.max())
    if every:
        out = changed[:, :size].to(signal)
    else:
        out = _sized(signal, size)
        out[rows] = _sized(changed, size).to(signal)
    return mask_frames(out, frames), frames / size


def _sized(signal: Tensor, size: int) -> Tensor:
    """Return a signal `[B, T, …]` cut or padded to `[B, size, …]`."""
    out = signal.new_zeros(len(signal), size, *signal.shape[2:])
    keep = min(size, signal.shape[1])
    out[:, :keep] = signal[:, :keep]
    return out
