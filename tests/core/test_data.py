"""Batches of like length, the same for the same seed and epoch."""

import random

import pytest

from ser_plugins.core.data import LengthBuckets, training_loader


def lengths(n=500):
    return [100 + (i * 7919) % 900 for i in range(n)]


@pytest.mark.parametrize("pool", [1, 8])
@pytest.mark.parametrize("size", [1, 2, 5, 32])
@pytest.mark.parametrize("n", [1, 2, 3, 17, 33, 257, 293, 1020])
def test_every_clip_comes_once_in_batches_of_even_size(n, size, pool):
    sampler = LengthBuckets(lengths(n), size, seed=0, pool=pool)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert sorted(i for batch in batches for i in batch) == list(range(n))
    sizes = {len(batch) for batch in batches}
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1


def test_the_order_depends_on_seed_and_epoch_alone():
    def order(seed, epoch):
        sampler = LengthBuckets(lengths(), 32, seed, pool=8)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 1) == order(1, 1)
    assert order(1, 1) != order(1, 2) and order(1, 1) != order(2, 1)


def test_little_of_a_batch_is_padding():
    sizes = lengths()

    def padded(batches):
        return sum(max(sizes[i] for i in b) * len(b) for b in batches) / sum(sizes)

    shuffled = list(range(500))
    random.Random(0).shuffle(shuffled)
    assert padded(LengthBuckets(sizes, 32, seed=0, pool=8)) < 1.12
    assert padded(LengthBuckets(sizes, 32, seed=0, pool=1)) > 1.5
    assert padded([shuffled[i : i + 32] for i in range(0, 500, 32)]) > 1.5


def test_without_buckets_lengths_have_no_say_in_who_meets_whom():
    even, uneven = ([*LengthBuckets(of, 32, seed=0, pool=1)] for of in ([5] * 500, lengths()))
    assert [sorted(batch) for batch in even] == [sorted(batch) for batch in uneven]


def test_an_experiment_says_how_its_batches_are_drawn():
    class Clips:
        lengths = lengths()

    hparams = {"batch_size": 20, "seed": 3, "bucket_batches": 2, "workers": None}
    assert [*training_loader(Clips(), hparams).batch_sampler] == [
        *LengthBuckets(lengths(), 20, 3, 2)
    ]
