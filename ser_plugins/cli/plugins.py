"""List the plugins, show one, write one to begin with, and check that one keeps its promises.

ser-plugins list
ser-plugins list models
ser-plugins show cnn_bigru
ser-plugins new model my_model
ser-plugins new dataset my_corpus --package
ser-plugins check my_model.py
ser-plugins check my_corpus.py --data_folder /data/mine

KIND is dataset, features, model or augmentation. `check` takes the name of a plugin, a .py file,
a module or an installed package, and exits with 0 where every promise is kept, 1 where one is
broken, and 2 where it cannot be tried. Of a source checkout: python tools/plugins.py …
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core import about, registry
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hparams import parse_value
from ser_plugins.core.registry import ONE
from ser_plugins.core.scaffold import next_steps, write
from ser_plugins.core.types import Corpus
from ser_plugins.core.words import nearest

from . import _catalogue, _subjects, _warnings
from ._columns import say

# Of each command: how many words it takes, in words and numbers, and its flags.
COMMANDS: Mapping[str, tuple[str, tuple[int, ...], set[str]]] = {
    "list": ("[KIND]", (0, 1), {"parameters"}),
    "show": ("[KIND] NAME", (1, 2), {"options"}),
    "new": ("KIND NAME", (2,), {"package", "output"}),
    "check": ("[KIND] NAME, FILE or PACKAGE", (1, 2), {"options", "data_folder", "tree"}),
}
TREE = "of check: a text of the names of a corpus's files, and what each must be read as"


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return 1 if a promise is broken."""
    found, given = read(arguments)
    commands = {"list": list_plugins, "show": show, "new": new, "check": check}
    with _warnings.said_once():
        registry.use_plugins(*given.get("plugins", ()))
        return commands[found.command](found, given)


def run() -> None:
    """Run as a command; standard output has what was asked for, and nothing else."""
    run_command(main, log_to=sys.stderr)


def read(arguments: Sequence[str]) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the arguments, and the keys that were given."""
    parser = Parser(__doc__, ("plugins",))
    add = parser.add_argument
    add("command", choices=tuple(COMMANDS))
    add("words", nargs="*", metavar="WORD", help="a kind, a name, a file: see above")
    add("--parameters", action="store_true", help="of list: parameters and defaults of all kinds")
    add("--package", action="store_true", help="of new: write a package that can be installed")
    add("--output", type=Path, metavar="FOLDER", help="of new: where to write; here by default")
    add("--options", metavar="MAPPING", help="of show, check: options such as '{source: FOLDER}'")
    add("--tree", type=Path, metavar="FILE", help=TREE)
    add("--data_folder", metavar="FOLDER", help="of check: a copy of the corpus, only read")
    found, given = parser.read(arguments)
    refuse_spread(found.command, found.words, found.plugins)
    words, numbers, flags = COMMANDS[found.command]
    if len(found.words) not in numbers:
        raise OptionError(
            f"{found.command} takes {words}, not {' '.join(found.words) or 'nothing'}"
        )
    known = {"command", "words", "plugins", *flags}
    if strange := [n for n, value in vars(found).items() if value and n not in known]:
        raise OptionError(f"{found.command} takes no --{', --'.join(strange)}")
    found.options = options_of(found.options)
    return found, given


def refuse_spread(command: str, words: Sequence[str], plugins: str | None) -> None:
    """Refuse files after the one of --plugins, which would be read as words of the command."""
    files = [word for word in words if word.endswith(".py")]
    before = [word for word in words[:-1] if word not in _subjects.KIND_OF]
    if plugins and files and (before or command not in ("show", "check")):
        listed = ", ".join([plugins.strip("[]"), *files])
        raise OptionError(f"for several plugins give a list: --plugins '[{listed}]'")


def options_of(text: str | None) -> dict[str, Any]:
    """Return the options of a plugin from their text."""
    options = parse_value("options", text, None) if text else {}
    if not isinstance(options, dict):
        raise OptionError(f"--options must be a mapping such as '{{width: 64}}', not {text!r}")
    return options


def kind_of(word: str) -> str:
    """Return the kind that a word names, in its singular or plural.

    >>> kind_of("model"), kind_of("datasets")
    ('models', 'datasets')
    """
    if word in _subjects.KIND_OF:
        return _subjects.KIND_OF[word]
    there_are = f"no kind of plugin is called {word!r}; there are {', '.join(ONE.values())}"
    raise OptionError(there_are + nearest(word, _subjects.KIND_OF))


def kinds_of(found: argparse.Namespace) -> Sequence[str]:
    """Return the kind that was put before a name, or all."""
    return [kind_of(word) for word in found.words[:-1]] or registry.KINDS


def list_plugins(found: argparse.Namespace, given: Mapping[str, Any]) -> int:
    """List every plugin, or those of a kind with their parameters."""
    kinds = [kind_of(word) for word in found.words]
    _catalogue.say_list(kinds or registry.KINDS, found.parameters or bool(kinds))
    return 0


def show(found: argparse.Namespace, given: Mapping[str, Any]) -> int:
    """Show one plugin."""
    from . import _checking  # imports torch

    subjects = _subjects.find(found.words, kinds_of(found))
    if len(subjects) > 1:
        raise OptionError(_subjects.which(found.words[-1], subjects))
    ((kind, name),) = subjects
    trial = _checking.Trial(kind, name, found.options)
    _catalogue.say_about(about.about(kind, name))
    if isinstance(trial.built, Corpus):
        _catalogue.say_corpus(name, trial.built)
    say(f"\nPromises{trial.size}:")
    _checking.say_outcomes(trial.outcomes())
    return 0


def check(found: argparse.Namespace, given: Mapping[str, Any]) -> int:
    """Try what plugins promise; return 1 if a promise is broken."""
    from . import _checking  # imports torch

    subjects = _subjects.find(found.words, kinds_of(found))
    folder = Path(given["data_folder"]).expanduser() if given.get("data_folder") else None
    if folder and not folder.is_dir():
        raise OptionError(f"--data_folder {folder} is no folder; name that of the corpus")
    if found.tree and not found.tree.is_file():
        raise OptionError(f"--tree {found.tree} is no file; name one such as tests/trees/savee.txt")
    if folder and found.tree:
        raise OptionError("--data_folder and --tree are two copies of the corpus; give one")
    return _checking.try_all(subjects, found.options, folder, found.tree)


def new(found: argparse.Namespace, given: Mapping[str, Any]) -> int:
    """Write a plugin to begin with, and say what to do next."""
    kind, name = kind_of(found.words[0]), found.words[1]
    place = write(kind, name, found.output or Path(), found.package)
    say(f"written: {place}")
    say(next_steps(kind, name, place, sys.argv[0]).rstrip())
    return 0
