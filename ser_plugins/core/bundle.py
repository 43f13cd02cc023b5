"""A trained system as data: `config.json` and `model.safetensors`. No pickle, no code.

Names in the config resolve through the registry alone, and each value is checked, so that
loading a bundle runs nothing that its author wrote.
"""

import hashlib
import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch.nn.utils.rnn import pad_sequence

from . import weights
from .audio import Wav
from .build import make_features, make_model, noting, sealed
from .classifier import SpeechClassifier
from .config import FORMAT, PARTS, check, read_config
from .errors import BundleError, InputError
from .front_end import FrontEnd
from .memory_format import lay_out
from .normalize import Normalize
from .providers import check_installed, check_record, record
from .rounding import tf32
from .trial import try_out
from .writing import as_json, write_json

CONFIG, WEIGHTS = "config.json", "model.safetensors"
ANSWERING = (
    "labels", "sample_rate", "front_end", "features", "normalize", "model", "temperature",
)  # fmt: skip
PACKAGES = ("ser_plugins", "torch", "torchaudio", "speechbrain", "numpy", "soxr", "scikit-learn")
OPTIONAL = ("transformers", "opensmile")  # what plugins compute with, where it is installed


@dataclass(frozen=True)
class Bundle:
    """All that is needed to turn a recording into probabilities.

    Args:
        labels: class names in the order of the logits.
        front_end: trimming and level.
        classifier: features, normalisation and model, in eval mode.
        config: the config as it is stored.
    """

    labels: tuple[str, ...]
    front_end: FrontEnd
    classifier: SpeechClassifier
    config: Mapping[str, Any]

    @property
    def sample_rate(self) -> int:
        """Return the rate of the samples that it hears, in Hz."""
        return self.front_end.sample_rate

    @property
    def digest(self) -> str:
        """Return eight digits that tell it from others, by all that its answers depend on."""
        said = {key: self.config[key] for key in ANSWERING}
        found = hashlib.sha256(as_json(said).encode())
        for key, tensor in sorted(self.classifier.state_dict().items()):
            found.update(key.encode())
            found.update(tensor.cpu().contiguous().numpy().tobytes())
        return found.hexdigest()[:8]

    def probabilities(self, wavs: Sequence[Wav]) -> NDArray[np.float32]:
        """Return `[n, C]` for clips `[L]` at the bundle's sample rate, as one batch in fp32."""
        cut = [torch.from_numpy(self.front_end(wav)) for wav in wavs]
        sizes = torch.tensor([len(wav) for wav in cut])
        batch = pad_sequence(cut, batch_first=True)
        device = self.classifier.normalize.mean.device
        with torch.inference_mode(), tf32(False):
            logits = self.classifier(batch.to(device), (sizes / batch.shape[1]).to(device))
            found = (logits / self.config["temperature"]).softmax(1)
        return found.cpu().numpy()


def make_config(hparams: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Return the config of an experiment."""
    return {
        "format": FORMAT,
        "task": "classification",
        "labels": list(labels),
        "sample_rate": hparams["sample_rate"],
        "front_end": {"trim_db": hparams["trim_db"], "level": hparams["level"]},
        "features": {"name": hparams["features"], "options": dict(hparams["features_options"])},
        "normalize": hparams["normalize"],
        "model": {"name": hparams["model"], "options": dict(hparams["model_options"])},
        "temperature": 1.0,
        "made_with": versions(),
    }


def build(config: Mapping[str, Any]) -> Bundle:
    """Build the untrained system that a config describes.

    Its own config has what a bundle can carry in place of options that point out of it, and
    which package each plugin came from.
    """
    labels, features, model = config["labels"], config["features"], config["model"]
    with noting() as used:
        front = make_features(features["name"], config["sample_rate"], **features["options"])
        classifier = SpeechClassifier(
            front,
            Normalize(config["normalize"], front.n_features),
            make_model(model["name"], front.n_features, len(labels), **model["options"]),
        )
    lay_out(classifier.model)
    front_end = FrontEnd(config["sample_rate"], **config["front_end"])
    modules = {"features": front, "model": classifier.model}
    stored = {**config, **{part: _portable(config[part], modules[part]) for part in PARTS}}
    stored.setdefault("plugins", record(used))
    return Bundle(tuple(labels), front_end, classifier, stored)


def check_portable(bundle: Bundle) -> None:
    """Refuse a system that a bundle cannot carry, before it is trained.

    Raises:
        InputError: naming what comes from outside, or what a config cannot hold.
    """
    check(bundle.config)
    check_record(bundle.config["plugins"])
    with sealed():
        build(bundle.config)


def _portable(part: Mapping[str, Any], module: Any) -> dict[str, Any]:
    return {**part, "options": dict(getattr(module, "portable_options", part["options"]))}


def write(folder: Path, bundle: Bundle) -> None:
    """Write a bundle; what was in the folder stays whole until the new one is."""
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    write_json(unfinished / CONFIG, dict(bundle.config))
    # Cloned: safetensors refuses tensors that share storage, such as tied weights.
    state = {
        k: v.detach().cpu().contiguous().clone() for k, v in bundle.classifier.state_dict().items()
    }
    # Not by save_file, which hides what the disk said.
    (unfinished / WEIGHTS).write_bytes(save(state, metadata={"format": "pt"}))
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def note_audit(folder: Path, verdict: str) -> None:
    """Add to a bundle, which its audit has followed, what the audit found."""
    config = read_config(folder / CONFIG)
    training = {**config.get("trained_on", {}), "audit": verdict}
    write_json(folder / CONFIG, {**config, "trained_on": training})


def read(folder: Path) -> Bundle:
    """Load a bundle for prediction.

    Raises:
        BundleError: saying what is missing, damaged, foreign or newer than this version, or why
            it cannot hear.
    """
    config = read_config(folder / CONFIG)
    try:
        check_installed(config.get("plugins", {}))
        with sealed():
            weights.check_system(folder / WEIGHTS, config)
            bundle = build(config)
    except InputError as error:
        raise BundleError(f"{folder / CONFIG}: {error}") from None
    try:
        bundle.classifier.load_state_dict(weights.load(folder / WEIGHTS))
    except RuntimeError as error:
        raise BundleError(f"{folder / WEIGHTS} does not fit {CONFIG}: {error}") from None
    bundle.classifier.eval()
    try_out(bundle, folder)
    return bundle


def versions() -> dict[str, str]:
    """Return the versions of what computes a score."""
    found = filter(importlib.util.find_spec, OPTIONAL)
    return {package: metadata.version(package) for package in (*PACKAGES, *found)}
