"""Speech emotion recognition, made of plugins.

`EmotionClassifier.from_pretrained` loads a trained system, whose `predict` returns a `Prediction`.
Plugin authors need `hookimpl`, the records and, for a corpus, `find_audio`, `canonical`, `fetch`
and `fetch_all`, and the makers of folds; `read_audio` for files of sound; for padding
`real_frames` and `mask_frames`; between the layers of a model `halve`, `run_packed`,
`masked_softmax` and `StepAttention`; for derivatives `Deltas`; for a package that is optional
`need`; the `make_*` functions build what is registered. Everything else lives in
`ser_plugins.core` and may change.
"""

import importlib
from typing import Any

from .core.audio_files import find_audio
from .core.build import get_dataset, make_augmentation, make_features, make_model
from .core.emotions import EMOTIONS, canonical
from .core.errors import CorpusError, InputError
from .core.extras import need
from .core.folds import next_validates, random_folds, random_protocol
from .core.hookspecs import hookimpl
from .core.registry import use_plugins
from .core.types import Corpus, Fold, Protocol, Utterance

__version__ = "0.1.0"

__all__ = [
    "EMOTIONS",
    "Corpus",
    "CorpusError",
    "Deltas",
    "EmotionClassifier",
    "Fold",
    "InputError",
    "Prediction",
    "Protocol",
    "StepAttention",
    "Utterance",
    "canonical",
    "fetch",
    "fetch_all",
    "find_audio",
    "get_dataset",
    "halve",
    "hookimpl",
    "make_augmentation",
    "make_features",
    "make_model",
    "mask_frames",
    "masked_softmax",
    "need",
    "next_validates",
    "random_folds",
    "random_protocol",
    "read_audio",
    "real_frames",
    "run_packed",
    "use_plugins",
]

LAZY = {
    "Deltas": "deltas",
    "EmotionClassifier": "inference",
    "Prediction": "prediction",
    "StepAttention": "layers",
    "fetch": "fetch",
    "fetch_all": "fetch",
    "halve": "layers",
    "mask_frames": "lengths",
    "masked_softmax": "layers",
    "read_audio": "audio",
    "real_frames": "lengths",
    "run_packed": "layers",
}


def __getattr__(name: str) -> Any:
    """Import what is heavy only when it is asked for: `--help` must answer at once."""
    if name not in LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".core.{LAZY[name]}", __name__), name)


def __dir__() -> list[str]:
    """Return the names of the public API, also those that are not imported yet."""
    return [*__all__, "__version__"]
