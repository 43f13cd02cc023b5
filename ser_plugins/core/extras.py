"""Says how the packages are installed that only some uses need."""

import importlib.util

from .errors import OptionError

# Not by name: whatever PyPI has, or will have, under ours is not known to be this.
SOURCE = "the folder of ser_plugins's source"


def how(extra: str) -> str:
    """Return how an extra of setup.cfg is installed.

    >>> how("demo")
    "pip install '.[demo]' in the folder of ser_plugins's source"
    """
    return f"pip install '.[{extra}]' in {SOURCE}"


def need(package: str, extra: str, what: str) -> None:
    """Refuse to go on without a package; it is not imported.

    Args:
        package: by the name of its import.
        extra: of setup.cfg, which brings it.
        what: needs it, to begin the message with.

    Raises:
        OptionError: saying how it is installed.
    """
    if not _is_here(package):
        raise OptionError(f"{what} needs {package}, which is not installed: {how(extra)}")


def _is_here(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # it is loaded, and not from a file
        return True
