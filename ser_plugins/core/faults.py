"""Says in plain words, with file and line, why a plugin does not load."""

import difflib
import re
import sys
import sysconfig
import traceback
from pathlib import Path

import pluggy

from . import registry
from .errors import InputError

HOOKS = tuple(f"ser_{kind}" for kind in registry.KINDS)
# Files that load, call and try plugins, and are none.
CORE, PLUGGY = Path(__file__).parent, Path(pluggy.__file__).parent
INSIDE = (str(CORE), str(CORE.parent / "cli"), str(PLUGGY), "<frozen ")
STANDARD = sysconfig.get_path("stdlib")


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
        return f"{place}: {type(cause).__name__}: {cause}"
    if isinstance(cause, pluggy.PluginValidationError):
        return _at_hook(_of_hook(str(cause)), file or _file_of(cause.plugin))
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
    between = (*INSIDE, str(Path(torch).parent)) if torch else INSIDE
    standard = frame.filename.startswith(STANDARD) and "site-packages" not in frame.filename
    return not frame.filename.startswith(between) and not standard


def _file_of(plugin: object) -> Path | None:
    found = getattr(plugin, "__file__", None)
    return Path(found) if found else None


def _of_hook(text: str) -> str:
    """Return what pluggy says of a hook, in words that say what to write."""
    if unknown := re.match(r"unknown hook '(\w+)'", text):
        near = difflib.get_close_matches(unknown[1], HOOKS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"no hook is called {unknown[1]}; {hint}The hooks are {', '.join(HOOKS)}"
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
