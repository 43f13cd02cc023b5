"""The one training loop. Features, model, augmentation and schedule come from the YAML."""

import logging
import math
import time
from typing import Any

import speechbrain as sb
import torch
from torch import Tensor
from torch.nn import functional as F

from .errors import InputError
from .metrics import scores

log = logging.getLogger(__name__)


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
        """Return the cross-entropy against targets `[B, C]`; keep what validation needs."""
        targets = batch.target.data.to(logits.device)
        if stage != sb.Stage.TRAIN:
            self.seen.append((targets.argmax(1), logits.argmax(1)))
        return F.cross_entropy(
            logits.float(), targets, label_smoothing=self.hparams.label_smoothing
        )

    def check_loss_isfinite(self, loss: Tensor) -> None:
        """Say what to do when the loss stays NaN or infinite; SpeechBrain gives it a few tries."""
        try:
            super().check_loss_isfinite(loss)
        except ValueError:
            raise self._not_finite(loss.item()) from None

    def _not_finite(self, loss: float) -> InputError:
        epoch = self.hparams.epoch_counter.current
        return InputError(f"the loss is {loss} in epoch {epoch}; try a smaller --lr")

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
        if stage == sb.Stage.TRAIN:
            self.started = time.perf_counter()

    def on_stage_end(self, stage: sb.Stage, stage_loss: float, epoch: int | None = None) -> None:
        """After validation: log, step the schedule, keep the newest and the best checkpoint."""
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
            return
        if not math.isfinite(self.train_loss + stage_loss):
            raise self._not_finite(self.train_loss + stage_loss)
        targets, predictions = (torch.cat(each).tolist() for each in zip(*self.seen, strict=True))
        valid = scores(targets, predictions, self.hparams.labels)
        self.hparams.history.add(
            epoch=epoch,
            train_loss=self.train_loss,
            valid_loss=stage_loss,
            uar=valid["uar"],
            wa=valid["wa"],
            lr=self.optimizer.param_groups[0]["lr"],
            seconds=time.perf_counter() - self.started,
        )
        self._step_schedule(stage_loss)
        self.hparams.epoch_counter.update_metric(1 - valid["uar"])
        self.checkpointer.save_and_keep_only(
            meta={"uar": valid["uar"], "epoch": epoch}, max_keys=["uar"]
        )

    def _step_schedule(self, valid_loss: float) -> None:
        if isinstance(self.lr_schedule, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.lr_schedule.step(valid_loss)
        elif self.lr_schedule:
            self.lr_schedule.step()
