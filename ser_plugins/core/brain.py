"""The one training loop. Features, model, augmentation and schedule come from the YAML."""

import logging
import time
from typing import Any

import speechbrain as sb
import torch
from torch import Tensor
from torch.nn import functional as F

from .errors import InputError
from .manifest import shorten
from .metrics import scores

log = logging.getLogger(__name__)

SELECTION = {"score": "uar", "part": "valid"}  # what chooses the epoch; each run logs it


class EmotionBrain(sb.Brain):
    """Waveforms to logits, logits to loss, validation to the choice of the epoch.

    Needs the module `classifier`, and in `hparams`: `augment`, `epoch_counter`, `history`,
    `labels`, `label_smoothing` and `lr_schedule` (None, or a factory of a torch schedule that is
    stepped after each epoch). Batches hold `id`, `sig` and float targets `[B, C]`.
    """

    def compute_forward(self, batch: Any, stage: sb.Stage) -> Tensor:
        """Return logits, `[B, C]`."""
        batch = batch.to(self.device)
        wavs, lengths = batch.sig
        if stage != sb.Stage.TRAIN:
            return self.modules.classifier(wavs, lengths)
        ids, epoch = batch.id, self.hparams.epoch_counter.current

        def between(feats: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
            return self.hparams.augment("feats", feats, lengths, ids, epoch)

        wavs, lengths = self.hparams.augment("wave", wavs, lengths, ids, epoch)
        return self.modules.classifier(wavs, lengths, between)

    def compute_objectives(self, logits: Tensor, batch: Any, stage: sb.Stage) -> Tensor:
        """Return the cross-entropy against targets `[B, C]`; keep what validation needs.

        Raises:
            InputError: if it is not finite. SpeechBrain would leave such batches out of the mean.
        """
        targets = batch.target.data.to(logits.device)
        loss = F.cross_entropy(
            logits.float(), targets, label_smoothing=self.hparams.label_smoothing
        )
        if not loss.isfinite():
            epoch = self.hparams.epoch_counter.current
            raise InputError(
                f"the loss is {loss.item()} in epoch {epoch} for the clips "
                f"{shorten(batch.id)}; try a smaller --lr"
            )
        if stage != sb.Stage.TRAIN:
            self.seen.append((targets.argmax(1), logits.argmax(1)))
            self.valid_loss += loss.item() * len(targets)
        return loss

    def init_optimizers(self) -> None:
        """Make the optimiser, then the schedule that steers it."""
        super().init_optimizers()
        make = self.hparams.lr_schedule
        self.lr_schedule = make(self.optimizer) if make else None
        if self.checkpointer and self.lr_schedule:
            self.checkpointer.add_recoverable("lr_schedule", self.lr_schedule)

    def on_stage_start(self, stage: sb.Stage, epoch: int | None = None) -> None:
        """Forget the predictions of the stage before."""
        self.seen: list[tuple[Tensor, Tensor]] = []
        self.valid_loss = 0.0  # summed over clips: a mean of batch means weighs a short one double
        if stage == sb.Stage.TRAIN:
            self.started = time.perf_counter()

    def on_stage_end(self, stage: sb.Stage, stage_loss: float, epoch: int | None = None) -> None:
        """After validation: log, step the schedule, keep the newest and the best checkpoint."""
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
            return
        targets, predictions = (torch.cat(each).tolist() for each in zip(*self.seen, strict=True))
        valid = scores(targets, predictions, self.hparams.labels)
        valid_loss = self.valid_loss / len(targets)
        chooses = SELECTION["score"]
        self.hparams.history.add(
            epoch=epoch,
            train_loss=self.train_loss,
            valid_loss=valid_loss,
            uar=valid["uar"],
            wa=valid["wa"],
            lr=self.optimizer.param_groups[0]["lr"],
            seconds=time.perf_counter() - self.started,
        )
        self._step_schedule(valid_loss)
        self.hparams.epoch_counter.update_metric(1 - valid[chooses])
        self.checkpointer.save_and_keep_only(
            meta={chooses: valid[chooses], "epoch": epoch}, max_keys=[chooses]
        )

    def _step_schedule(self, valid_loss: float) -> None:
        if isinstance(self.lr_schedule, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.lr_schedule.step(valid_loss)
        elif self.lr_schedule:
            self.lr_schedule.step()
