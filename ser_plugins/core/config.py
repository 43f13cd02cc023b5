"""The config of a bundle: a JSON text whose every value is checked before anything is built."""

import json
import reprlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import BundleError, InputError, OptionError
from .front_end import FrontEnd

FORMAT = 1
LARGEST_CONFIG = 1_000_000  # bytes
MOST_LABELS, LONGEST_LABEL = 1000, 100
# Of options. What is built from these may still be large: see `weights`.
MOST_VALUES, LARGEST_NUMBER = 1000, 1_000_000
KEYS = (
    "format", "task", "labels", "sample_rate", "front_end", "features", "normalize", "model",
    "temperature",
)  # fmt: skip
# What `trained_on` may hold: of what it was trained on, and tested by. Older bundles lack it.
TRAINED_ON = {
    "dataset": str, "protocol": str, "definition_hash": str, "fold": int, "seed": int,
    "audit": str,
}  # fmt: skip
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
        check(config)
    except InputError as error:
        raise BundleError(f"{name}: {error}") from None
    return config


def check_mode(mode: Any) -> None:
    """Refuse a normalisation that there is not.

    Raises:
        OptionError: naming those that there are.
    """
    if mode not in MODES:
        raise OptionError(f"normalize must be one of {', '.join(MODES)}, not {mode!r}")


def check(config: Mapping[str, Any]) -> None:
    """Refuse a config that lacks a key, or has a value that no system can have.

    Raises:
        InputError: naming the key, what was found and what was expected.
    """
    if missing := [key for key in KEYS if key not in config]:
        raise BundleError(f"it lacks {', '.join(missing)}")
    _check_labels(config["labels"])
    if config["task"] != "classification":
        raise BundleError(f"task {_short(config['task'])} is not one that this version knows")
    rate, temperature = config["sample_rate"], config["temperature"]
    if not isinstance(rate, int) or not 1000 <= rate <= 192_000:
        raise BundleError(f"sample_rate must be 1000 to 192000 Hz, not {_short(rate)}")
    if not _is_number(temperature) or not 0 < temperature < 1000:
        raise BundleError(f"temperature must be a number above 0, not {_short(temperature)}")
    check_mode(config["normalize"])
    for part in PARTS:
        _check_part(part, config[part])
    _check_front_end(rate, config["front_end"])
    _check_training(config.get("trained_on", {}))


def _check_labels(labels: Any) -> None:
    words = isinstance(labels, list) and all(map(_is_word, labels))
    if not words or not 2 <= len(set(labels)) == len(labels) <= MOST_LABELS:
        raise BundleError("labels must be a list of 2 to 1000 different words")


def _check_part(part: str, found: Any) -> None:
    if not isinstance(found, dict) or not {"name", "options"} <= set(found):
        raise BundleError(f"{part} must hold a name and options, not {_short(found)}")
    if not isinstance(found["name"], str) or not isinstance(found["options"], dict):
        raise BundleError(f"{part} must hold a name, which is text, and options by name")
    values = list(_values(found["options"]))
    if len(values) > MOST_VALUES:
        raise BundleError(f"the options of {part} hold {len(values)} values; {MOST_VALUES} may be")
    for value in values:
        if _is_number(value) and not abs(value) <= LARGEST_NUMBER:
            raise BundleError(
                f"the options of {part} hold {_short(value)}; numbers may be as large as "
                f"{LARGEST_NUMBER:,}"
            )


def _values(options: Any) -> Iterator[Any]:
    """Yield what options hold, however deep; a list or mapping counts, too."""
    waiting = [options]
    while waiting:
        value = waiting.pop()
        yield value
        if isinstance(value, Mapping | list | tuple):
            waiting.extend(value.values() if isinstance(value, Mapping) else value)


def _check_front_end(rate: int, found: Any) -> None:
    if not isinstance(found, dict) or set(found) != {"trim_db", "level"}:
        raise BundleError(f"front_end must hold trim_db and level alone, not {_short(found)}")
    trim_db, level = found["trim_db"], found["level"]
    if not (trim_db is None or _is_number(trim_db)) or not isinstance(level, str):
        raise BundleError(f"trim_db must be a number or null, and level a word: {_short(found)}")
    FrontEnd(rate, trim_db, level)


def _check_training(found: Any) -> None:
    if not isinstance(found, dict) or not set(found) <= set(TRAINED_ON):
        raise BundleError(f"trained_on may hold {', '.join(TRAINED_ON)}, not {_short(found)}")
    for key, value in found.items():
        is_legal = _is_word(value) if TRAINED_ON[key] is str else _is_count(value)
        if not is_legal:
            raise BundleError(f"{key} of trained_on cannot be {_short(value)}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_word(text: Any) -> bool:
    """Tell whether a text can be shown: a terminal obeys characters that cannot be printed."""
    is_text = isinstance(text, str) and text.isprintable()
    return is_text and 1 <= len(text.strip()) <= len(text) <= LONGEST_LABEL


def _short(value: Any) -> str:
    """Return what was found, but not all of what may be long."""
    return reprlib.repr(value)
