"""The one forward from waveforms to logits, shared by training and every other use."""

from typing import Any

import torch
from torch import Tensor, nn

from .lengths import real_frames
from .normalize import Normalize


class SpeechClassifier(nn.Module):
    """Features, normalisation and model as one module.

    Args:
        features: a front end as `ser_features` promises it.
        normalize: fitted on the training part.
        model: a classifier as `ser_models` promises it.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    def __init__(self, features: Any, normalize: Normalize, model: Any):
        super().__init__()
        self.features, self.normalize, self.model = features, normalize, model

    def forward(self, wavs: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        return self.classify(*self.frames(wavs, lengths))

    def frames(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return normalised frames `[B, N, F]` and their relative lengths, in full precision."""
        with torch.autocast(wavs.device.type, enabled=False):
            feats, lengths = self.features(wavs.float(), lengths)
            return self.normalize(feats, lengths), lengths

    @property
    def hears_alike(self) -> bool:
        """Tell whether the features stay what they are while the model is trained."""
        return not any(parameter.requires_grad for parameter in self.features.parameters())

    def classify(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits of normalised frames, as the model's declarations ask."""
        feats, lengths = self._at_least(feats, lengths)
        # Training keeps the batch whole: batch norm has no variance over a clip that is alone.
        if self.training or getattr(self.model, "padding_safe", True):
            return self.model(feats, lengths)
        return self._equal_lengths_together(feats, lengths)

    def attention(self, wavs: Tensor, lengths: Tensor) -> Tensor | None:
        """Return the weight of each step `[B, N']`, or None if the model does not attend."""
        if not hasattr(self.model, "attention"):
            return None
        return self.model.attention(*self._at_least(*self.frames(wavs, lengths)))

    def _at_least(self, feats: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Give clips that are too short for the model silent frames that count as real."""
        least = getattr(self.model, "min_frames", 1)
        if least == 1:  # every clip has one
            return feats, lengths
        frames = real_frames(lengths, feats.shape[1]).clamp(min=least)
        missing = max(0, least - feats.shape[1])
        feats = nn.functional.pad(feats, (0, 0, 0, missing))
        return feats, frames / feats.shape[1]

    def _equal_lengths_together(self, feats: Tensor, lengths: Tensor) -> Tensor:
        frames = real_frames(lengths, feats.shape[1])
        groups = [(frames == n).nonzero()[:, 0] for n in frames.unique()]
        logits = [
            self.model(feats[rows, : int(frames[rows[0]])], torch.ones(len(rows)).to(lengths))
            for rows in groups
        ]
        return torch.cat(logits)[torch.cat(groups).argsort()]
