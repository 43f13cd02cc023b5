"""Speech emotion recognition, made of plugins.

Plugin authors need `hookimpl`, the records and `find_audio`, and for padding `real_frames` and
`mask_frames`; the `make_*` functions build what is registered. Everything else lives in
`ser_plugins.core` and may change.
"""

from typing import Any

from .core.audio_files import find_audio
from .core.build import get_dataset, make_augmentation, make_features, make_model
from .core.hookspecs import hookimpl
from .core.registry import use_plugins
from .core.types import Corpus, Fold, Protocol, Utterance

__version__ = "0.1.0"

__all__ = [
    "Corpus",
    "Fold",
    "Protocol",
    "Utterance",
    "find_audio",
    "get_dataset",
    "hookimpl",
    "make_augmentation",
    "make_features",
    "make_model",
    "mask_frames",
    "real_frames",
    "use_plugins",
]


def __getattr__(name: str) -> Any:
    """Import what needs torch only when it is asked for: `--help` must answer at once."""
    if name in ("mask_frames", "real_frames"):
        from .core import lengths

        return getattr(lengths, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
