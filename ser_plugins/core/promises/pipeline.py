"""What features and model promise together: the same answer from waveform to probability."""

import dataclasses
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import bundle as bundles
from ..classifier import SpeechClassifier
from ..config import FORMAT, MODES
from ..memory_format import lay_out
from ..normalize import Normalize
from .kit import expect_close, noise, promise

RATE = 16000
Make = Callable[..., Any]


class Remembering(nn.Module):
    """Features that are worked out once for each batch, however often it is normalised.

    Args:
        features: those that are asked.
    """

    def __init__(self, features: Any):
        super().__init__()
        self.features, self.n_features = features, features.n_features
        self.known: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames and their lengths."""
        key = (self.training, wavs.shape, wavs.numpy().tobytes(), lengths.numpy().tobytes())
        if key not in self.known:
            self.known[key] = self.features(wavs, lengths)
        feats, relative = self.known[key]
        return feats.clone(), relative.clone()


def classifier_of(features: Any, make_model: Make, mode: str = "global") -> SpeechClassifier:
    """Return a classifier with fitted statistics, in eval mode."""
    normalize = Normalize(mode, features.n_features)
    wavs = noise(4, RATE)
    with torch.no_grad():
        normalize.fit([features(wavs, torch.ones(4))])
        torch.manual_seed(0)
        classifier = SpeechClassifier(features, normalize, make_model(features.n_features, 3))
        lay_out(classifier.model)
        classifier.train()(wavs, torch.ones(4))
    return classifier.eval()


def check_padding(classifier: SpeechClassifier) -> None:
    """Break the promise unless a clip's probabilities are the same alone and in a batch."""
    longest = RATE
    for n in (1, 400, 5000, longest):
        wav = noise(n, seed=n)
        batch = torch.stack([torch.cat([wav, torch.zeros(longest - n)]), noise(longest)])
        with torch.inference_mode():
            alone = classifier(wav[None], torch.ones(1)).softmax(1)
            padded = classifier(batch, torch.tensor([n / longest, 1.0])).softmax(1)
        hint = f"probabilities of {n} samples beside those of the clip alone: mask the padding"
        expect_close(padded[:1], alone, hint)


@promise("pipeline")
def padding_changes_no_probability(make_features: Make, make_model: Make) -> None:
    """From waveform to probability, a clip is the same alone and in a batch."""
    features = Remembering(make_features())
    for mode in MODES:
        check_padding(classifier_of(features, make_model, mode))


@promise("pipeline")
def a_bundle_gives_the_same(
    make_features: functools.partial[Any], make_model: functools.partial[Any]
) -> None:
    """A bundle, written and read, gives the probabilities of what was trained."""
    classifier = classifier_of(make_features(), make_model)
    config = {
        "format": FORMAT,
        "task": "classification",
        "labels": ["a", "b", "c"],
        "sample_rate": RATE,
        "front_end": {"trim_db": 35.0, "level": "peak"},
        "features": _named(make_features),
        "normalize": "global",
        "model": _named(make_model),
        "temperature": 1.0,
    }
    bundle = dataclasses.replace(bundles.build(config), classifier=classifier)
    with tempfile.TemporaryDirectory() as folder:
        bundles.write(Path(folder, "bundle"), bundle)
        again = bundles.read(Path(folder, "bundle"))
    found, wanted = (
        torch.from_numpy(one.probabilities([noise(RATE).numpy()])) for one in (again, bundle)
    )
    hint = "probabilities of a bundle that is read: is all that counts an option, weight or buffer?"
    expect_close(found, wanted, hint, 1e-6)


def _named(make: functools.partial[Any]) -> dict[str, Any]:
    return {"name": make.args[0], "options": make.keywords}
