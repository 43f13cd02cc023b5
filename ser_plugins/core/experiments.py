"""Finds the YAMLs that installed packages bring: `package:file.yaml`."""

import re
from pathlib import Path

from . import packages
from .errors import OptionError
from .words import nearest

# Two letters at least before the colon: one would be a drive of Windows.
NAMED = re.compile(r"([A-Za-z_][\w.-]+):([^:]+)")
PLACES = (".", "hparams")  # of a package's folder, in this order


def locate(text: str) -> Path:
    """Return the file that a command line or an `include` names, by path or as `package:file.yaml`.

    A package's YAMLs lie beside its code, or in the folder `hparams` there.

    Raises:
        OptionError: for a package that is not installed, or that has no such YAML.

    >>> locate("hparams/crnn.yaml").name
    'crnn.yaml'
    """
    if not (named := NAMED.fullmatch(text)):
        return Path(text)
    package, name = named.groups()
    if not (folders := packages.folders(package)):
        raise OptionError(f"{text}: no package {package!r} is installed here; {_others(package)}")
    for folder in folders:
        for place in PLACES:
            if (path := folder / place / name).is_file():
                return path
    brings = ", ".join(yamls(package)) or "none at all"
    raise OptionError(f"{text}: the package {package!r} has no such YAML; it brings {brings}")


def yamls(package: str) -> dict[str, Path]:
    """Return the experiments that a package brings, by the name of the file, sorted."""
    found: dict[str, Path] = {}
    for folder in packages.folders(package):
        for place in PLACES:
            for path in sorted((folder / place).glob("*.yaml")):
                found.setdefault(path.name, path)
    return dict(sorted(found.items()))


def installed() -> dict[str, Path]:
    """Return the experiments of all installed plugin packages, as `package:file.yaml`."""
    return {
        f"{package}:{name}": path
        for package in packages.plugin_packages()
        for name, path in yamls(package).items()
    }


def _others(package: str) -> str:
    known = packages.plugin_packages()
    hint = nearest(package.replace("-", "_"), known)
    return f"those that bring plugins are: {', '.join(known) or 'none'}{hint}"
