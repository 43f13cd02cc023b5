"""What is drawn depends on seed, epoch and utterance, not on who stands beside it."""

import pytest
import torch

from ser_plugins.core.augment import Augment
from ser_plugins.core.errors import InputError, OptionError

IDS = ["a", "b", "c", "d"]


def wavs():
    return torch.randn(4, 4000, generator=torch.Generator().manual_seed(0))


def noisy(ids=IDS, epoch=1, seed=1, signal=None, **options):
    augment = Augment(["noise", "gain"], {"noise": options}, seed)
    signal = wavs() if signal is None else signal
    return augment("wave", signal, torch.ones(len(ids)), ids, epoch)[0]


def test_the_same_utterance_draws_the_same_in_any_batch():
    backwards = noisy(IDS[::-1], signal=wavs().flip(0)).flip(0)
    torch.testing.assert_close(noisy(), backwards)


def test_epoch_seed_and_id_each_draw_anew():
    for other in (noisy(epoch=2), noisy(seed=2), noisy(ids=["e", "f", "g", "h"])):
        assert not torch.allclose(noisy(), other)


def test_nothing_global_is_drawn_from():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    noisy()
    assert torch.equal(state, torch.get_rng_state())


def test_p_is_the_part_that_is_augmented():
    ids = [str(i) for i in range(400)]
    augment = Augment(["gain"], {"gain": {"p": 0.25}}, seed=0)
    out, _ = augment("wave", torch.ones(400, 8), torch.ones(400), ids, 1)
    changed = (out != 1).any(1).float().mean()
    assert 0.18 < changed < 0.32
    assert (noisy(p=0.0) / wavs()).std(1).max() < 1e-3  # gain alone is left


def test_a_domain_is_augmented_at_its_own_stage():
    augment = Augment(["noise", "spec_mask"], {}, seed=0)
    feats = torch.ones(4, 50, 20)
    assert (augment("feats", feats, torch.ones(4), IDS, 1)[0] == 0).any()
    out = augment("wave", wavs(), torch.ones(4), IDS, 1)[0]
    assert not (out == 0).any()


class Longer:
    """Doubles the length, for the test below."""

    domain = "wave"

    def __call__(self, wavs, lengths, generators):
        return torch.cat([wavs, torch.ones_like(wavs)], 1), (1 + lengths) / 2


def test_lengths_that_change_are_kept_straight():
    augment = Augment(["gain"], {"gain": {"low_db": 0, "high_db": 0}}, seed=0)
    augment.chain = [(0.5, Longer())]
    signal, lengths = torch.ones(8, 100), torch.full((8,), 0.5)
    signal[:, 50:] = 0
    out, relative = augment("wave", signal, lengths, [str(i) for i in range(8)], 1)
    real = (relative * out.shape[1]).round()
    assert set(real.tolist()) == {50.0, 150.0}
    for row, n in zip(out, real.int(), strict=True):
        assert not row[n:].any()


@pytest.mark.parametrize(
    "bad",
    [
        lambda wavs, lengths, generators: (wavs[:1], lengths[:1]),
        lambda wavs, lengths, generators: (wavs, lengths * 0),
        lambda wavs, lengths, generators: (wavs, lengths * float("nan")),
    ],
)
def test_a_result_of_another_form_is_never_broadcast(bad):
    augment = Augment(["gain"], {}, seed=0)
    bad.domain = "wave"
    augment.chain = [(1.0, bad)]
    with pytest.raises(OptionError, match="rows and features must stay"):
        augment("wave", wavs(), torch.ones(4), IDS, 1)


def test_bad_chains_are_refused():
    with pytest.raises(InputError, match="did you mean 'noise'"):
        Augment(["nois"], {}, 0)
    with pytest.raises(InputError, match="did you mean 'gain'"):
        Augment(["gain"], {"gian": {}}, 0)
    with pytest.raises(OptionError, match="augment_options.gain.p must be in"):
        Augment(["gain"], {"gain": {"p": 2}}, 0)
    with pytest.raises(OptionError, match="must be a mapping"):
        Augment([], {"gain": 3}, 0)
    with pytest.raises(OptionError, match="did you mean 'low_db'"):
        Augment([], {"gain": {"low_dbb": 3}}, 0)


def test_the_same_augmentation_twice_draws_twice():
    augment = Augment(["gain", "gain"], {}, seed=0)
    (_, first), (_, second) = augment.chain
    ones = torch.ones(4, 8)
    once = first(ones, torch.ones(4), [augment.generator(0, id, 1) for id in IDS])[0]
    again = second(ones, torch.ones(4), [augment.generator(1, id, 1) for id in IDS])[0]
    assert not torch.allclose(once, again)


def test_sound_is_augmented_in_full_precision_where_the_step_is_not():
    class Turn:
        domain = "wave"

        def __call__(self, wavs, lengths, generators):
            return wavs @ torch.full((4, 4), 1 / 3), lengths

    augment = Augment([], {}, seed=0)
    augment.chain = [(1.0, Turn())]
    given = "wave", torch.rand(2, 4), torch.ones(2), ["a", "b"], 1
    wanted, _ = augment(*given)
    with torch.autocast("cpu", torch.bfloat16):
        found, _ = augment(*given)
    assert torch.equal(found, wanted)
