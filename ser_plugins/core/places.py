"""Where a corpus and the caches lie; renders a corpus that is embedded and not there yet."""

import logging
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from . import cache
from .errors import InputError, OptionError
from .locks import one_after_another
from .types import Corpus
from .writing import whole_folder

log = logging.getLogger(__name__)


def cache_folder(hparams: Mapping[str, Any]) -> Path:
    """Return the folder of all caches: the YAML's, or the user's."""
    given = hparams["cache_folder"]
    return Path(given).expanduser() if given else cache.default_folder()


def corpus_folder(name: str, corpus: Corpus, hparams: Mapping[str, Any], cache_root: Path) -> Path:
    """Return where the corpus lies; render one that is embedded and not there yet.

    Raises:
        OptionError: if no folder is named for a corpus that somebody must obtain.
    """
    given = hparams["data_folder"]
    if given is None and not corpus.embedded:
        where = f"; it is to be had from {corpus.url}" if corpus.url else ""
        raise OptionError(f"name the folder of {name!r} with --data_folder{where}")
    options = "".join(f"-{k}{v}" for k, v in sorted(hparams["dataset_options"].items()))
    if given:
        return Path(given).expanduser()
    root = cache_root / f"{name}{options}-{metadata.version('ser_plugins')}"
    if corpus.obtain and not root.exists():
        _render(name, corpus.obtain, root)
    return root


def _render(name: str, obtain: Callable[[Path], None], root: Path) -> None:
    """Render a corpus beside its place and move it there whole, once, whoever comes."""
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with one_after_another(root.with_name(f"{root.name}.lock"), f"rendering {name}"):
            if not root.exists():
                log.info("rendering %s into %s, once", name, root)
                with whole_folder(root) as unfinished:
                    obtain(unfinished)
    except OSError as error:
        raise InputError(
            f"{name} cannot be rendered into {root}: {error.strerror or error}; "
            "name another folder with --cache_folder"
        ) from error
