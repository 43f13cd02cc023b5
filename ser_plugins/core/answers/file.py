"""A file of predictions that grows row by row, and that a later run carries on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from ..audio import locate, spelled
from ..errors import CorpusError, OptionError
from ..inference import Prediction
from ..locks import only_one
from ..writing import check_writable, whole
from .blocks import AnswerBlocks, Block
from .forms import ENCODING, FORMS, AnyForm

NEAR = 0.01  # seconds by which the last window may end before a file does


class AnswerFile:
    """Rows of predictions; what was predicted before stays, and is told.

    A file that failed and is heard again, or was not heard to its end, keeps its old rows until
    the end, when the new ones take their place.

    Args:
        path: of the file, there or not.
        form: of its rows.

    Raises:
        OptionError: for a file of another model, other settings or something else, which is
            left as it is.
    """

    def __init__(self, path: Path, form: AnyForm):
        self.path, self.form = path, form
        self.heading = form.heading().encode(**ENCODING)
        self.done: dict[str, Block] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.tidy()
            self.file = path.open("ab")
            if not self.file.tell():
                self._write(self.heading)
        except OSError as error:
            raise self._unwritable(error) from error

    def is_done(self, path: Path) -> bool:
        """Tell whether a file has been heard, and to its end."""
        block = self.done.get(str(path))
        if block is None or block.failed:
            return False
        seconds = seconds_of(path) if self.form.by_window else 0.0
        return block.stop >= seconds - NEAR

    def add(self, answer: Prediction) -> None:
        """Append a row, which a kill leaves there.

        Raises:
            OptionError: if that cannot be done.
        """
        try:
            self._write(self.form.line(answer).encode(**ENCODING))
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Close the file as it is."""
        self.file.close()

    def tidy(self) -> None:
        """Cut off a torn row, and keep of each file the hearing that went furthest."""
        if not self.path.exists():
            return
        blocks = list(AnswerBlocks(self.path, self.form))
        self.done = {}
        for block in blocks:
            self.done[block.path] = max(block, self.done.get(block.path, block), key=_worth)
        if len(self.done) < len(blocks):
            with whole(self.path) as new:
                self._copy(new)
            self.tidy()  # the bytes have moved

    def _copy(self, place: Path) -> None:
        """Write the chosen rows, those that were heard again in the place of their first."""
        with self.path.open("rb") as old, place.open("wb") as new:
            new.write(self.heading)
            for block in self.done.values():
                old.seek(block.begin)
                new.write(old.read(block.end - block.begin))
        shutil.copymode(self.path, place)

    def _write(self, content: bytes) -> None:
        self.file.write(content)
        self.file.flush()

    def _unwritable(self, error: OSError) -> OptionError:
        return OptionError(f"{self.path} cannot be written: {error.strerror or error}")


@contextmanager
def open_answers(path: Path, form: AnyForm) -> Iterator[AnswerFile]:
    """Give a file of predictions to add to, which no other process does meanwhile."""
    check_answers(path)
    lock = path.with_name(f".{path.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_one(lock, f"writing {path}"):
        answers = AnswerFile(path, form)
        try:
            yield answers
        finally:
            answers.close()
            lock.unlink(missing_ok=True)
        answers.tidy()


def check_answers(path: Path) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Raises:
        OptionError: for an unknown ending, a folder, or a place that is read-only.
    """
    if path.suffix.removeprefix(".") not in FORMS:
        raise OptionError(
            f"--output {path} must end in {' or '.join(f'.{name}' for name in FORMS)}, which says "
            "what is written"
        )
    if path.is_dir():
        raise OptionError(f"--output {path} is a folder; name a file in it")
    check_writable(path.parent, "--output")


def seconds_of(path: Path) -> float:
    """Return how long a file says that it is; 0 where it does not."""
    try:
        return float(soundfile.info(spelled(locate(path))).duration)
    except (CorpusError, OSError, soundfile.LibsndfileError):
        return 0.0


def _worth(block: Block) -> tuple[bool, float]:
    return not block.failed, block.stop
