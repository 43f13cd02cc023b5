"""Loads the module or the file that a plugin is written in."""

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from . import compatibility, exits


def load(origin: str, how: Callable[[], Any] | None = None) -> Any:
    """Return a plugin of an importable module.

    Args:
        origin: the module's name or the value of an entry point.
        how: loads it; an import by default.

    Raises:
        PluginError: for one that states another hook API than is here, which is why it fails.
        Exception: whatever else loading it raises.
    """
    try:
        with exits.refused():
            return how() if how else importlib.import_module(origin)
    except Exception:
        compatibility.check_stated(origin)
        raise


def load_file(path: Path) -> ModuleType:
    """Return the module of a Python file, loaded once.

    Raises:
        FileNotFoundError: if there is none.
        PluginError: as `load`.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file")
    name = f"ser_plugins_file_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        sys.modules[name] = module  # dataclasses and pickling look their module up here
        try:
            load(str(path), lambda: spec.loader.exec_module(module))  # type: ignore[union-attr]
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
