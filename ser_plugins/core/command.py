"""What every command shares: plain messages, and exit codes that a script can trust."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from .errors import InputError
from .memory import keep_flat

# Before torch is loaded: threads that wait must not spin, or two runs on one machine take ten
# times as long as one after the other.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Before tqdm is loaded: a bar that is full is erased, so that one line an epoch is left. (tqdm
# reads the text by bool(), for which only the empty one is false.)
os.environ.setdefault("TQDM_LEAVE", "")


def run_command(main: Callable[[Sequence[str]], int], interrupted: str = "interrupted") -> NoReturn:
    """Run a main on the command line and exit: 0 done, 2 bad input, 130 Ctrl-C, 143 SIGTERM.

    Args:
        main: takes the arguments and returns the exit code.
        interrupted: what to say at Ctrl-C.
    """
    keep_flat()
    configure_logging()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        code = main(sys.argv[1:])
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        code = 2
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{interrupted}\n")
        code = 130
    sys.exit(code)


def configure_logging() -> None:
    """Show the package's messages on standard output, warnings marked as such."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Marked())
    logger = logging.getLogger("ser_plugins")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


class Marked(logging.Formatter):
    """Messages as they are, but for `warning:` before one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        mark = "warning: " if record.levelno >= logging.WARNING else ""
        return mark + record.getMessage()
