"""The one training loop. Features, model, augmentation and schedule come from the YAML."""

import logging
import warnings
from contextlib import AbstractContextManager
from typing import Any

import speechbrain as sb
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from . import parallel, ranks
from .classifier import SpeechClassifier
from .errors import InputError
from .frames import normalized
from .metrics import scores
from .nonfinite import NonFiniteError, check_gradients, check_loss
from .rounding import tf32
from .signals import leave
from .words import shorten

log = logging.getLogger(__name__)

SELECTION = {"score": "uar", "part": "valid"}  # what chooses the epoch; each run logs it


class EmotionBrain(sb.Brain):
    """Waveforms to logits, logits to loss, validation to the choice of the epoch.

    Needs the module `classifier`, and in `hparams`: `augment`, `mixup`, `epoch_counter`,
    `history`, `labels`, `label_smoothing`, `weights` of the labels in the loss (`[C]` or None),
    `weight_average` (the decay a step, or 0), `tf32` (whether a GPU may round so in a step),
    `lr_schedule` (None, or a factory of a torch schedule that is stepped after each epoch),
    `left_out` (batches that are not finite), `clock` (of the epoch), `random` (the random states),
    and `signals` that were noted: with one, training ends at its next checkpoint.
    Batches hold `id`, `draw`, float targets `[B, C]`, and either `sig` or `frames` that were heard
    before.
    """

    def compute_forward(self, batch: Any, stage: sb.Stage) -> tuple[Tensor, Tensor]:
        """Return logits and what they are to be, both `[B, C]`."""
        batch = batch.to(self.device)
        targets, training = batch.target.data, stage == sb.Stage.TRAIN
        classifier = self.modules.classifier if training else self.scored
        feats, lengths = self.hear(batch, classifier, training)
        if training:
            epoch = self.hparams.epoch_counter.current
            feats, lengths = self.hparams.augment("feats", feats, lengths, batch.draw, epoch)
            keys = [draw or id for draw, id in zip(batch.draw, batch.id, strict=True)]
            mixed = self.hparams.mixup(feats, lengths, targets, keys, epoch)
            feats, lengths, targets = mixed
        return classifier.classify(feats, lengths), targets

    def hear(
        self, batch: Any, classifier: SpeechClassifier, training: bool
    ) -> tuple[Tensor, Tensor]:
        """Return normalised frames `[B, N, F]` and their relative lengths, `[B]`."""
        if not training or hasattr(batch, "frames"):
            return normalized(classifier, batch)
        epoch = self.hparams.epoch_counter.current
        wavs, lengths = batch.sig
        return classifier.frames(*self.hparams.augment("wave", wavs, lengths, batch.draw, epoch))

    @property
    def trained(self) -> Any:
        """Return what changes from step to step: the model, and features that are trained."""
        classifier = self.modules.classifier
        return classifier.model if classifier.hears_alike else classifier

    @property
    def scored(self) -> Any:
        """Return what is validated and kept: the average of the weights, where there is one."""
        classifier = self.modules.classifier
        if not self.average:
            return classifier
        if not classifier.hears_alike:
            return self.average.module
        shared = classifier.features, classifier.normalize
        return SpeechClassifier(*shared, self.average.module).eval()

    def compute_objectives(
        self, outputs: tuple[Tensor, Tensor], batch: Any, stage: sb.Stage
    ) -> Tensor:
        """Return the cross-entropy against targets `[B, C]`; keep what validation needs.

        Raises:
            NonFiniteError: if it is not finite in training.
            InputError: if it is not in validation, which SpeechBrain would leave out of the mean.
        """
        logits, targets = outputs
        loss = F.cross_entropy(
            logits.float(),
            targets,
            weight=self.hparams.weights,
            label_smoothing=self.hparams.label_smoothing,
        )
        if stage == sb.Stage.TRAIN:
            self.loss, self.part = ranks.mean(loss.item(), len(targets))
            check_loss(self.loss)
            return loss * self.part
        check_loss(loss.item())
        self.seen += zip(targets.argmax(1).tolist(), logits.argmax(1).tolist(), strict=True)
        self.losses.append(loss.item() * len(targets))
        return loss

    def fit_batch(self, batch: Any) -> Tensor:
        """Take a step and return the loss; leave out a batch whose step would not be finite."""
        epoch = self.hparams.epoch_counter.current
        unless_finite = self.hparams.left_out.unless_finite(self.trained, batch.id, epoch)
        with unless_finite, self.rounding():
            super().fit_batch(batch)
            return torch.tensor(self.loss)
        self.zero_grad(set_to_none=True)
        return torch.tensor(float("nan"))  # SpeechBrain leaves it out of the mean

    def rounding(self) -> AbstractContextManager[None]:
        """Return how a step multiplies numbers of 32 bits, as a context."""
        return tf32(self.hparams.tf32 and self.device_type == "cuda")

    def optimizers_step(self) -> None:
        """Clip the gradients of the whole batch and take a step, unless they are not finite.

        As SpeechBrain's, which throws the norm away and would clip to a norm of 0. In fp16 a loss
        scale that is too large makes them so: the scaler leaves the step out and halves it.
        """
        parallel.merge(self.modules, self.part)
        self.scaler.unscale_(self.optimizer)
        most = self.max_grad_norm or float("inf")
        norm = torch.nn.utils.clip_grad_norm_(list(self.modules.parameters()), most)
        try:
            if self.scaler.get_scale() <= 1:  # 1 without a scaler; a larger one may be the cause
                check_gradients(norm)
            self.scaler.step(self.optimizer)
        finally:
            self.scaler.update()  # else the next batch could not be unscaled
        self.optimizer.zero_grad(set_to_none=True)
        self.optimizer_step += 1

    def evaluate_batch(self, batch: Any, stage: sb.Stage) -> Tensor:
        """Return the loss of a batch of validation."""
        try:
            with tf32(False):
                return super().evaluate_batch(batch, stage)
        except NonFiniteError as error:
            epoch = self.hparams.epoch_counter.current
            raise InputError(
                f"{error} in the validation of epoch {epoch} for the clips {shorten(batch.id)}; "
                "try a smaller --lr"
            ) from None

    def _wrap_distributed(self) -> None:
        """Wrap nothing: torch's wrapper has processes weigh alike, whatever their shares."""
        classifier = self.modules.classifier
        classifier.model = parallel.share_norms(classifier.model, self.device_type)

    def init_optimizers(self) -> None:
        """Make the optimiser, the schedule that steers it, and the average of the weights."""
        super().init_optimizers()
        make = self.hparams.lr_schedule
        self.lr_schedule = make(self.optimizer) if make else None
        self.average = None
        if decay := self.hparams.weight_average:
            mean = get_ema_multi_avg_fn(decay)
            self.average = AveragedModel(self.trained, multi_avg_fn=mean, use_buffers=True).eval()
        own = {"lr_schedule": self.lr_schedule, "average": self.average}
        for name, it in own.items():
            if self.checkpointer and it:
                self.checkpointer.add_recoverable(name, it)

    def on_fit_batch_end(self, batch: Any, outputs: Any, loss: Tensor, should_step: bool) -> None:
        """Take the weights of a step into their average."""
        if should_step and self.average:
            self.average.update_parameters(self.trained)

    def on_stage_start(self, stage: sb.Stage, epoch: int | None = None) -> None:
        """Forget the predictions of the stage before."""
        self.seen: list[tuple[int, int]] = []
        self.losses: list[float] = []  # over clips: a mean of batch means weighs a short one double
        if stage == sb.Stage.TRAIN:
            self.hparams.clock.start()

    def on_stage_end(self, stage: sb.Stage, stage_loss: float, epoch: int | None = None) -> None:
        """After validation: log, step the schedule, keep the newest and the best checkpoint."""
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
            return
        targets, predictions = zip(*ranks.gathered(self.seen), strict=True)
        valid = scores(targets, predictions, self.hparams.labels)
        valid_loss = sum(ranks.gathered(self.losses)) / len(targets)
        chooses = SELECTION["score"]
        self.hparams.history.add(
            epoch=epoch,
            train_loss=self.train_loss,
            valid_loss=valid_loss,
            uar=valid["uar"],
            wa=valid["wa"],
            lr=self.optimizer.param_groups[0]["lr"],
            seconds=self.hparams.clock.seconds,
        )
        self._step_schedule(valid_loss)
        self.hparams.epoch_counter.update_metric(1 - valid[chooses])
        self._save_place(self.hparams.epoch_counter.current, **{chooses: valid[chooses]})

    def _should_save_intra_epoch_ckpt(self, *since: Any) -> bool:
        with ranks.talking():
            is_due = super()._should_save_intra_epoch_ckpt(*since)
        return ranks.highest(int(is_due or bool(self.hparams.signals))) > 0

    def _save_intra_epoch_ckpt(self) -> None:
        self._save_place(self.hparams.epoch_counter.current, self.step)

    def _save_place(self, epoch: int, step: int = 0, **meta: float) -> None:
        """Write a checkpoint, and end where a signal has asked for it."""
        self.hparams.random.gather()
        self.checkpointer.save(epoch, step, **meta)
        self.heed_signals(f"in epoch {epoch}, after {f'batch {step}' if step else 'all'}")

    def heed_signals(self, place: str) -> None:
        """End where a signal has asked for it, in whichever process; say at which place."""
        if caught := ranks.highest(next(iter(self.hparams.signals), 0)):
            log.info("stopped %s", place)
            leave([caught])

    def _step_schedule(self, valid_loss: float) -> None:
        if isinstance(self.lr_schedule, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.lr_schedule.step(valid_loss)
        elif self.lr_schedule:
            with warnings.catch_warnings():
                # Of a run that goes on after an epoch's last batch another process took the steps.
                warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step")
                self.lr_schedule.step()
