"""Where the time of a training step goes."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import speechbrain as sb
import torch

from ser_plugins.core.data import training_loader
from ser_plugins.core.gradient import make_brain
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.listening import listen, training_clips
from ser_plugins.core.prepare import Material
from ser_plugins.core.run import RunFolder
from ser_plugins.core.setup import assemble

from .machine import count_operations
from .stopwatch import REST, Stopwatch

STAGES = ("load", "augment", "features", "forward", "backward", "optimiser", REST)
Batch = tuple[torch.Tensor, ...]


class Job(NamedTuple):
    """An experiment that is ready to train.

    Args:
        brain: the training loop.
        loader: of the training part.
        material: the fold.
        seconds: of sound in the training part.
        precision: in which it trains.
    """

    brain: Any
    loader: Any
    material: Material
    seconds: float
    precision: str

    @property
    def device(self) -> str:
        """Return where it trains."""
        return str(self.brain.device)


def make_job(experiment: Experiment, folder: Path) -> Job:
    """Return an experiment, its corpus read and its frames heard.

    Args:
        experiment: what is trained.
        folder: where its run would lie.
    """
    setup = assemble(experiment)
    heard = listen(setup, training_clips(setup))
    folder.mkdir(parents=True)
    brain, hparams = make_brain(setup, RunFolder(folder)), setup.hparams
    loader = training_loader(heard["train"], hparams, setup.device)
    seconds = sum(heard["train"].lengths) / hparams["sample_rate"]
    brain.on_fit_start()
    brain.hparams.epoch_counter.current = 1
    return Job(brain, loader, setup.material, seconds, hparams["precision"])


def epoch(job: Job, watch: Stopwatch) -> float:
    """Train one epoch; return its seconds. `watch` knows those of each stage."""
    brain = job.brain
    brain.on_stage_start(sb.Stage.TRAIN, 1)
    brain.modules.train()
    with watched(brain, watch):
        watch.start()
        batches = iter(job.loader)
        while (batch := _next(batches, watch)) is not None:
            brain.fit_batch(batch)
        return watch.stop()


def _next(batches: Iterator[Any], watch: Stopwatch) -> Any:
    with watch.stage("load"):
        return next(batches, None)


@contextmanager
def watched(brain: Any, watch: Stopwatch) -> Iterator[None]:
    """Give the time of each part of a step to its stage."""
    classifier, hparams = brain.modules.classifier, brain.hparams
    parts = [
        (hparams, "augment", "augment"),
        (hparams, "mixup", "augment"),
        (classifier, "frames", "features"),
        (classifier.normalize, "forward", "features"),  # of frames that were heard before
        (classifier, "classify", "forward"),
        (brain, "compute_objectives", "forward"),
        (torch.Tensor, "backward", "backward"),
        (brain, "optimizers_step", "optimiser"),
    ]
    with ExitStack() as stack:
        for owner, name, stage in parts:
            timed = watch.timed(getattr(owner, name), stage)
            stack.enter_context(patch.object(owner, name, timed))
        yield


def batches_in_memory(job: Job) -> list[Batch]:
    """Return the frames, lengths and targets of one epoch, augmented."""
    ready, brain = [], job.brain
    for batch in job.loader:
        with torch.no_grad():
            batch = batch.to(brain.device)
            feats, lengths = brain.hear(batch, brain.modules.classifier, training=True)
        feats, lengths = brain.hparams.augment("feats", feats, lengths, batch.draw, 1)
        ready.append((feats, lengths, batch.target.data))
    return ready


def bare_epoch(job: Job, ready: Sequence[Batch], watch: Stopwatch) -> float:
    """Run forward, backward and step over batches that are ready; return the seconds."""
    model = job.brain.modules.classifier.train()
    optimizer = job.brain.opt_class(model.parameters())
    watch.start()
    for batch in ready:
        optimizer.zero_grad()
        bare_step(job, batch)
        optimizer.step()
    return watch.stop()


def bare_step(job: Job, batch: Batch) -> None:
    """Run one batch forward and backward."""
    feats, lengths, targets = batch
    with job.brain.rounding():
        with job.brain.training_ctx:
            logits = job.brain.modules.classifier.classify(feats, lengths)
        torch.nn.functional.cross_entropy(logits.float(), targets).backward()


def operations(job: Job, ready: Sequence[Batch]) -> float:
    """Return the floating point operations of a step, the mean of all."""
    found = [count_operations(lambda batch=batch: bare_step(job, batch)) for batch in ready]
    return statistics.fmean(found)


def alternate(actions: Sequence[Callable[[], float]], rounds: int) -> list[list[float]]:
    """Return what each action returns in each round; they take turns, after one that warms up."""
    turns: list[list[float]] = [[] for _ in actions]
    for number in range(rounds + 1):
        for action, seconds in zip(actions, turns, strict=True):
            found = action()
            if number:
                seconds.append(found)
    return turns
