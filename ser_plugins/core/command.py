"""What every command shares: arguments, plain messages, and exit codes that a script can trust."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TextIO

from .errors import InputError, OptionError
from .exits import EndedError
from .hparams import parse_value
from .keys import KEYS
from .memory import keep_flat
from .words import nearest

# Before torch is loaded: threads that wait must not spin for long, or two runs on one machine take
# ten times as long as one after the other. But if they sleep at once (0, GNU's for PASSIVE), one
# run alone takes a third longer: to be woken costs as much as the short waits between two layers.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if os.environ["OMP_WAIT_POLICY"].upper() == "PASSIVE":
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")  # a tenth of a millisecond
# Before tqdm is loaded: a bar that is full is erased, so that one line an epoch is left. (tqdm
# reads the text by bool(), for which only the empty one is false.)
os.environ.setdefault("TQDM_LEAVE", "")


class Parser(argparse.ArgumentParser):
    """Arguments of a command, and keys of an experiment as `--key VALUE`.

    Args:
        about: its documentation, shown by `--help`.
        keys: names of keys that can be given.
    """

    def __init__(self, about: str | None, keys: Iterable[str] = ()):
        super().__init__(
            description=about,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for name in keys:
            self.add_argument(f"--{name}", help=KEYS[name].about, metavar="VALUE")

    def add_model(self, device: str = "--device", optional: bool = False) -> None:
        """Add MODEL as `system`, where it runs as `run_on`, and below which score it is unsure.

        Args:
            device: the flag that says where it runs.
            optional: whether a command line may do without MODEL.
        """
        self.add_argument(
            "system",
            metavar="MODEL",
            nargs="?" if optional else None,
            help="a run, its bundle, an exported .onnx file, or owner/name of a model on the "
            "Hugging Face Hub",
        )
        self.add_argument(
            device, dest="run_on", metavar="DEVICE", default="auto",
            help="where the model runs: auto, cpu, cuda or cuda:1; %(default)s by default",
        )  # fmt: skip
        self.add_argument(
            "--unsure_below", type=float, metavar="SCORE", default=0.0,
            help="score below which the label is `unsure`, 0 to 1; %(default)s by default: never",
        )  # fmt: skip

    def error(self, message: str) -> NoReturn:
        """Refuse a command line in one line."""
        end = "" if message.endswith("?") else ";"
        raise OptionError(f"{message}{end} --help lists what there is")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End after `--help`; what is written of it shows whether anybody still reads."""
        sys.stdout.flush()
        super().exit(status, message)

    def read(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, dict[str, Any]]:
        """Return the arguments, and the keys that were given, their values read.

        Raises:
            OptionError: for an argument that there is not, or a value that cannot be.
        """
        plain, dotted = split_dotted(arguments)
        found, strange = self.parse_known_intermixed_args(plain)  # words may stand between flags
        if strange:
            self.error(f"unrecognized arguments: {' '.join(strange)}{self._suggest(strange)}")
        texts = {name: text for name, text in vars(found).items() if name in KEYS}
        given = {k: parse_value(k, text, None) for k, text in texts.items() if text is not None}
        for (key, option), text in dotted.items():
            if key not in texts:
                self.error(f"unrecognized argument --{key}.{option}")
            given[key] = {**given.get(key, {}), option: parse_value(f"{key}.{option}", text, None)}
        for key, value in given.items():
            if not KEYS[key].accepts(value):
                raise OptionError(f"--{key} must be {KEYS[key].expected}, not {texts[key]!r}")
        return found, given

    def _suggest(self, strange: Iterable[str]) -> str:
        """Return the flag that is nearest to the first that there is not; nothing if none is."""
        known = [flag for action in self._actions for flag in action.option_strings]
        flag = next((word for word in strange if word.startswith("--")), "")
        key, dot, option = flag.partition("=")[0].partition(".")
        return nearest(key, known, rest=dot + option)


def split_dotted(arguments: Sequence[str]) -> tuple[list[str], dict[tuple[str, str], str]]:
    """Take options such as `--dataset_options.file x` out of a command line.

    >>> split_dotted(["a", "--dataset_options.file", "x", "--fold=2"])
    (['a', '--fold=2'], {('dataset_options', 'file'): 'x'})
    """
    plain: list[str] = []
    dotted: dict[tuple[str, str], str] = {}
    rest = iter(arguments)
    for argument in rest:
        flag, equals, value = argument.partition("=")
        key, dot, option = flag.removeprefix("--").partition(".")
        if flag.startswith("--") and dot and key in KEYS:
            dotted[key, option] = value if equals else next(rest, "")
        else:
            plain.append(argument)
    return plain, dotted


def run_command(
    main: Callable[[Sequence[str]], int],
    interrupted: str = "interrupted",
    log_to: TextIO | None = None,
) -> NoReturn:
    """Run a main on the command line and exit with a code that a script can trust.

    0: done; 2: bad input; 130: Ctrl-C; 141: nobody reads the output any more; 143: SIGTERM.

    Args:
        main: takes the arguments and returns the exit code.
        interrupted: what to say at Ctrl-C.
        log_to: where messages go; standard output by default, which some keep for data.
    """
    keep_flat()
    configure_logging(log_to or sys.stdout)
    signal.signal(signal.SIGTERM, end)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        code = 2
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{interrupted}\n")
        code = 130
    except BrokenPipeError:
        drop_output()
        code = 141
    sys.exit(code)


def end(number: int, _: object) -> NoReturn:
    """End as a signal asks."""
    raise EndedError(128 + number)


def configure_logging(stream: TextIO) -> None:
    """Show the package's messages on a stream, warnings marked as such."""
    handler = Shown(stream)
    handler.setFormatter(Marked())
    logger = logging.getLogger("ser_plugins")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def drop_output() -> None:
    """Let what is still written go nowhere: whoever read standard output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Shown(logging.StreamHandler[TextIO]):
    """Messages on a stream; that nobody reads it any more ends the command."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is logging's
        """Raise that the stream is closed; report any other fault, as logging does."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            raise
        super().handleError(record)


class Marked(logging.Formatter):
    """Messages as they are, but for `warning:` before one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        mark = "warning: " if record.levelno >= logging.WARNING else ""
        return mark + record.getMessage()
