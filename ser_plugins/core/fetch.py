"""Downloads files on request: checked, resumed where they broke off, unpacked."""

import logging
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tqdm import tqdm

from .errors import InputError

if TYPE_CHECKING:
    import requests

log = logging.getLogger(__name__)

TIMEOUT = 60  # seconds without a byte
CHUNK = 1 << 18
ATTEMPTS = 3


class DownloadError(InputError):
    """A download that failed: says from where, why, and that the same command goes on with it."""


def fetch(
    url: str, folder: Path, known_hash: str | None = None, unpack: bool = False, name: str = ""
) -> Path:
    """Download one file into a folder, unless it is there already.

    Args:
        url: where it is.
        folder: where it goes; made if needed.
        known_hash: `md5:…` or `sha256:…`; without one, content is not verified, and a warning
            says so.
        unpack: whether it is a zip or tar archive whose content is wanted.
        name: of the file; the last part of the address by default.

    Returns:
        The file.

    Raises:
        DownloadError: in words; what has come so far is kept, and the next call goes on.
    """
    import pooch  # takes half a second: for those who download

    name = name or PurePosixPath(unquote(urlsplit(url).path)).name
    if not known_hash:
        log.warning("no checksum of %s is known to the toolkit: its content is not verified", name)
    processor = None
    if unpack:
        is_zip = name.endswith(".zip")
        processor = (pooch.Unzip if is_zip else pooch.Untar)(extract_dir=".")
    return _retrieve(url, folder, known_hash, name, processor)


def fetch_all(urls: Sequence[str], folder: Path) -> None:
    """Download many small files; those that are there are not asked for again.

    Raises:
        DownloadError: at the first that fails.
    """
    log.warning("no checksums of these %d files are known: they are not verified", len(urls))
    for url in tqdm(urls, desc=folder.name, unit="file", disable=None):
        _retrieve(url, folder, None, PurePosixPath(urlsplit(url).path).name, None)


def _retrieve(url: str, folder: Path, known_hash: str | None, name: str, processor: Any) -> Path:
    import pooch

    pooch.get_logger().setLevel("ERROR")
    part = folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(url, known_hash, name, folder, processor, _Resuming(part))
    except (OSError, ValueError) as error:  # requests' errors are OSErrors
        if isinstance(error, ValueError):
            part.unlink(missing_ok=True)  # it is whole, and not what it should be
        raise DownloadError(
            f"{url} was not downloaded: {error}; check the network and the address, then give the "
            "same command again: what is there is kept"
        ) from error
    part.unlink(missing_ok=True)
    return folder / name


class _Resuming:
    """A downloader for pooch, whose own begins anew: goes on where `part` ends.

    Args:
        part: where what has come so far is kept.
    """

    def __init__(self, part: Path):
        self.part = part

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        """Download `url` and copy it to `output_file`, as pooch asks a downloader to."""
        from requests import ConnectionError, Timeout
        from requests.exceptions import ChunkedEncodingError

        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._go_on(url)
                break
            except (ConnectionError, Timeout, ChunkedEncodingError) as error:
                if attempt == ATTEMPTS:
                    raise
                log.info("the connection broke (%s); going on", type(error).__name__)
        self.part.replace(output_file)

    def _go_on(self, url: str) -> None:
        import requests

        there = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Accept-Encoding": "identity"}  # bytes are counted as they lie on the server
        if there:
            headers["Range"] = f"bytes={there}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                return  # it is whole already
            answer.raise_for_status()
            resumed = answer.status_code == requests.codes.partial_content
            self._write(answer, there if resumed else 0)

    def _write(self, answer: "requests.Response", there: int) -> None:
        left = answer.headers.get("Content-Length")
        total = there + int(left) if left else None
        bar = tqdm(total=total, initial=there, unit="B", unit_scale=True, disable=None, leave=False)
        with bar, self.part.open("ab" if there else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
