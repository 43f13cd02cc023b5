"""A file of predictions that grows row by row, and that a later run carries on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..audio import seconds_of
from ..errors import OptionError
from ..locks import only_one
from ..prediction import Prediction
from ..writing import check_file, target, whole
from .blocks import Block, read_blocks
from .forms import ENCODING, FORMS, AnyForm
from .sound_paths import place_of

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
        self.done: dict[Path, tuple[bool, float]] = {}  # by place: whether it is good, to where
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.tidy()
            self.file = path.open("ab")
            if not self.file.tell():
                self._write(form.heading())
        except OSError as error:
            raise self._unwritable(error) from error

    def is_done(self, path: Path) -> bool:
        """Tell whether a file has been heard, and to its end."""
        good, stop = self.done.get(place_of(path), (False, 0.0))
        return good and stop >= (seconds_of(path) if self.form.by_window else 0.0) - NEAR

    def add(self, answer: Prediction) -> None:
        """Append a row, which a kill leaves there.

        Raises:
            OptionError: if that cannot be done.
        """
        try:
            self._write(self.form.line(answer))
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Close the file as it is.

        Raises:
            OptionError: if what was added last cannot be written.
        """
        try:
            self.file.close()
        except OSError as error:
            raise self._unwritable(error) from error

    def tidy(self) -> None:
        """Leave out a torn row, and keep of each file the hearing that went furthest.

        It stands where the first one did; the file is written anew where that changes it.
        """
        if not self.path.exists():
            return
        kept: dict[Path, Block] = {}
        for block in read_blocks(self.path, self.form):
            place = place_of(Path(block.path))
            kept[place] = max(block, kept.get(place, block), key=_worth)
        self.done = {place: _worth(block) for place, block in kept.items()}
        texts = [self.form.heading(), *(text for block in kept.values() for text in block.texts)]
        content = "".join(texts).encode(**ENCODING)
        if content != self.path.read_bytes():
            with whole(self.path) as new:
                new.write_bytes(content)
                shutil.copymode(self.path, new)

    def _write(self, text: str) -> None:
        self.file.write(text.encode(**ENCODING))
        self.file.flush()

    def _unwritable(self, error: OSError) -> OptionError:
        return OptionError(f"{self.path} cannot be written: {error.strerror or error}")


@contextmanager
def open_answers(path: Path, form: AnyForm) -> Iterator[AnswerFile]:
    """Give a file of predictions to add to, which no other process does meanwhile."""
    check_answers(path)
    path = target(path)  # whose lock keeps out who comes by another link
    lock = path.with_name(f".{path.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_one(lock, f"writing {path}"):
        try:
            answers = AnswerFile(path, form)
            try:
                yield answers
            finally:
                answers.close()
            answers.tidy()
        finally:
            lock.unlink(missing_ok=True)


def check_answers(path: Path) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Raises:
        OptionError: for an unknown ending, or what `check_file` refuses.
    """
    if path.suffix.removeprefix(".") not in FORMS:
        raise OptionError(
            f"--output {path} must end in {' or '.join(f'.{name}' for name in FORMS)}, which says "
            "what is written"
        )
    check_file(path, "--output")


def _worth(block: Block) -> tuple[bool, float]:
    """Return what is better of two hearings: without an error, then the longer."""
    return not block.failed, block.stop
