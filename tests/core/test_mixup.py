"""Blends are convex, of two clips of the batch, and the same whenever the same clips meet."""

import pytest
import torch

from ser_plugins.core.mixup import Mixup

IDS = [f"clip{i}" for i in range(8)]


def batch():
    """Return frames that tell whose they are, lengths, and targets."""
    frames = torch.eye(8)[:, None, :].repeat(1, 5, 1)
    return frames, torch.linspace(0.3, 1, 8), torch.eye(8)


def mixed(alpha=0.4, seed=1, ids=IDS, epoch=1):
    return Mixup(alpha, seed)(*batch(), ids, epoch)


def test_targets_are_blended_as_the_frames_are():
    feats, _, targets = mixed()
    torch.testing.assert_close(feats[:, 0], targets)
    torch.testing.assert_close(targets.sum(1), torch.ones(8))
    assert (targets >= 0).all()


def test_everybody_meets_one_other():
    _, _, targets = mixed(alpha=5.0)
    assert ((targets > 0).sum(1) == 2).all() and (targets.diagonal() > 0).all()
    assert ((targets > 0).sum(0) == 2).all()


def test_a_blend_is_as_long_as_the_longer_of_its_two():
    _, lengths, targets = mixed(alpha=5.0)
    for length, target in zip(lengths, targets, strict=True):
        assert length == batch()[1][target > 0].max()


def test_the_same_clips_blend_alike_in_any_order():
    again = Mixup(0.4, 1)(*(part.flip(0) for part in batch()), IDS[::-1], 1)
    for there, here in zip(again, mixed(), strict=True):
        torch.testing.assert_close(there.flip(0), here)


@pytest.mark.parametrize("change", [{"seed": 2}, {"epoch": 2}, {"ids": [f"x{i}" for i in IDS]}])
def test_seed_epoch_and_id_each_draw_anew(change):
    assert not torch.equal(mixed()[2], mixed(**change)[2])


def test_the_share_follows_the_beta_distribution():
    ids = [str(i) for i in range(2000)]
    once = torch.ones(2000, 1, 1), torch.ones(2000), torch.eye(2)[[0]].repeat(2000, 1)
    shares = torch.tensor([Mixup(0.2, 0)._draw(id, 1)[1] for id in ids])
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / (4 * (2 * 0.2 + 1)), rel=0.05)
    torch.testing.assert_close(Mixup(0.2, 0)(*once, ids, 1)[2], once[2])


def test_a_clip_does_not_meet_its_own_copy_more_than_others():
    """The loop gives copies keys of their own: equal ones would be neighbours."""
    feats, lengths, targets = batch()
    again = [f"{id}#1" for id in IDS[:4]]
    _, _, mixed = Mixup(5.0, 3)(feats, lengths, targets, [*IDS[:4], *again], 1)
    met = (mixed > 0).float()
    own = sum(bool(met[i, i + 4]) for i in range(4))
    assert own < 4 and (met.sum(1) == 2).all()


def test_alpha_zero_blends_nothing_and_one_clip_meets_itself():
    for found, given in zip(mixed(alpha=0.0), batch(), strict=True):
        assert torch.equal(found, given)
    feats, lengths, targets = (part[:1] for part in batch())
    torch.testing.assert_close(Mixup(0.4, 1)(feats, lengths, targets, ["a"], 1)[0], feats)
