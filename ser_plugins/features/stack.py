"""Several features side by side, where their hops agree."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ser_plugins import hookimpl, make_features


class Stack(nn.Module):
    """The frames of each part, joined.

    Args:
        sample_rate: in Hz.
        parts: options of each part by its name, in order; None for MFCC beside log mel.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, N, F]`, where F is the sum of the parts', and its relative lengths

    Raises:
        ValueError: for parts whose hops differ, or none.

    >>> both = Stack(parts={"mfcc": {"n_mfcc": 13}, "log_mel": None})
    >>> both(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 101, 77])
    """

    def __init__(
        self,
        sample_rate: int = 16000,
        parts: Mapping[str, Mapping[str, Any] | None] | None = None,
    ):
        super().__init__()
        parts = {"mfcc": None, "log_mel": None} if parts is None else parts
        made = {n: make_features(n, sample_rate, **(options or {})) for n, options in parts.items()}
        hops = ", ".join(f"{name} {part.hop}" for name, part in made.items())
        if len({part.hop for part in made.values()}) != 1:
            what = "parts must have one hop in common, in samples"
            raise ValueError(f"{what}, but have {hops or 'no part'}: set the option hop of each")
        self.parts = nn.ModuleDict(made)
        carried = {n: getattr(made[n], "portable_options", parts[n] or {}) for n in made}
        self.portable_options = {"parts": carried}
        self.names = names(made)
        self.n_features, self.hop = len(self.names), next(iter(made.values())).hop
        heard = {name for part in made.values() for name in getattr(part, "trained_on", ())}
        self.trained_on = tuple(sorted(heard))
        self.exportable = all(getattr(part, "exportable", False) for part in made.values())

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the joined frames; padding is zeros."""
        found = [part(wavs, lengths) for part in self.parts.values()]
        return torch.cat([feats for feats, _ in found], 2), found[0][1]


def names(parts: Mapping[str, Any]) -> list[str]:
    """Return the parts' own names, each behind its part's where two would be the same."""
    own = [
        (part, name)
        for part, made in parts.items()
        for name in getattr(made, "names", [f"{part}_{i}" for i in range(made.n_features)])
    ]
    apart = len({name for _, name in own}) == len(own)
    return [name if apart else f"{part}_{name}" for part, name in own]


@hookimpl
def ser_features():
    """Register the stack."""
    return {"stack": Stack}
