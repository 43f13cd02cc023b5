"""Reads the weights of a bundle, once it is sure that they are those of its system."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from .allocation import META, Allowance, few_parts
from .build import make_features, make_model
from .classifier import SpeechClassifier
from .errors import BundleError, InputError
from .normalize import Normalize

MOST_TENSORS = 10_000  # in a file
ROOM = 2**25  # numbers that one tensor may have beside the stored ones, as a bank of filters
PARTS = 10, 1000  # that are built for each stored tensor, and beside these

Shapes = Mapping[str, Sequence[int]]


def check_system(path: Path, config: Mapping[str, Any]) -> None:
    """Refuse a system that is not the one that was stored, before memory is taken for it.

    Options can ask for any amount. The system is built on torch's `meta` device, where tensors have
    a shape and no content; a part that computes with numbers while it is built, under an allowance.

    Raises:
        InputError: if the file is damaged, or has other shapes.
    """
    stored = shapes(path)
    each, beside = PARTS
    with few_parts(each * len(stored) + beside):
        made = {key: list(tensor.shape) for key, tensor in _sketch(config, stored).items()}
    for key in [*made, *stored]:
        if made.get(key) != stored.get(key):
            raise BundleError(
                f"{path} does not fit its config, by which {key} is {made.get(key)}, not "
                f"{stored.get(key)}"
            )


def _sketch(config: Mapping[str, Any], stored: Shapes) -> dict[str, Tensor]:
    """Return the tensors of the system that a config describes, without content."""
    features, model = config["features"], config["model"]
    most = max(ROOM, *map(prod, stored.values()), 0)
    front = _build(
        lambda: make_features(features["name"], config["sample_rate"], **features["options"]), most
    )
    sizes = front.n_features, len(config["labels"])
    classifier = _build(lambda: make_model(model["name"], *sizes, **model["options"]), most)
    with META:
        normalize = Normalize(config["normalize"], front.n_features)
    return SpeechClassifier(front, normalize, classifier).state_dict()


def _build(make: Callable[[], Any], most: int) -> Any:
    try:
        with META:
            return make()
    except InputError:  # it computes, or cannot be built at all, which then says why
        with Allowance(most):
            return make()


def shapes(path: Path) -> Shapes:
    """Return the shapes of a file of weights; what they hold is not read."""
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            if len(names) > MOST_TENSORS:
                raise BundleError(f"{path} does not fit: it holds {len(names)} tensors")
            return {name: list(file.get_slice(name).get_shape()) for name in names}
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
