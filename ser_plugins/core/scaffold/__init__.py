"""Writes a plugin to begin with: a file that keeps its promises, or a package around it."""

import importlib.metadata
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from string import Template

from .. import naming, registry
from ..about import FLAGS
from ..compatibility import FITTING, STATEMENT
from ..errors import OptionError
from ..registry import ONE
from ..writing import check_writable

REQUIRES = f'\n{STATEMENT} = "{FITTING}"  # versions of what ser_plugins offers to plugins\n'
# Of a package: the template, and where its text goes.
PACKAGE = {
    "pyproject.toml": "pyproject.toml",
    "setup.cfg": "setup.cfg",
    "README.md": "README.md",
    "init.py": "${package}/__init__.py",
    "test.py": "tests/test_${name}.py",
    "test.yml": ".github/workflows/test.yml",
}


def write(kind: str, name: str, folder: Path, package: bool = False) -> Path:
    """Write `name.py`, or with `package` the folder of one, into a folder; return which.

    Args:
        kind: of plugin.
        name: to register; a Python identifier in lower case.
        folder: is made where it is not there.
        package: whether to write an installable package.

    Raises:
        InputError: for a name that cannot be, or is taken, and where something exists or cannot
            be written.
    """
    module = f"ser_plugins_{name}" if package else name
    check_name(kind, name, module)
    place = folder / (module if package else f"{name}.py")
    texts = texts_of(words_of(kind, name), package)
    made = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        _write_new(place, texts)
    except OSError as error:
        for path in made:
            with suppress(OSError):  # it was not made, or another has put something there
                path.rmdir()
        raise OptionError(
            f"the folder {folder} cannot be written: {error.strerror or error}; choose "
            "another with --output"
        ) from None
    return place


def texts_of(words: dict[str, str], package: bool) -> dict[str, str]:
    """Return the text of each file, by its path: of a plugin alone, or of a package."""
    if not package:
        return {f"{words['name']}.py": fill(f"{words['kind']}.py", {**words, "requires": ""})}
    words = {**words, "requires": REQUIRES}
    texts = {f"{words['package']}/{words['name']}.py": fill(f"{words['kind']}.py", words)}
    for template, path in PACKAGE.items():
        texts[Template(path).substitute(words)] = fill(f"package/{template}", words)
    return texts


def _write_new(place: Path, texts: Mapping[str, str]) -> None:
    """Write a file, or a folder of them, whole or not at all."""
    if place.exists() or place.is_symlink():
        raise OptionError(
            f"{place} exists, and nothing is overwritten: take another name or --output"
        )
    check_writable(place.parent, "--output")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as unfinished:
        for path, text in texts.items():
            target = Path(unfinished, path if place.suffix else f"{place.name}/{path}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        shutil.move(Path(unfinished, place.name), place)


def check_name(kind: str, name: str, module: str) -> None:
    """Refuse a name that no plugin can have, or that is taken.

    Args:
        kind: of plugin.
        name: to register.
        module: under which Python imports it.

    Raises:
        InputError: saying what a name is made of, or what has it.
    """
    naming.check(name)
    plugins = registry.default()
    if name in plugins.names(kind):
        raise OptionError(
            f"{plugins.origin(kind, name)} registers {name!r} of {kind} already; take another name"
        )
    if module in sys.stdlib_module_names or module in importlib.metadata.packages_distributions():
        raise OptionError(
            f"Python imports another {module!r}, which {module}.py would hide; take another name"
        )


def next_steps(kind: str, name: str, place: Path, script: str) -> str:
    """Return what to do with what was written, as commands word for word.

    Args:
        kind: of plugin.
        name: as it is registered.
        place: the file or the folder of the package.
        script: as it was called, from whose folder the other commands are named, too.
    """
    shown = str(place) if place.is_absolute() else f"./{place}"
    words = {**words_of(kind, name), **commands(script), "path": shlex.quote(shown)}
    return fill("package/next" if place.is_dir() else "next", words)


def commands(script: str) -> dict[str, str]:
    """Return how this command is typed, and what is put before paths of the source folder.

    >>> commands("tools/plugins.py"), commands("/src/tools/plugins.py")["source"]
    ({'command': 'python tools/plugins.py', 'source': ''}, '/src/')
    """
    if Path(script).name != "plugins.py":
        return {"command": "ser-plugins", "source": ""}
    source = os.path.normpath(Path(script).parent / "..")
    return {
        "command": f"python {shlex.quote(script)}",
        "source": "" if source == "." else shlex.quote(source) + "/",
    }


def words_of(kind: str, name: str) -> dict[str, str]:
    """Return what stands for each word of the templates.

    >>> words_of("models", "my_model")["factory"], words_of("models", "tensor")["factory"]
    ('MyModel', 'TensorModel')
    """
    factory = "".join(word.capitalize() for word in name.split("_"))
    if re.search(rf"\b{factory}\b", _template(f"{kind}.py")):  # it would hide what is imported
        factory += ONE[kind].capitalize()
    return {
        "name": name,
        "factory": factory,
        "title": name.replace("_", " ").capitalize(),
        "kind": kind,
        "one": ONE[kind],
        "use": FLAGS[kind].format(name)
        + (f" --data_folder /path/to/{name}" if kind == "datasets" else ""),
        "package": f"ser_plugins_{name}",
        "distribution": f"ser-plugins-{name.replace('_', '-')}",
    }


def fill(template: str, words: dict[str, str]) -> str:
    """Return the text of a template with its words in place."""
    return Template(_template(template)).substitute(words)


def _template(name: str) -> str:
    return files(__package__).joinpath(f"{name}.template").read_text(encoding="utf-8")
