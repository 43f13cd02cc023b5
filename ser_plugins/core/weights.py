"""Reads the weights of a bundle, once it is sure that they are those of its model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from .build import make_model
from .errors import BundleError, InputError

INPUTS = "normalize.mean"  # of which there is a number for each input of the model


def check_model(path: Path, name: str, options: Mapping[str, Any], n_classes: int) -> None:
    """Refuse a model that is not the one that was stored, before any memory is taken for it.

    Options can ask for any amount. The model is built on torch's `meta` device, where tensors have
    a shape and no content.

    Raises:
        InputError: if the file is damaged, or has other shapes.
    """
    stored = shapes(path)
    try:
        with torch.device("meta"):
            made = make_model(name, stored.get(INPUTS, [1])[0], n_classes, **options).state_dict()
    except InputError as error:
        if isinstance(error.__cause__, RuntimeError) and "meta" in str(error.__cause__):
            return  # it computes with its weights while it is built, as a stranger's plugin may
        raise
    for key, tensor in made.items():
        wanted, found = list(tensor.shape), stored.get(f"model.{key}")
        if found != wanted:
            raise BundleError(
                f"{path} does not fit its config, by which {key} is {wanted}, not {found}"
            )


def shapes(path: Path) -> dict[str, Sequence[int]]:
    """Return the shapes of a file of weights; what they hold is not read."""
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BundleError(f"{path} does not fit: it is no file of weights: {error}") from None


def load(path: Path) -> dict[str, Tensor]:
    """Return the weights by name.

    Raises:
        BundleError: if they cannot be read, or are not finite.
    """
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise BundleError(f"{path} does not fit: it is no file of weights: {error}") from None
    if not all(tensor.isfinite().all() for tensor in state.values()):
        raise BundleError(f"{path} holds weights that are not finite")
    return state
