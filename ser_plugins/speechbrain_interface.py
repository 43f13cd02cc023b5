"""The classes that a published `hyperparams.yaml` names, for SpeechBrain's own loader.

`EncoderClassifier.from_hparams(folder or Hub id)` runs that file, which is ours and has no values,
and gives the answers of `EmotionClassifier`. Leave out `savedir`, or give each model its own:
SpeechBrain takes what lies there, be it another model's.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from speechbrain.dataio.encoder import CategoricalEncoder
from speechbrain.utils.fetching import fetch
from torch import Tensor, nn

from .core import bundle as bundles
from .core.audio import mono, resample


class Whole(nn.Module):
    """Hands the waveforms on: trimming and levelling need the length of each clip."""

    def forward(self, wavs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the waveforms."""
        return wavs


class Answers(nn.Module):
    """The whole system, from waveforms as they were recorded to log probabilities.

    Shape:
        - wavs: `[B, T]` at the system's sample rate; lengths: `[B]`, relative
        - output: `[B, 1, C]`
    """

    classifier: nn.Module
    bundle: bundles.Bundle

    def take(self, bundle: bundles.Bundle) -> None:
        """Become a system."""
        self.classifier, self.bundle = bundle.classifier, bundle

    def forward(self, wavs: Tensor, lengths: Tensor) -> Tensor:
        """Return the log probabilities, calibrated."""
        samples = (lengths * wavs.shape[1]).round().long().clamp(min=1).tolist()
        clips = [wav[:n].cpu().numpy() for wav, n in zip(wavs, samples, strict=True)]
        found = torch.from_numpy(self.bundle.probabilities(clips)).to(wavs.device)
        return found.log().unsqueeze(1)


class Hearing:
    """Mixes a recording down and resamples it as everywhere else in ser_plugins."""

    sample_rate = 16000  # Hz, until the config is read

    def __call__(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Return `[L]` at the system's rate, of `[L]` or `[L, channels]` at another."""
        samples = audio.detach().cpu().numpy().astype(np.float32)
        wav = mono(samples.reshape(len(samples), -1), "the recording")
        return torch.from_numpy(resample(wav, sample_rate, self.sample_rate)).to(audio.device)


class LoadedSystem:
    """What SpeechBrain asks of a classifier by name; empty until `BundleFetcher` fills it."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.modules = {
            "compute_features": Whole(),
            "mean_var_norm": Whole(),
            "embedding_model": self.answers,
            "classifier": nn.Identity(),
        }
        self.label_encoder = CategoricalEncoder()
        self.audio_normalizer = Hearing()

    def take(self, folder: Path) -> None:
        """Become the system of a bundle."""
        bundle = bundles.read(folder)
        self.answers.take(bundle)
        self.audio_normalizer.sample_rate = bundle.sample_rate
        self.label_encoder.update_from_iterable(bundle.labels, sequence_input=False)
        self.label_encoder.expect_len(len(bundle.labels))


class BundleFetcher:
    """Stands where SpeechBrain has a `Pretrainer`, which would load pickles.

    Args:
        system: what is filled.
    """

    def __init__(self, system: LoadedSystem):
        self.system = system
        self.savedir: Any = None
        self.folder = Path()

    def set_collect_in(self, path: Any) -> None:
        """Take the folder that the user wants the files in, or None."""
        self.savedir = path

    def collect_files(self, default_source: Any = None, **how: Any) -> Mapping[str, Path]:
        """Fetch the two files of the bundle, as SpeechBrain fetches; `how` is SpeechBrain's own."""
        names = (bundles.CONFIG, bundles.WEIGHTS)
        found = {name: fetch(name, default_source, self.savedir, **how) for name in names}
        self.folder = Path(found[bundles.CONFIG]).parent
        return found

    def load_collected(self) -> None:
        """Load the bundle."""
        self.system.take(self.folder)
