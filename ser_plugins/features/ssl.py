"""Frames of a self-supervised network: wav2vec 2.0, HuBERT or WavLM.

Baevski A et al. (2020), NeurIPS 33, 12449-12460; Hsu W-N et al. (2021), IEEE/ACM TASLP 29,
3451-3460; Chen S et al. (2022), IEEE JSTSP 16(6), 1505-1518. Needs `ser_plugins[ssl]`.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ser_plugins import hookimpl, real_frames
from ser_plugins.features import _ssl_networks as networks

RATE = 16000  # Hz, of every checkpoint that is published


class Ssl(nn.Module):
    """Hidden states of a checkpoint; each clip is padded so that frame n is centred on n * hop.

    Half the convolutions' reach of zeros (200 samples) goes before the clip and after it; then,
    if the checkpoint's preprocessor says `do_normalize`, it gets zero mean and unit variance.

    Args:
        sample_rate: in Hz; 16000.
        source: folder of a checkpoint, or its Hub id. **A Hub id is downloaded** into the Hub's
            own cache, when training asks for it; a bundle holds the weights and downloads nothing.
        freeze: false trains the network too, without its layer drop and SpecAugment.
        layers: `last`; `weighted`, the sum of all hidden states with trained weights, by softmax
            (Yang S et al. 2021, SUPERB, Interspeech, 1194-1198); or the number of one, from 0,
            what enters the first layer.
        trained_on: names of the corpora that the checkpoint has heard.
        config: architecture in place of `source`, as a bundle has it; weights are random.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, 1 + T // hop, hidden size]` and its relative lengths; hop is 320
    """

    outside = ("source",)

    def __init__(
        self,
        sample_rate: int = RATE,
        source: str | None = None,
        freeze: bool = True,
        layers: str | int = "last",
        trained_on: list[str] | None = None,
        config: Mapping[str, Any] | None = None,
    ):
        super().__init__()
        if (source is None) == (config is None):
            raise ValueError("give `source`, a checkpoint's folder or Hub id, such as owner/name")
        if isinstance(trained_on, str):
            raise ValueError(f"trained_on must be a list, such as [{trained_on}]")
        options = {"freeze": freeze, "output_all_hiddens": layers != "last"}
        make = networks.from_values if source is None else networks.from_checkpoint
        # In float32, though a checkpoint may be stored in half precision.
        self.network = make(config if source is None else source, **options).float()
        self.config = networks.values_of(self.network)
        _check(layers, self.config["num_hidden_layers"], sample_rate, self.network)
        self.freeze, self.layers, self.trained_on = freeze, layers, list(trained_on or [])
        # A skipped layer would leave the weighted sum short of a state.
        self.network.model.config.layerdrop = 0.0
        if hasattr(self.network.model, "masked_spec_embed"):  # of SpecAugment: gets no gradient
            del self.network.model.masked_spec_embed
        if layers == "weighted":
            self.weights = nn.Parameter(torch.zeros(self.config["num_hidden_layers"] + 1))
        self.n_features = self.config["hidden_size"]
        self.hop, self.reach = networks.hop_and_reach(self.config)

    @property
    def portable_options(self) -> dict[str, Any]:
        """Return the options that build this architecture without its checkpoint."""
        names = ("freeze", "layers", "trained_on", "config")
        return {name: getattr(self, name) for name in names}

    def train(self, mode: bool = True) -> "Ssl":
        """Set the mode; a frozen network stays in eval mode."""
        super().train(mode)
        if self.freeze:
            self.network.eval()
        return self

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames; padding is zeros."""
        samples = real_frames(lengths, wavs.shape[1])
        frames = 1 + samples // self.hop
        feats = wavs.new_zeros(len(wavs), 1 + wavs.shape[1] // self.hop, self.n_features)
        # Equal lengths together: a group norm hears the whole row, its padding too.
        for size in samples.unique().tolist():
            rows = samples == size
            feats[rows, : 1 + size // self.hop] = self.encode(wavs[rows, :size])
        return feats, frames / feats.shape[1]

    def encode(self, wavs: Tensor) -> Tensor:
        """Return the frames of clips without padding, `[B, 1 + L // hop, F]`."""
        before = self.reach // 2
        states = self.network(nn.functional.pad(wavs, (before, self.reach - before)))
        if self.layers == "last":
            return states
        if self.layers == "weighted":
            return torch.einsum("s,sbnf->bnf", self.weights.softmax(0), states)
        return states[self.layers]


def _check(layers: Any, n_layers: int, sample_rate: int, network: Any) -> None:
    states = ("last", "weighted", *range(n_layers + 1))
    if layers not in states or isinstance(layers, bool):
        raise ValueError(f"layers must be last, weighted or 0 to {n_layers}, not {layers!r}")
    for rate in (sample_rate, network.feature_extractor.sampling_rate):
        if rate != RATE:
            raise ValueError(f"both sample_rate and the checkpoint's must be {RATE} Hz, not {rate}")


@hookimpl
def ser_features():
    """Register self-supervised features."""
    return {"ssl": Ssl}
