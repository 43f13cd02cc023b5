"""Numbers drawn uniformly between two ends, one for each clip."""

import math

import torch
from torch import Generator, Tensor


class Range:
    """Holds the ends of a range that was asked for, once they make sense.

    Args:
        name: what is drawn, as in the options `low_{name}` and `high_{name}`.
        low: the smallest number.
        high: the largest number; not below `low`.
        least: what `low` may not be below.
        most: what `high` may not be above.
    """

    def __init__(
        self, name: str, low: float, high: float, least: float = -math.inf, most: float = math.inf
    ):
        if not (least <= low <= high <= most and math.isfinite(low) and math.isfinite(high)):
            ends = f" and lie within {least:g} and {most:g}" if math.isfinite(least) else ""
            raise ValueError(f"low_{name} must not exceed high_{name}{ends} (got {low} and {high})")
        self.low, self.high = low, high

    def draw(self, generators: list[Generator]) -> Tensor:
        """Return a number for each generator, `[B]`."""
        drawn = torch.cat([torch.rand(1, generator=g) for g in generators])
        return self.low + (self.high - self.low) * drawn
