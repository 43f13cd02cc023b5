"""Finds the sound files that are meant by paths, globs and folders: every one, each once."""

import contextlib
import glob
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..audio_files import find_audio
from ..errors import OptionError

READ = (
    ".wav .wave .flac .ogg .oga .opus .mp3 .mp2 .aiff .aif .aifc .au .snd .caf .w64 .rf64 .bwf "
    ".voc .sph .nist .ircam .sf .paf .pvf .svx .8svx .iff .avr .htk .sds .sd2 .xi .wve .mpc2k"
).split()  # of files that libsndfile reads
OTHER = (".m4a", ".aac", ".wma", ".amr", ".webm", ".mp4", ".mkv", ".mov", ".ac3", ".ape")


class Found(NamedTuple):
    """The files that were meant.

    Args:
        paths: in the order in which they were named, those of a folder in a stable one.
        repeated: how many were named again.
        unread: files of folders and globs that hold sound in a format that is not read.
        silent: what is to be said of folders and globs that hold none.
    """

    paths: list[Path]
    repeated: int
    unread: list[Path]
    silent: list[str]


def find_sounds(names: Iterable[str], listed: Iterable[str] = ()) -> Found:
    """Return the files that are meant.

    Args:
        names: paths, globs with `*`, `?`, `[…]` and `**`, and folders, which are searched with
            those in them. A file that is named is meant whatever it is; in globs and folders
            the ending decides, and names that begin with a dot are passed over.
        listed: further paths of files and folders; none is a glob.

    Raises:
        OptionError: if nothing that is named holds sound.
    """
    found: dict[Path, Path] = {}
    repeated, unread, silent = 0, [], []
    for name, may_be_glob in [
        *((name, True) for name in names),
        *((name, False) for name in listed),
    ]:
        paths, others, why = _meant(name, may_be_glob)
        unread += others
        silent += [why] if why else []
        for path in paths:
            place = place_of(path)
            repeated += place in found
            found.setdefault(place, path)
    if silent and not found:
        raise OptionError(silent[0])
    return Found(list(found.values()), repeated, list(dict.fromkeys(unread)), silent)


def place_of(path: Path) -> Path:
    """Return where a file lies, however it is spelled.

    A link to a file stays one: it was named, or lies there, as a file of its own.
    """
    home = _expand(str(path))
    return home.parent.resolve() / home.name


def _meant(name: str, may_be_glob: bool) -> tuple[list[Path], list[Path], str]:
    """Return the files that a name means, those in a format that is not read, what is wrong."""
    home = _expand(name)
    if _is_folder(home):
        what, paths = "folder", list(_search(home))
    elif may_be_glob and not _exists(home) and any(sign in name for sign in "*?["):
        what, paths = "glob", list(_match(str(home)))
    else:
        return [Path(name)], [], ""
    unread = [path for path in paths if path.suffix.lower() in OTHER]
    read = [path for path in paths if path.suffix.lower() in READ]
    if read:
        return read, unread, ""
    other = f", only {len(unread)} files such as {unread[0].name}" if unread else ""
    why = (
        f"the {what} {name} holds no sound that can be read ({', '.join(READ[:7])} and "
        f"others){other}; name another, or the files themselves"
    )
    return [], unread, why


def _expand(name: str) -> Path:
    path = Path(name)
    if name.startswith("~") and not _exists(path):
        with contextlib.suppress(RuntimeError):  # there is no such user
            return path.expanduser()
    return path


def _search(folder: Path) -> Iterator[Path]:
    """Yield every sound file under a folder; second copies count, as it is no corpus."""
    for path in find_audio(folder, (*READ, *OTHER), key=lambda path: path):
        yield folder / path


def _match(pattern: str) -> Iterator[Path]:
    found: dict[Path, None] = {}
    for text in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207  may be absolute
        path = Path(text)
        found |= dict.fromkeys(_search(path) if _is_folder(path) else [path])
    yield from found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # as a name that is too long; why is said when it is opened
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
