"""Reads a YAML as a tree of keys, with the files that it includes; builds nothing."""

from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import YAMLError

from .errors import OptionError
from .experiments import locate


def read_whole(path: Path, inside: Sequence[Path] = ()) -> Any:
    """Read a YAML file and all that it includes.

    Args:
        path: the file.
        inside: the files that include it, outermost first.

    Raises:
        OptionError: for a file that is not there or not YAML, or that includes itself.
    """
    tree = read_tree(path)
    place_plugins(tree, path)
    include_shared(tree, path, inside)
    return tree


def include_shared(tree: MutableMapping[str, Any], path: Path, inside: Sequence[Path]) -> None:
    """Put the keys of the files that `include` lists in its place; the file's own go first.

    A file is named by its path from the folder of the one that includes it, or as
    `package:file.yaml`.
    """
    names, inside = plain(tree.pop("include", [])), (*inside, path.resolve())
    if not isinstance(names, list):
        raise OptionError(f"{path}: include must be a list of files beside it, not {names!r}")
    for shared in (path.parent / locate(str(name)) for name in names):
        if shared.resolve() in inside:
            raise OptionError(f"{path} includes {shared}, which includes it in turn")
        add_missing(tree, read_whole(shared, inside))


def place_plugins(tree: MutableMapping[str, Any], path: Path) -> None:
    """Name the .py files of a YAML's `plugins` from its own folder, as `include` does.

    Those of a command line, which come later, are named from the current folder.
    """
    plugins = tree.get("plugins")
    if not isinstance(plugins, list):
        return  # which is refused later
    for i, name in enumerate(plugins):
        if isinstance(name, str) and name.endswith(".py") and not name.startswith("~"):
            plugins[i] = str(path.parent / name)


def add_missing(tree: MutableMapping[str, Any], more: Mapping[str, Any]) -> None:
    """Add the keys of another tree that a tree has not, as of a file that it includes."""
    for key, value in more.items():
        tree.setdefault(key, value)


def read_tree(path: Path) -> Any:
    """Read a YAML file without building anything.

    Raises:
        OptionError: if it is not there or not YAML.
    """
    try:
        tree = YAML().load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}; the recipes lie in hparams/") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is not YAML: {error}") from None
    if not isinstance(tree, dict):
        raise OptionError(f"{path} holds no keys")
    return tree


def plain(node: Any) -> Any:
    """Return a YAML tree as plain dicts, lists and values; tags become text."""
    if isinstance(node, TaggedScalar):
        return f"{node.tag.value} {node.value}"
    tag = getattr(getattr(node, "tag", None), "value", None)
    if isinstance(node, Mapping):
        return ({"!": tag} if tag else {}) | {str(k): plain(v) for k, v in node.items()}
    return [plain(item) for item in node] if isinstance(node, list) else node
