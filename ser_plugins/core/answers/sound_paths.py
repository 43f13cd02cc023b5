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
        faults: what is to be said of folders that cannot be read, and of folders and globs that
            hold no sound.
    """

    paths: list[Path]
    repeated: int
    unread: list[Path]
    faults: list[str]


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
    faults: list[str] = []
    meant = [
        *(_meant(name, True, faults) for name in names),
        *(_meant(name, False, faults) for name in listed),
    ]
    paths = [path for read, _ in meant for path in read]
    unread = [path for _, others in meant for path in others]
    found: dict[Path, Path] = {}
    for path in paths:
        found.setdefault(place_of(path), path)
    if faults and not found:
        raise OptionError(faults[0])
    repeated = len(paths) - len(found)
    return Found(list(found.values()), repeated, list(dict.fromkeys(unread)), faults)


def place_of(path: Path) -> Path:
    """Return where a file lies, however it is spelled.

    A link to a file stays one: it was named, or lies there, as a file of its own.
    """
    home = _expand(str(path))
    return home.parent.resolve() / home.name


def _meant(name: str, may_be_glob: bool, faults: list[str]) -> tuple[list[Path], list[Path]]:
    """Return the files that a name means, and those in a format that is not read.

    What is wrong is added to the faults.
    """
    home = _expand(name)
    blind: list[str] = []
    if _is_folder(home):
        what, paths = "folder", list(_search(home, blind))
    elif may_be_glob and not _exists(home) and any(sign in name for sign in "*?["):
        what, paths = "glob", list(_match(str(home), blind))
    else:
        return [Path(name)], []
    unread = [path for path in paths if path.suffix.lower() in OTHER]
    read = [path for path in paths if path.suffix.lower() in READ]
    faults += blind
    if not read and not blind:
        other = f", only {len(unread)} files such as {unread[0].name}" if unread else ""
        faults.append(
            f"the {what} {name} holds no sound that can be read ({', '.join(READ[:7])} and "
            f"others){other}; name another, or the files themselves"
        )
    return read, unread


def _expand(name: str) -> Path:
    path = Path(name)
    if name.startswith("~") and not _exists(path):
        with contextlib.suppress(RuntimeError):  # there is no such user
            return path.expanduser()
    return path


def _search(folder: Path, blind: list[str]) -> Iterator[Path]:
    """Yield every sound file under a folder; second copies count, as it is no corpus.

    Folders that cannot be read are named in `blind`.
    """

    def name(error: OSError) -> None:
        blind.append(f"the folder {error.filename} cannot be read: {error.strerror}")

    for path in find_audio(folder, (*READ, *OTHER), key=lambda path: path, unreadable=name):
        yield folder / path


def _match(pattern: str, blind: list[str]) -> Iterator[Path]:
    found: dict[Path, None] = {}
    for text in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207  may be absolute
        path = Path(text)
        found |= dict.fromkeys(_search(path, blind) if _is_folder(path) else [path])
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
