"""Says what a plugin can be called: a word of Python's and YAML's, and safe as a folder."""

import keyword
import re
import unicodedata

from ruamel.yaml import YAML

from .errors import PluginError

LONGEST = 50  # letters


def check(name: object, place: str = "") -> None:
    """Refuse what no plugin can be called: names are words of a YAML, and folders of results.

    Args:
        name: to register.
        place: where it was found, to be put behind it.

    Raises:
        PluginError: saying what a name is made of, and a near one.
    """
    if not _is_allowed(name):
        near = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
        near = re.sub(r"\W+", "_", near.lower()).strip("_0123456789")
        hint = f", such as {near}" if _is_allowed(near) else ""
        raise PluginError(
            f"{name!r}{place} cannot be a plugin's name: it needs lower-case letters, digits and "
            f"underscores, a letter first, at most {LONGEST}, and no word of Python's or "
            f"YAML's{hint}"
        )


def _is_allowed(name: object) -> bool:
    if not isinstance(name, str) or keyword.iskeyword(name):
        return False
    is_word = re.fullmatch(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}", name)
    return bool(is_word) and YAML(typ="safe").load(name) == name  # null is none, true is no text
