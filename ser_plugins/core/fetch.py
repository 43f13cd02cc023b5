"""Downloads files on request: checked, resumed where they broke off, unpacked."""

import logging
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tarfile import TarError
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from zipfile import BadZipFile

from tqdm import tqdm

from .errors import InputError

if TYPE_CHECKING:
    import requests

log = logging.getLogger(__name__)

TIMEOUT = 60  # seconds without a byte
CHUNK = 1 << 18
ATTEMPTS = 3
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416  # HTTP


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

    name = name or _name(url)
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
    import requests

    log.warning("no checksums of these %d files are known: they are not verified", len(urls))
    with requests.Session() as session:  # one connection for all
        for url in tqdm(urls, desc=folder.name, unit="file", disable=None):
            _retrieve(url, folder, None, _name(url), None, session)


def _name(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).name


def _retrieve(
    url: str,
    folder: Path,
    known_hash: str | None,
    name: str,
    processor: Any,
    session: "requests.Session | None" = None,
) -> Path:
    import pooch

    pooch.get_logger().setLevel("ERROR")
    part = folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(url, known_hash, name, folder, processor, _Resuming(part, session))
    except (BadZipFile, TarError) as error:
        (folder / name).unlink(missing_ok=True)
        raise DownloadError(
            f"{url} gave no archive but something else ({error}), which was removed; look at the "
            "address in a browser: has it moved?"
        ) from error
    except OSError as error:  # as requests' errors are
        raise DownloadError(
            f"{url} was not downloaded: {error}; check the network and the address, then give the "
            "same command again: what is there is kept"
        ) from error
    except ValueError as error:  # its hash is not the known one
        part.unlink(missing_ok=True)
        raise DownloadError(
            f"{url} is not the file that is known ({error}) and was removed; try again, or look "
            "at the address in a browser"
        ) from error
    part.unlink(missing_ok=True)
    return folder / name


class _ForeignPartError(OSError):
    """A part that is not of the file that is asked for."""


class _Resuming:
    """A downloader for pooch, whose own begins anew: goes on where `part` ends.

    Args:
        part: where what has come so far is kept.
        session: a connection to use, or None for one of its own.
    """

    def __init__(self, part: Path, session: "requests.Session | None" = None):
        self.part, self.session = part, session

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        """Download `url` and copy it to `output_file`, as pooch asks a downloader to."""
        from requests.exceptions import ChunkedEncodingError, ConnectionError, Timeout

        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._go_on(url)
                break
            except (ConnectionError, Timeout, ChunkedEncodingError, _ForeignPartError) as error:
                if attempt == ATTEMPTS:
                    raise
                log.info("%s: trying again", error)
        self.part.replace(output_file)

    def _go_on(self, url: str) -> None:
        there = self.part.stat().st_size if self.part.exists() else 0
        with self._ask(url, there) as answer:
            if answer.status_code == RANGE_NOT_SATISFIABLE:
                size = answer.headers.get("Content-Range", "").rpartition("/")[2]
                if size == str(there):
                    return  # it is whole already
                self.part.unlink()  # it is of another file
                raise _ForeignPartError("what had come is longer than the file")
            answer.raise_for_status()
            self._write(answer, there if answer.status_code == PARTIAL_CONTENT else 0)

    def _ask(self, url: str, there: int) -> "requests.Response":
        import requests

        headers = {"Accept-Encoding": "identity"}  # bytes are counted as they lie on the server
        if there:
            headers["Range"] = f"bytes={there}-"
        get = (self.session or requests).get
        return get(url, headers=headers, stream=True, timeout=TIMEOUT)

    def _write(self, answer: "requests.Response", there: int) -> None:
        left = answer.headers.get("Content-Length")
        total = there + int(left) if left else None
        bar = tqdm(total=total, initial=there, unit="B", unit_scale=True, disable=None, leave=False)
        with bar, self.part.open("ab" if there else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
        if total is not None and self.part.stat().st_size != total:
            raise OSError(f"{self.part.stat().st_size} of {total} bytes came")
