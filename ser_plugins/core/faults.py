"""Says in plain words, with file and line, why a plugin does not load."""

import os
import re
import sys
import traceback
from pathlib import Path

import pluggy

from . import hookspecs
from .errors import InputError
from .exits import ExitCallError
from .words import nearest

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("ser_"))
# Folders of files that load, call and try plugins, and are none; but for the plugins in ours.
OURS, STANDARD = Path(__file__).parents[1], Path(os.__file__).parent
INSIDE = (OURS, STANDARD, Path(pluggy.__file__).parent)
PLUGINS = (*(OURS / hook.removeprefix("ser_") for hook in HOOKS), STANDARD / "site-packages")


def reason(error: BaseException, file: Path | None = None) -> str:
    """Return what is wrong with a plugin, where, and what is expected.

    Args:
        error: as it was raised where the plugin was loaded or registered.
        file: the plugin's, where it is known.
    """
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, SyntaxError) and cause.filename:
        return f"{cause.filename}, line {cause.lineno}: {cause.msg}: {(cause.text or '').strip()}"
    if place := _place(cause):
        is_exit = isinstance(cause, ExitCallError)
        return f"{place}: {cause}" if is_exit else f"{place}: {type(cause).__name__}: {cause}"
    if isinstance(cause, pluggy.PluginValidationError):
        return _at_hook(_of_hook(str(cause)), file or file_of(cause.plugin))
    if isinstance(cause, InputError):
        return _at_hook(str(cause), file)
    return f"{type(cause).__name__}: {cause}"


def _place(error: BaseException) -> str:
    """Return the line of a plugin at which an error came up; empty where that is outside of it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _may_be_plugin(frame)]
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    return f"{own[-1].filename}, line {own[-1].lineno}" if own else ""


def _may_be_plugin(frame: traceback.FrameSummary) -> bool:
    """Tell whether a line is not of what lies between us and a plugin: torch calls its modules."""
    torch = getattr(sys.modules.get("torch"), "__file__", None)
    inside = (*INSIDE, Path(torch).parent) if torch else INSIDE
    for folder in Path(frame.filename).parents:  # the innermost first
        if folder in PLUGINS or folder in inside:
            return folder in PLUGINS
    return not frame.filename.startswith("<frozen ")


def file_of(plugin: object) -> Path | None:
    """Return the file of a plugin that is a module."""
    found = getattr(plugin, "__file__", None)
    return Path(found) if found else None


def _of_hook(text: str) -> str:
    """Return what pluggy says of a hook, in words that say what to write."""
    if unknown := re.match(r"unknown hook '(\w+)'", text):
        hint = nearest(unknown[1], HOOKS) or "."
        return f"no hook is called {unknown[1]}{hint} The hooks are {', '.join(HOOKS)}"
    given = re.search(r"definition: (\w+)\(.*\nArgument\(s\) \{(.*)\} are", text)
    return f"{given[1]} takes no arguments, but has {given[2]}" if given else text


def _at_hook(text: str, file: Path | None) -> str:
    """Put the line before a text at which the function is defined that the text names first."""
    hook = re.search(r"\bser_\w+", text)
    if not file or not file.is_file():
        return text
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    start = f"def {hook[0]}(" if hook else None
    at = next((n for n, line in enumerate(lines, 1) if start and line.startswith(start)), None)
    return f"{file}, line {at}: {text}" if at else f"{file}: {text}"
