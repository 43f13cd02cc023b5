"""From a YAML file and a command line to the checked values of one experiment.

SpeechBrain's own parser splits values at `=`, and HyperPyYAML accepts a misspelt nested key in
silence; so a strict parser stands in front, and HyperPyYAML gets a text that is already right.
A recipe's YAML is code: it can build any object. Never load one that came from elsewhere.
"""

import copy
import io
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import YAMLError

from . import exits
from .arguments import Override, split_arguments
from .errors import OptionError
from .keys import DEFAULTS, KEYS, OBJECTS, OWNED, check
from .words import nearest
from .yaml_files import add_missing, plain, read_whole


def parse_arguments(arguments: Sequence[str]) -> tuple[Path, list[Override]]:
    """Split a command line into the YAML file and overrides, as (key, text).

    Both `--key value` and `--key=value` are understood; a value may hold `=` and spaces.

    >>> parse_arguments(["a.yaml", "--lr", "0.1", "--data_folder=/x=y z"])[1]
    [('lr', '0.1'), ('data_folder', '/x=y z')]
    """
    files, overrides, _ = split_arguments(arguments)
    if len(files) != 1:
        found = [str(path) for path in files]
        raise OptionError(
            "give one YAML file, such as those in hparams/, or package:file.yaml for one that an "
            f"installed package brings; found {found}"
        )
    return files[0], overrides


class Experiment:
    """The tree of a YAML file, as written, with overrides applied.

    Args:
        path: the YAML file.
        overrides: (dotted key, text) in the order given.

    `notes` says what was dropped because another plugin was chosen.
    """

    def __init__(self, path: Path, overrides: Sequence[Override] = ()):
        self.path = path
        self.notes: list[str] = []
        self.tree = read_whole(path)
        add_missing(self.tree, DEFAULTS)
        refuse_unread(self.tree, self.text, path)
        for key, text in overrides:
            self.notes += drop_owned(self.tree, key, text)
        for key, text in overrides:
            self._set(key.split("."), text)

    @property
    def text(self) -> str:
        """Return the tree as YAML, comments and tags as they were."""
        stream = io.StringIO()
        YAML().dump(self.tree, stream)
        return stream.getvalue()

    @property
    def plugins(self) -> list[str]:
        """Return the plugins to load before anything is built."""
        found = plain(self.tree.get("plugins", []))
        if not KEYS["plugins"].accepts(found):
            raise OptionError(f"plugins must be {KEYS['plugins'].expected}, not {found!r}")
        return found

    def load(self) -> dict[str, Any]:
        """Build the objects that the YAML names, and check every key.

        Raises:
            OptionError: for anything that the YAML cannot build, or a value out of range.
        """
        from hyperpyyaml import load_hyperpyyaml

        stream = io.StringIO(self.text)
        stream.name = str(self.path)  # type: ignore[attr-defined]  # where !include looks
        try:
            with exits.refused():
                hparams = load_hyperpyyaml(stream)
        except Exception as error:
            raise OptionError(f"{self.path}: {error}") from error
        check(hparams, str(self.path))
        return hparams

    def _set(self, path: list[str], text: str) -> None:
        node, dotted = self.tree, ".".join(path)
        for i, name in enumerate(path[:-1]):
            _check_name(node, name, dotted, free=path[0] == "augment_options" and i == 1)
            node = node.setdefault(name, {})
            if not isinstance(node, Mapping):
                raise OptionError(f"--{dotted}: {'.'.join(path[: i + 1])} has no keys below it")
        # Which options a plugin takes is checked where it is built.
        _check_name(node, path[-1], dotted, free=len(path) > 1 and path[0].endswith("_options"))
        value = parse_value(dotted, text, node.get(path[-1]))
        if isinstance(value, Mapping) and isinstance(node.get(path[-1]), Mapping):
            node[path[-1]].update(value)
        else:
            node[path[-1]] = value


def refuse_unread(tree: Mapping[str, Any], text: str, path: Path) -> None:
    """Refuse keys that nothing reads, which are misspelt: no key of core, nor referred to.

    Raises:
        OptionError: naming the first, and the nearest key that there is.
    """
    known = [*KEYS, *OBJECTS]
    for key in tree:
        if not isinstance(key, str):
            raise OptionError(f"{path}: a key must be a word, not {key!r}")
        if key in known or key.startswith("_") or f"<{key}" in text:
            continue
        raise OptionError(f"{path}: nothing reads the key {key!r}{nearest(key, known)}")


def drop_owned(tree: MutableMapping[str, Any], key: str, choice: Any) -> list[str]:
    """Drop what belongs to a choice that is about to change; return notes of what that was."""
    notes = []
    for owned, default in OWNED.get(key, {}).items():
        if choice != tree.get(key) and tree.get(owned, default) != default:
            notes.append(f"{owned} {plain(tree[owned])} of {tree[key]} dropped for {choice}")
            tree[owned] = copy.copy(default)
    return notes


def _check_name(node: Mapping[str, Any], name: str, dotted: str, free: bool) -> None:
    if name in node or free:
        return
    hint = nearest(name, node) or "."
    keys = ", ".join(str(key) for key in node if not str(key).startswith("_"))
    raise OptionError(f"--{dotted}: there is no key {name!r}{hint} The keys are: {keys}")


def parse_value(dotted: str, text: str, now: Any) -> Any:
    """Read the text of an override as the kind of value that its key takes."""
    key = KEYS.get(dotted)
    if (key and key.is_text) or (key is None and type(now) is str):
        return None if text in ("null", "None", "") else text
    try:
        value = YAML(typ="safe").load(text)
    except YAMLError:
        raise OptionError(f"--{dotted}: {text!r} is not a value in YAML") from None
    if isinstance(value, str) and (isinstance(now, list) or dotted in ("labels", "plugins")):
        value = [word.strip() for word in value.split(",")]
    if key and not key.accepts(value):
        raise OptionError(f"--{dotted} must be {key.expected}, not {text!r}")
    if key is None and not _same_kind(value, now):
        raise OptionError(f"--{dotted} is {plain(now)} in the YAML; {text!r} is of another type")
    return value


def _same_kind(value: Any, now: Any) -> bool:
    if now is None or isinstance(now, TaggedScalar) or value is None:
        return True
    if isinstance(now, bool) or isinstance(value, bool):
        return isinstance(now, bool) and isinstance(value, bool)
    for kind in (int | float, str, list, Mapping):
        if isinstance(now, kind):
            return isinstance(value, kind)
    return True
