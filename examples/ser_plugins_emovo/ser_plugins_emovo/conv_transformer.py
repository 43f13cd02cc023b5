"""Convolutions that shorten time, layers of self-attention, and the mean over the steps.

After Gulati et al. (2020), Interspeech, 5036-5040. torch's nn.TransformerEncoder runs other code in
eval mode, which no ONNX graph can hold. 320,584 parameters with 40 features and 8 classes.
"""

import torch
from torch import nn

from ser_plugins import halve, hookimpl, mask_frames, real_frames


class _Layer(nn.Module):
    """Self-attention over the real steps and two linear layers, each added to what it is given."""

    def __init__(self, size, heads, dropout):
        super().__init__()
        self.heads = heads
        self.split = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, 3 * size))
        self.join = nn.Sequential(nn.Linear(size, size), nn.Dropout(dropout))
        wide = (nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))
        self.feed = nn.Sequential(nn.LayerNorm(size), *wide, nn.Dropout(dropout))

    def forward(self, x, real):  # [B, N, size], [B, 1, 1, N]
        split = self.split(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # q, k, v
        heard = nn.functional.scaled_dot_product_attention(*split, attn_mask=real)
        x = x + self.join(heard.transpose(1, 2).flatten(2))
        return x + self.feed(x)


class ConvTransformer(nn.Module):
    """Classifies frames `[B, N, F]`, N >= 1; each of the `channels` halves time, rounding up."""

    exportable = True

    def __init__(self, n_features, n_classes, channels=(64, 128), heads=4, layers=2, dropout=0.2):
        super().__init__()
        widths, size = zip((n_features, *channels), channels, strict=False), channels[-1]
        stem = ((nn.Conv1d(i, o, 5, padding=2), nn.BatchNorm1d(o), nn.GELU()) for i, o in widths)
        self.stem = nn.ModuleList(nn.Sequential(*block) for block in stem)
        self.layers = nn.ModuleList(_Layer(size, heads, dropout) for _ in range(layers))
        self.head = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, n_classes))

    def forward(self, feats, lengths):
        """Return the logits `[B, C]`."""
        frames = real_frames(lengths, feats.shape[1])
        x = mask_frames(feats, frames).transpose(1, 2)  # [B, F, N]
        for block in self.stem:
            x, frames = halve(block(x), frames)
        real = torch.arange(x.shape[2], device=x.device) < frames[:, None, None, None]
        x = x.transpose(1, 2)  # [B, N', size]
        for layer in self.layers:
            x = layer(x, real)
        return self.head(mask_frames(x, frames).sum(1) / frames[:, None])


@hookimpl
def ser_models():
    """Register the convolutional transformer."""
    return {"conv_transformer": ConvTransformer}
