"""What a system makes of a clip: what it hears, where it attends, and its probabilities."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .audio import Wav
from .front_end import FrontEnd
from .systems import System


class Inside(NamedTuple):
    """What a model hears of a clip, and where it attends.

    Args:
        feats: `[N, F]`, normalised.
        step: seconds from frame to frame; 0 for one vector of the clip.
        unit: of the features.
        attention: the weight of each step `[N']`, or None.
        stride: frames of one step.
    """

    feats: NDArray[np.float32]
    step: float
    unit: str
    attention: NDArray[np.float32] | None
    stride: int


class Heard(NamedTuple):
    """What a system makes of a clip.

    Args:
        start: the first sample that it hears.
        stop: the last, plus one.
        probabilities: by label.
        inside: what its model hears; None of a graph, which does not tell.
    """

    start: int
    stop: int
    probabilities: Mapping[str, float]
    inside: Inside | None = None


def hear(system: System, wav: Wav) -> Heard:
    """Return what a trained system makes of a clip `[L]` at its sample rate."""
    front_end = FrontEnd(system.sample_rate, **system.config["front_end"])
    start, stop, gain = front_end.measure(wav)
    scores = dict(zip(system.labels, system.probabilities([wav])[0].tolist(), strict=True))
    return Heard(start, stop, scores, _look_inside(system, front_end.apply(wav, start, stop, gain)))


def _look_inside(system: System, wav: Wav) -> Inside | None:
    classifier = getattr(system, "classifier", None)
    if classifier is None:
        return None
    import torch

    device = classifier.normalize.mean.device
    cut, whole = torch.from_numpy(wav)[None].to(device), torch.ones(1, device=device)
    with torch.inference_mode():
        feats = classifier.frames(cut, whole)[0][0].cpu().numpy()
        attention = classifier.attention(cut, whole)
    return Inside(
        feats,
        classifier.features.hop / system.sample_rate,
        "value" if system.config["normalize"] == "none" else "standard deviations",
        None if attention is None else attention[0].cpu().numpy(),
        getattr(classifier.model, "stride", 1),
    )
