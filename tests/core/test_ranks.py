"""What processes tell each other, and the step that they take together, is that of one process."""

import copy

import pytest
import torch
from together import in_threads
from torch import nn

from ser_plugins.core import parallel, ranks
from ser_plugins.core.augment import Augment
from ser_plugins.core.data import LengthBuckets
from ser_plugins.core.errors import InputError, OptionError
from ser_plugins.core.nonfinite import LeftOut, NonFiniteError
from ser_plugins.core.random_state import RandomState
from ser_plugins.core.setup import check_shares

WORLDS = (1, 2, 3, 5)


def orders(n):
    def of(_):
        sampler = LengthBuckets(list(range(10, 47)), 10, seed=0, pool=8)
        sampler.set_epoch(3)
        return list(sampler)

    return in_threads(n, of)


@pytest.mark.parametrize("n", WORLDS)
def test_the_shares_are_the_batches_of_one_process(n):
    (alone,), together = orders(1), orders(n)
    for batch, shares in zip(alone, zip(*together, strict=True), strict=True):
        assert sorted(batch) == sorted(i for share in shares for i in share)
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("n", WORLDS)
def test_shares_are_put_together_again_in_order(n, count):
    def there_and_back(_):
        return ranks.gathered(ranks.share(list(range(count))))

    assert in_threads(n, there_and_back) == [list(range(count))] * n


@pytest.mark.parametrize("n", WORLDS)
def test_all_hear_the_same(n):
    def talk(rank):
        return ranks.highest(rank), ranks.from_main(f"I am {rank}"), ranks.mean(rank, rank + 1)[0]

    mean = sum(rank * (rank + 1) for rank in range(n)) / sum(rank + 1 for rank in range(n))
    assert in_threads(n, talk) == [(n - 1, "I am 0", pytest.approx(mean))] * n


def step(net, clips, targets):
    """Return the loss and gradients of a step with a process's share of the clips."""
    model, mine = copy.deepcopy(net), ranks.share(list(range(len(clips))))
    loss = nn.functional.cross_entropy(model["used"](clips[mine]), targets[mine])
    total, part = ranks.mean(loss.item(), len(mine))
    (loss * part).backward()
    parallel.merge(model, part)
    return total, [parameter.grad for parameter in model.parameters()]


@pytest.mark.parametrize("n", WORLDS)
def test_the_gradient_is_that_of_the_whole_batch_whatever_the_shares(n):
    net = nn.ModuleDict({"used": nn.Linear(3, 2), "unused": nn.Linear(3, 2)})
    given = net, torch.randn(7, 3), torch.rand(7, 2)
    ((loss, whole),) = in_threads(1, lambda _: step(*given))
    for total, found in in_threads(n, lambda _: step(*given)):
        assert total == pytest.approx(loss)
        for here, there in zip(found, whole, strict=True):
            assert (here is None) == (there is None)
            assert here is None or torch.allclose(here, there, atol=1e-6)
    assert whole[-1] is None


@pytest.mark.parametrize("n", WORLDS)
def test_a_fused_step_is_that_of_one_process_however_weights_lie_in_memory(n):
    net = nn.ModuleDict({"used": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))})
    net.to(memory_format=torch.channels_last)
    clips, targets = torch.randn(7, 3, 4, 4), torch.rand(7, 2)

    def take(_):
        mine = copy.deepcopy(net)
        optimizer = torch.optim.AdamW(mine.parameters(), fused=True)
        gradients = step(mine, clips, targets)[1]
        for parameter, gradient in zip(mine.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
        return [parameter.detach() for parameter in mine.parameters()]

    (alone,) = in_threads(1, take)
    for found in in_threads(n, take):
        for here, there in zip(found, alone, strict=True):
            assert torch.allclose(here, there, atol=1e-5)


def test_batch_statistics_that_are_kept_are_the_mean_over_all_clips():
    clips = torch.randn(5, 4)

    def keep(_):
        norm, mine = nn.BatchNorm1d(4, momentum=1.0), ranks.share(list(range(5)))
        norm(clips[mine])
        parallel.merge(norm, len(mine) / 5)
        return norm.running_mean, norm.running_var

    (mean, variance), (again, _) = in_threads(2, keep)
    within = (3 * clips[::2].var(0) + 2 * clips[1::2].var(0)) / 5
    assert torch.allclose(mean, clips.mean(0)) and torch.equal(mean, again)
    assert torch.allclose(variance, within)


def test_each_clip_is_augmented_as_in_one_process_whoever_has_it():
    ids, wavs = [f"clip{i}" for i in range(6)], torch.randn(6, 4000)
    augment = Augment(["noise"], {}, seed=1)

    def hear(_):
        mine = ranks.share(list(range(6)))
        return augment("wave", wavs[mine], torch.ones(len(mine)), [ids[i] for i in mine], 1)[0]

    (alone,), (first, second) = in_threads(1, hear), in_threads(2, hear)
    assert torch.allclose(alone[::2], first) and torch.allclose(alone[1::2], second)
    same_sound = augment("wave", wavs[:1].expand(2, -1), torch.ones(2), ids[:2], 1)[0]
    assert not torch.allclose(same_sound[0], same_sound[1])


def test_only_the_others_draw_new_random_numbers():
    def draw(only):
        torch.manual_seed(7)
        in_threads(3, lambda rank: parallel.draw_apart(7) if rank == only else None)
        return torch.rand(3).tolist()

    first, second, third = (draw(only) for only in range(3))
    torch.manual_seed(7)
    assert first == torch.rand(3).tolist()
    assert first != second != third != first
    assert second == draw(1)


def test_a_checkpoint_holds_the_random_state_of_every_process(tmp_path):
    def keep(rank):
        states = RandomState()
        states.gather()
        if rank == 0:
            states.save(tmp_path / "random")

    in_threads(2, keep)
    wanted = torch.rand(3)
    for only in range(2):
        torch.manual_seed(4)
        load(tmp_path / "random", only)
        assert torch.equal(torch.rand(3), wanted)


def test_a_process_that_was_not_there_keeps_its_own_random_state(tmp_path):
    RandomState().save(tmp_path / "random")
    torch.manual_seed(5)
    load(tmp_path / "random", only=1)
    found = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), found)


def load(path, only):
    """Load random states in the second or first of two processes; threads have one in common."""
    in_threads(2, lambda rank: RandomState().load(path, True) if rank == only else None)


def test_clips_of_all_shares_are_named_when_a_batch_is_left_out(caplog):
    def leave_out(rank):
        with LeftOut().unless_finite(nn.Linear(1, 1), ranks.share(["a", "b", "c"]), 1):
            raise NonFiniteError("the loss is nan")

    in_threads(2, leave_out)
    assert caplog.text.count("for the clips a, b, c") == 2


def test_what_differs_is_refused_in_all_processes():
    in_threads(3, lambda _: ranks.check_alike({"a": 1}, "they differ"))
    with pytest.raises(InputError, match="they differ"):
        in_threads(3, lambda rank: ranks.check_alike({"a": rank // 2}, "they differ"))


@pytest.mark.parametrize(("clips", "size", "n"), [(100, 2, 3), (5, 4, 3), (2, 32, 3)])
def test_batches_of_which_some_process_gets_none_are_refused(clips, size, n):
    check_shares(clips, size)
    with pytest.raises(OptionError, match="--batch_size .* processes"):
        in_threads(n, lambda _: check_shares(clips, size))


def test_one_gpu_for_all_is_refused(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for device, said in (("cuda:0", "take --device cuda"), ("cuda", "fewer than the processes")):
        with pytest.raises(OptionError, match=said):
            in_threads(2, lambda _, device=device: parallel.own_device(device))
    assert in_threads(2, lambda _: parallel.own_device("cpu")) == ["cpu", "cpu"]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert in_threads(2, lambda _: parallel.own_device("cuda")) == ["cuda:1", "cuda:1"]
    assert parallel.own_device("cuda:0") == "cuda:0"


def test_gpus_normalise_over_all_clips_and_cpus_over_their_own():
    def norms(device):
        module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        return [type(one) for one in parallel.share_norms(module, device)]

    assert in_threads(2, lambda _: norms("cuda"))[0] == [nn.Linear, nn.SyncBatchNorm]
    assert in_threads(2, lambda _: norms("cpu"))[0] == norms("cuda") == [nn.Linear, nn.BatchNorm1d]
