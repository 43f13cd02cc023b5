"""Runs a script as a user does, but in this process, which has what it imports."""

import contextlib
import io
import logging
import runpy
import signal
import subprocess
import sys

import pytest

from ser_plugins.core import registry


def run(script, *arguments):
    """Return what `subprocess.run` would: exit code, output and messages of a script."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    words, logger = [str(script), *map(str, arguments)], logging.getLogger("ser_plugins")
    at_sigterm = signal.getsignal(signal.SIGTERM)
    registry.default.cache_clear()  # a process of its own knows no plugin of another
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(sys, "argv", words)
        for name in ("handlers", "level", "propagate"):
            patch.setattr(logger, name, getattr(logger, name))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        try:
            runpy.run_path(str(script), run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code or 0
        finally:
            signal.signal(signal.SIGTERM, at_sigterm)
            registry.default.cache_clear()
    said = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(words, code, *said)
