"""Four convolutional blocks, an LSTM, attention over its steps, and a second LSTM.

A public student system for TESS after Singh J, Saheer LB, Faust O (2023), "Speech emotion
recognition using attention model", Int. J. Environ. Res. Public Health 20(6), 5140. The original
sums the attended steps and gives the second LSTM a sequence of one step, which it cannot
remember anything of; here it reads all steps, each scaled by its weight. Widths are our own.
571,848 parameters with 40 features and 8 classes.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ser_plugins import StepAttention, halve, hookimpl, mask_frames, real_frames, run_packed


class CnnLstmAttention(nn.Module):
    """Classifies an utterance of any length from its frames.

    Args:
        n_features: size of a frame, such as the number of coefficients.
        n_classes: number of labels.
        channels: width of each block; a block halves time (rounding up) and frequency
            (rounding down, while there is more than one band).
        hidden: units of each LSTM.
        dropout: probability after each block and before the last layer, in [0, 1).

    Shape:
        - feats: `[B, N, F]`, N >= 1; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    exportable = True

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        channels: tuple[int, ...] = (32, 64, 128, 128),
        hidden: int = 128,
        dropout: float = 0.2,
    ):
        super().__init__()
        widths = (1, *channels)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o))
            for i, o in zip(widths, widths[1:], strict=False)
        )
        bands = max(1, n_features // 2 ** len(channels))
        self.first = nn.LSTM(channels[-1] * bands, hidden, batch_first=True)
        self.score = StepAttention(hidden)
        self.second = nn.LSTM(hidden, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, n_classes)
        self.stride = 2 ** len(channels)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        steps, frames = self.encode(feats, lengths)
        weights = self.score(steps, frames)
        attended = steps * (weights * frames[:, None])[..., None]  # on average as they were
        steps = run_packed(self.second, attended, frames)
        last = steps.gather(1, (frames - 1)[:, None, None].expand(-1, 1, steps.shape[2]))[:, 0]
        return self.head(self.dropout(last))

    def attention(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return how much each step counts, `[B, N']`; a row sums to one."""
        return self.score(*self.encode(feats, lengths))

    def encode(self, feats: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the first LSTM's steps `[B, N', hidden]`, and how many are real."""
        frames = real_frames(lengths, feats.shape[1])
        x = mask_frames(feats, frames)[:, None]
        for block in self.blocks:
            x, frames = halve(block(x), frames)
            x = F.relu(x)  # after the pool: the same function of fewer values
            x = self.dropout(x)
        return run_packed(self.first, x.transpose(1, 2).flatten(2), frames), frames


@hookimpl
def ser_models():
    """Register CNN, LSTM and attention."""
    return {"cnn_lstm_attention": CnnLstmAttention}
