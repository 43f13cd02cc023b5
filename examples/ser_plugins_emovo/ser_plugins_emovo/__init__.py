"""Plugins for ser_plugins: EMOVO, an Italian corpus, and a small convolutional transformer."""

from .conv_transformer import ser_models
from .emovo import ser_datasets

__all__ = ["ser_datasets", "ser_models"]

requires = ">=1.0,<2"  # the hook API that it was written for
