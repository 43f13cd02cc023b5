"""The config of a bundle: a JSON text whose every value is checked before anything is built."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import BundleError, InputError, OptionError
from .front_end import FrontEnd

FORMAT = 1
LARGEST_CONFIG = 1_000_000  # bytes
MOST_LABELS, LONGEST_LABEL = 1000, 100
PARTS = {"features": "features", "model": "models"}  # of a config, and their kinds of plugin
MODES = ("global", "clip", "none")  # of normalisation


def read_config(path: Path) -> dict[str, Any]:
    """Read a config and check every value that the build relies on.

    Raises:
        BundleError: saying what is missing, damaged, foreign or newer than this version.
    """
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise BundleError(f"{path} is larger than a config can be")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path} is not the config of a bundle: {error}") from None
    return parse_config(text, str(path))


def parse_config(text: str, name: str) -> dict[str, Any]:
    """Return the config that a text holds, each value checked; `name` says where it is from.

    Raises:
        BundleError: saying what is missing, damaged, foreign or newer than this version.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{name} is not the config of a bundle: {error}") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        found = config.get("format") if isinstance(config, dict) else None
        raise BundleError(f"{name} has format {found!r}; this version reads format {FORMAT}")
    try:
        _check(config)
    except (KeyError, TypeError, InputError) as error:
        raise BundleError(f"{name}: {error!r}") from None
    return config


def check_mode(mode: Any) -> None:
    """Refuse a normalisation that there is not.

    Raises:
        OptionError: naming those that there are.
    """
    if mode not in MODES:
        raise OptionError(f"normalize must be one of {', '.join(MODES)}, not {mode!r}")


def _check(config: Mapping[str, Any]) -> None:
    labels = config["labels"]
    words = isinstance(labels, list) and all(map(_is_word, labels))
    if not words or not 2 <= len(set(labels)) == len(labels) <= MOST_LABELS:
        raise BundleError("labels must be a list of 2 to 1000 different words")
    if config["task"] != "classification":
        raise BundleError(f"task {config['task']!r} is not one that this version knows")
    rate, temperature = config["sample_rate"], config["temperature"]
    if not isinstance(rate, int) or not 1000 <= rate <= 192_000:
        raise BundleError(f"sample_rate must be 1000 to 192000 Hz, not {rate!r}")
    if not isinstance(temperature, int | float) or not 0 < temperature < 1000:
        raise BundleError(f"temperature must be a number above 0, not {temperature!r}")
    check_mode(config["normalize"])
    for part in PARTS:
        if not isinstance(config[part]["name"], str) or not isinstance(
            config[part]["options"], dict
        ):
            raise BundleError(f"{part} must hold a name and options")
    FrontEnd(rate, **config["front_end"])


def _is_word(label: Any) -> bool:
    """Tell whether a label can be shown: a terminal obeys characters that cannot be printed."""
    return isinstance(label, str) and label.isprintable() and len(label) <= LONGEST_LABEL
