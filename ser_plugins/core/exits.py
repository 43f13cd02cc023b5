"""Makes an error of a plugin's `sys.exit`, and lets pass what a signal asks for."""

from collections.abc import Iterator
from contextlib import contextmanager


class EndedError(SystemExit):
    """A signal that asks the process to end; no plugin's doing."""


class ExitCallError(RuntimeError):
    """A plugin that asks the process to end, which would pass for success or for nothing."""


@contextmanager
def refused() -> Iterator[None]:
    """Refuse, while a plugin runs, that it ends the process.

    Raises:
        ExitCallError: in place of its SystemExit, with the line of the call.
    """
    try:
        yield
    except EndedError:
        raise
    except SystemExit as end:
        call = ExitCallError(f"it calls sys.exit({end.code!r})")
        raise call.with_traceback(end.__traceback__) from None
