"""Batches whose loss or gradients are not finite: left out and named, until it is too many."""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from speechbrain.utils.checkpoints import (
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)
from torch import Tensor, nn

from . import ranks
from .errors import InputError
from .words import shorten

log = logging.getLogger(__name__)

MOST = 3  # in a row: SpeechBrain's `nonfinite_patience`


class NonFiniteError(ArithmeticError):
    """A loss or a gradient that is infinite or no number."""


@register_checkpoint_hooks
class LeftOut:
    """How many batches were left out one after another, as a recoverable."""

    def __init__(self) -> None:
        self.in_a_row = 0

    @contextmanager
    def unless_finite(self, module: nn.Module, ids: Sequence[str], epoch: int) -> Iterator[None]:
        """Go on after a step that was not finite, as if its batch had not been there.

        Args:
            module: whose buffers, as those of batch normalisation, are put back.
            ids: of the clips of the batch that are here. The error must come up in all processes.
            epoch: from 1.

        Raises:
            InputError: if it happens too often in a row.
        """
        before = [(buffer, buffer.clone()) for buffer in module.buffers()]
        try:
            yield
        except NonFiniteError as error:
            for buffer, was in before:
                buffer.copy_(was)
            everywhere = ranks.gathered(ids)
            self._note(f"{error} in epoch {epoch} for the clips {shorten(everywhere)}")
        else:
            self.in_a_row = 0

    def _note(self, found: str) -> None:
        self.in_a_row += 1
        if self.in_a_row >= MOST:
            raise InputError(
                f"{found}, as for the {self.in_a_row - 1} batches before; look at these clips, or "
                "try a smaller --lr"
            )
        log.warning("left out a batch: %s", found)

    @mark_as_saver
    def save(self, path: Path) -> None:
        """Write the number."""
        path.write_text(str(self.in_a_row), encoding="utf-8")

    @mark_as_loader
    def load(self, path: Path, end_of_epoch: bool) -> None:
        """Read the number."""
        self.in_a_row = int(path.read_text(encoding="utf-8"))


def check_loss(loss: float) -> None:
    """Refuse a loss that is not finite.

    Raises:
        NonFiniteError: saying what it is.
    """
    if not math.isfinite(loss):
        raise NonFiniteError(f"the loss is {loss}")


def check_gradients(norm: Tensor) -> None:
    """Refuse gradients whose norm is not finite, before an optimiser takes them.

    Raises:
        NonFiniteError: if so.
    """
    if not norm.isfinite():
        raise NonFiniteError("its gradients are not finite")
