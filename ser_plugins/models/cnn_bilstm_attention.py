"""Two convolutional blocks over a log-mel spectrogram, a bidirectional LSTM, attention over time.

A public student system for RAVDESS (128 bands, 300 frames). Here every frame of the clip is
heard, and a padded zero never wins a pool against the negative values of a normalised block.
2,251,592 parameters with 128 features and 8 classes.
"""

from torch import Tensor, nn

from ser_plugins import StepAttention, halve, hookimpl, mask_frames, real_frames, run_packed


class CnnBiLstmAttention(nn.Module):
    """Classifies an utterance of any length from its frames.

    Args:
        n_features: size of a frame, such as the number of mel bands.
        n_classes: number of labels.
        channels: width of each block; a block halves time (rounding up) and frequency
            (rounding down, while there is more than one band).
        hidden: units of the LSTM in each direction.
        dropout: probability, of whole channels in the blocks and after the LSTM, in [0, 1).

    Shape:
        - feats: `[B, N, F]`, N >= 1; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    exportable = True

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        channels: tuple[int, ...] = (32, 64),
        hidden: int = 128,
        dropout: float = 0.2,
    ):
        super().__init__()
        widths = (1, *channels)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(o))
            for i, o in zip(widths, widths[1:], strict=False)
        )
        bands = max(1, n_features // 2 ** len(channels))
        self.lstm = nn.LSTM(channels[-1] * bands, hidden, batch_first=True, bidirectional=True)
        self.drop_channels, self.dropout = nn.Dropout2d(dropout), nn.Dropout(dropout)
        self.score = StepAttention(2 * hidden)
        self.head = nn.Linear(2 * hidden, n_classes)
        self.stride = 2 ** len(channels)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        steps, frames = self.encode(feats, lengths)
        weights = self.score(steps, frames)
        return self.head((weights[:, None] @ steps)[:, 0])

    def attention(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return how much each step counts, `[B, N']`; a row sums to one."""
        return self.score(*self.encode(feats, lengths))

    def encode(self, feats: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the LSTM's steps `[B, N', 2 * hidden]`, and how many are real."""
        frames = real_frames(lengths, feats.shape[1])
        x = mask_frames(feats, frames)[:, None]
        for block in self.blocks:
            x, frames = halve(block(x), frames)
            x = self.drop_channels(x)  # after the pool: the same function, of fewer values
        steps = x.transpose(1, 2).flatten(2)  # [B, N', C'F']
        return self.dropout(run_packed(self.lstm, steps, frames)), frames


@hookimpl
def ser_models():
    """Register CNN-BiLSTM with attention."""
    return {"cnn_bilstm_attention": CnnBiLstmAttention}
