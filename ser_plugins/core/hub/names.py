"""Tells the name of a model on the Hugging Face Hub from a path."""

import re
from pathlib import Path
from typing import NamedTuple

from ..errors import OptionError

PART = r"[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?"
NAME = re.compile(rf"{PART}/{PART}", re.ASCII)
REVISION = re.compile(r"[\w][\w./-]{0,200}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
SCHEME = "hf://"


class HubName(NamedTuple):
    """A model on the Hub, and which version of it.

    Args:
        id: `owner/name`.
        revision: a branch, tag or commit; None for the newest.
    """

    id: str
    revision: str | None


def is_name(text: str) -> bool:
    """Tell whether the Hub could have a model of this name, `owner/name`.

    >>> is_name("someone/ravdess-cnn"), is_name("results/a/b"), is_name("../model")
    (True, False, False)
    """
    return bool(NAME.fullmatch(text)) and "--" not in text and ".." not in text


def find_name(source: str | Path) -> HubName | None:
    """Return the name on the Hub that MODEL is; None where it is a path.

    A mistyped path must not be sent to anybody. So only a text counts that is `owner/name` or
    `owner/name@revision`, and nothing that exists here, nor in a folder that does. `hf://` before
    it says that the Hub is meant, whatever exists here.

    Raises:
        OptionError: for what begins with `hf://` and cannot be a name.
    """
    if not isinstance(source, str):
        return None
    text = source.removeprefix(SCHEME)
    id, _, revision = text.partition("@")
    legal = is_name(id) and (not revision or bool(REVISION.fullmatch(revision)))
    if source.startswith(SCHEME):
        if not legal:
            raise OptionError(f"{source} is no name; give {SCHEME}owner/name")
    elif not legal or text.endswith("@") or Path(source).exists() or Path(id).parent.exists():
        return None
    return HubName(id, revision or None)
