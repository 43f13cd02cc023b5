"""The period of a voice, frame by frame, from its autocorrelation.

Boersma P (1993), IFA Proceedings 17, 97-110: of several periods that fit alike the shortest is
taken, and a peak lies between samples.
"""

import torch
from speechbrain.processing.vocal_features import autocorrelate
from torch import Tensor, nn

OCTAVE_COST = 0.01  # of autocorrelation, for each doubling of the period


def find_periods(frames: Tensor, shortest: int, longest: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the period of each frame and how well the frame repeats itself after it.

    A period is the median over five frames, the first and the last standing for those beyond.

    Args:
        frames: `[B, N, L]`.
        shortest: period looked for, in samples, from 2.
        longest: likewise; at most `L / 2 - 1`.

    Shape:
        - output: periods, periods in whole samples, and the autocorrelations there,
          about 1 at most, `[B, N]` each

    >>> find_periods(torch.sin(torch.arange(800.0) * 0.1).expand(1, 1, 800), 30, 200)[1]
    tensor([[63]])
    """
    scores = autocorrelate(frames - frames.mean(2, keepdim=True))[..., shortest - 1 : longest + 2]
    before, peak, after = scores[..., :-2], scores[..., 1:-1], scores[..., 2:]
    bend = (before - 2 * peak + after).clamp(max=-1e-9)  # of the parabola through the three
    shift = ((before - after) / (2 * bend)).clamp(-0.5, 0.5)
    height = peak - (before - after) * shift / 4
    lags = torch.arange(shortest, longest + 1, device=frames.device) + shift
    best = (height - OCTAVE_COST * lags.log2()).argmax(2).float()
    around = nn.functional.pad(best, (2, 2), mode="replicate").unfold(1, 5, 1)
    chosen = around.median(2, keepdim=True).values.long()
    period, fit = (x.gather(2, chosen)[..., 0] for x in (lags, height))
    return period, chosen[..., 0] + shortest, fit
