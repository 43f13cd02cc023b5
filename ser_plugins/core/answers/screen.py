"""Shows predictions on standard output as they come."""

import sys
from contextlib import nullcontext
from pathlib import Path

from ..prediction import Prediction
from .forms import ENCODING, AnyForm
from .table import TableForm


class Screen:
    """Standard output, as a place for rows.

    Args:
        form: of the rows.
    """

    def __init__(self, form: AnyForm | TableForm):
        self.form = form
        self.write(form.heading())

    def is_done(self, path: Path) -> bool:
        """Tell that nothing has been done before."""
        return False

    def add(self, answer: Prediction) -> None:
        """Write a row."""
        self.write(self.form.line(answer))

    def write(self, text: str) -> None:
        """Write a text, above the bar where there is one."""
        from tqdm import tqdm

        above = tqdm.external_write_mode(sys.stdout) if sys.stdout.isatty() else nullcontext()
        with above:
            sys.stdout.buffer.write(text.encode(**ENCODING))
            sys.stdout.buffer.flush()
