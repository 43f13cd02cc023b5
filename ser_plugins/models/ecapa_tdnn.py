"""ECAPA-TDNN: residual convolutions over time that weigh their channels, pooled by attention.

Desplanques B, Thienpondt J, Demuynck K (2020), Interspeech, 3830-3834, made for telling speakers
apart; SpeechBrain's own network with a linear layer in place of the speakers.
6,093,192 parameters with 40 features and 8 classes.
"""

from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
from torch import Tensor, nn

from ser_plugins import hookimpl, real_frames


class EcapaTdnn(nn.Module):
    """Classifies an utterance of five frames or more from its embedding.

    In training, where clips are padded to one length, the pooling leaves padding out.

    Args:
        n_features: size of a frame, such as the number of coefficients.
        n_classes: number of labels.
        channels: width of the first convolution and of the three blocks; 512 or 1024 in the
            paper, a multiple of `scale`.
        pooled: width of what the blocks make together, and the attention pools.
        attention_channels: width of the attention that pools.
        se_channels: width of the bottleneck that weighs the channels of a block.
        scale: groups of a block's channels, each of which hears the one before.
        embedding: size of the embedding.
        dropout: probability that a channel of a convolution is zero, in [0, 1).

    Shape:
        - feats: `[B, N, F]`, N >= 5; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    min_frames = 5  # the widest convolution is padded by four reflected frames
    padding_safe = False  # frames are reflected where the row ends, not where the clip does

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        channels: int = 512,
        pooled: int = 1536,
        attention_channels: int = 128,
        se_channels: int = 128,
        scale: int = 8,
        embedding: int = 192,
        dropout: float = 0.0,
    ):
        super().__init__()
        if channels % scale:
            raise ValueError(f"channels must be a multiple of scale, {scale}, not {channels}")
        self.encoder = ECAPA_TDNN(
            n_features,
            channels=[*[channels] * 4, pooled],
            attention_channels=attention_channels,
            se_channels=se_channels,
            res2net_scale=scale,
            lin_neurons=embedding,
            dropout=dropout,
        )
        self.head = nn.Linear(embedding, n_classes)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        size = feats.shape[1]
        # Half a frame less: its masks take a frame for real that begins before the end, and
        # lengths * size may come out a rounding error above the whole number.
        lengths = (real_frames(lengths, size) - 0.5) / size
        return self.head(self.encoder(feats, lengths)[:, 0])


@hookimpl
def ser_models():
    """Register ECAPA-TDNN."""
    return {"ecapa_tdnn": EcapaTdnn}
