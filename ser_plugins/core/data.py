"""Rows and decoded clips to padded batches of waveforms and targets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from speechbrain.dataio.batch import PaddedBatch
from speechbrain.dataio.dataloader import SaveableDataLoader
from torch.nn import functional as F
from torch.utils.data import Dataset, Sampler

from . import ranks, workers
from .clips import Clips
from .front_end import FrontEnd
from .lockbox import Lockbox
from .manifest import Row


class ClipDataset(Dataset):
    """Clips through the front end, with their targets.

    An item holds `id`, `sig` (`[L]` float32), `target` (`[C]` float32, one-hot), and `draw`: by
    what its augmentation is drawn, empty for a clip that is not augmented.

    Args:
        rows: the clips of one part.
        clips: their samples.
        front_end: what is done to them; measured here once, applied at each access.
        labels: class names in the order of their ids.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        clips: Clips | Lockbox,
        front_end: FrontEnd,
        labels: Sequence[str],
    ):
        self.clips, self.front_end = clips, front_end
        self.ids = [row["id"] for row in rows]
        ids = torch.tensor([labels.index(row["label"]) for row in rows], dtype=torch.long)
        self.targets = F.one_hot(ids, len(labels)).float()
        self.cuts = [front_end.measure(clips[id]) for id in self.ids]
        self.lengths = [last - first for first, last, _ in self.cuts]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> dict[str, Any]:
        wav = self.front_end.apply(self.clips[self.ids[i]], *self.cuts[i])
        return {**self.about(i), "sig": torch.from_numpy(wav)}

    def about(self, i: int) -> dict[str, Any]:
        """Return what is known of a clip, but for its sound."""
        return {"id": self.ids[i], "draw": self.ids[i], "target": self.targets[i]}


class Copied(Dataset):
    """Each clip of a dataset clean, and beside it copies that are augmented.

    Args:
        clips: a dataset whose items have an `id`.
        copies: how many of each clip.
    """

    def __init__(self, clips: Any, copies: int):
        self.clips = clips
        self.ids, self.lengths = clips.ids * (1 + copies), clips.lengths * (1 + copies)
        self.draws = [""] * len(clips)
        self.draws += [f"{id}#{copy + 1}" for copy in range(copies) for id in clips.ids]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> dict[str, Any]:
        return {**self.clips[i % len(self.clips)], "draw": self.draws[i]}


class LengthBuckets(Sampler[list[int]]):
    """Random batches of clips of like length, so that little of a batch is padding.

    The order depends on seed and epoch alone: a resumed run sees what it would have seen.
    Batches differ in size by one clip at most, so that no small one is left over. Each of several
    processes gets its share of every batch.

    Args:
        lengths: of the clips.
        batch_size: at most so many clips.
        seed: of the experiment.
        pool: sorted by length are so many batches at a time; the larger, the less padding and
            the less chance who meets whom. With 1, it is chance alone.

    >>> sorted(len(batch) for batch in LengthBuckets([5, 3, 4, 1, 2], batch_size=2, seed=0, pool=8))
    [1, 2, 2]
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int, pool: int):
        self.lengths = torch.tensor(lengths)
        self.seed, self.pool, self.epoch = seed, pool, 0
        self.n_batches = count_batches(len(lengths), batch_size)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes; the Brain calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.n_batches

    def __iter__(self) -> Iterator[list[int]]:
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.lengths), generator=random)
        batches = list(order.tensor_split(self.n_batches))
        for first in range(0, self.n_batches, self.pool):
            pool = batches[first : first + self.pool]
            clips = torch.cat(pool)
            ranked = clips[self.lengths[clips].argsort(stable=True)]
            batches[first : first + self.pool] = ranked.split([len(batch) for batch in pool])
        for i in torch.randperm(self.n_batches, generator=random):
            yield ranks.share(batches[i].tolist())


def count_batches(n: int, batch_size: int) -> int:
    """Return how many batches there are of n clips; the smallest has `n // n_batches`."""
    return -(-n // batch_size)


def training_loader(
    dataset: Any, hparams: Mapping[str, Any], device: str = "cpu"
) -> SaveableDataLoader:
    """Return shuffled batches; `loader.batch_sampler.set_epoch` says which epoch.

    Args:
        dataset: the clips.
        hparams: `batch_size`, `seed`, `bucket_batches` and `workers`.
        device: where they go.
    """
    size, seed, pool = (hparams[key] for key in ("batch_size", "seed", "bucket_batches"))
    sampler = LengthBuckets(dataset.lengths, size, seed, pool)
    return _loader(dataset, sampler, workers.count(hparams["workers"], device), device)


def ordered_loader(dataset: Any, batch_size: int) -> SaveableDataLoader:
    """Return the clips once each, shortest first."""
    return _loader(dataset, batch_sampler=_ordered(dataset, batch_size))


def shared_loader(dataset: Any, batch_size: int) -> SaveableDataLoader:
    """Return this process's share of the batches of `ordered_loader`, which may be none."""
    return _loader(dataset, batch_sampler=ranks.share(_ordered(dataset, batch_size)))


def _ordered(dataset: Any, batch_size: int) -> list[list[int]]:
    order = sorted(range(len(dataset)), key=lambda i: (dataset.lengths[i], dataset.ids[i]))
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def _loader(
    dataset: Any, batch_sampler: Any, beside: int = 0, device: str = "cpu"
) -> SaveableDataLoader:
    # A generator of its own: a loader without one draws from torch's global random numbers at
    # each start, and a resumed run would draw once more than an undisturbed one.
    own = {"batch_sampler": batch_sampler, "generator": torch.Generator().manual_seed(0)}
    if beside:
        pin = device.startswith("cuda")
        return workers.LoaderBeside(dataset, beside, pin_memory=pin, **own)
    return SaveableDataLoader(dataset, collate_fn=PaddedBatch, **own)
