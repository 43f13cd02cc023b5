"""The checks of models catch what they are for: each mutant breaks the promise that names it."""

import functools

import pytest
import torch
from torch import nn
from trials import broken_by

from ser_plugins import mask_frames, real_frames
from ser_plugins.core.graphs.export import is_exportable
from ser_plugins.core.promises import BrokenPromiseError, UntriedError, models, modules


class Mean(nn.Module):
    """The smallest honest model, to be mutated."""

    def __init__(self, n_features=40, n_classes=5):
        super().__init__()
        self.linear = nn.Linear(n_features, n_classes)

    def forward(self, feats, lengths):
        frames = (lengths * feats.shape[1]).round()
        return self.linear(feats.sum(1) / frames[:, None])


class PaddingSensitive(Mean):
    def forward(self, feats, lengths):
        return self.linear(feats.mean(1))


class DeadParameters(Mean):
    def __init__(self, *args):
        super().__init__(*args)
        self.unused = nn.Linear(3, 3)


class TimesZero(DeadParameters):
    def forward(self, feats, lengths):
        return super().forward(feats, lengths) + 0 * self.unused(feats[:, 0, :3]).sum()


class RandomInEval(Mean):
    def forward(self, feats, lengths):
        return nn.functional.dropout(super().forward(feats, lengths), 0.5, training=True)


class Probabilities(Mean):
    def forward(self, feats, lengths):
        return super().forward(feats, lengths).softmax(1)


class LogProbabilities(Mean):
    def forward(self, feats, lengths):
        return super().forward(feats, lengths).log_softmax(1)


class RowsMix(Mean):
    def forward(self, feats, lengths):
        logits = super().forward(feats, lengths)
        return logits - logits.mean(0)


class Forgets(Mean):
    def __init__(self, *args):
        super().__init__(*args)
        self.scale = torch.rand(1)

    def forward(self, feats, lengths):
        return super().forward(feats, lengths) * self.scale


class NanOnSilence(Mean):
    def forward(self, feats, lengths):
        return super().forward(feats / feats.std((1, 2), keepdim=True), lengths)


class WildAttention(Mean):
    def attention(self, feats, lengths):
        return feats[..., 0].abs()


class HeardLetters(Mean):
    trained_on = "ravdess"


class Exportable(Mean):
    """Honest: its graph holds for every batch and length."""

    exportable = True

    def forward(self, feats, lengths):
        frames = real_frames(lengths, feats.shape[1])
        return self.linear(mask_frames(feats, frames).sum(1) / frames[:, None])


class FreezesRows(Exportable):
    def forward(self, feats, lengths):
        return super().forward(feats.reshape(len(feats), -1, 40), lengths)


class FreezesTime(Exportable):
    def forward(self, feats, lengths):
        return self.linear(feats.sum(1) / (lengths * int(feats.shape[1])).round()[:, None])


class NeedsMore(Exportable):
    min_frames = 5


class Lazy(Mean):
    def __init__(self, n_features=40, n_classes=5):
        super().__init__(n_features, n_classes)
        self.linear = nn.LazyLinear(n_classes)


class Grows(Mean):
    def forward(self, feats, lengths):
        self.register_parameter(f"seen_{feats.shape[1]}", nn.Parameter(torch.zeros(1)))
        return super().forward(feats, lengths)


class Untrainable(Mean):
    def __init__(self, *args):
        super().__init__(*args)
        self.requires_grad_(False)
        self.register_buffer("weight", self.linear.weight.detach().clone())
        del self.linear

    def forward(self, feats, lengths):
        return feats.mean(1) @ self.weight.T


class StaysBehind(Mean):
    def forward(self, feats, lengths):
        return super().forward(feats, lengths) + torch.zeros(5)


class ComesBack(Mean):
    def forward(self, feats, lengths):
        return super().forward(feats, lengths).cpu()


class HidesATensor(Mean):
    def __init__(self, *args):
        super().__init__(*args)
        self.parts = [{"window": torch.ones(40)}]

    def forward(self, feats, lengths):
        return super().forward(feats * self.parts[0]["window"].to(feats), lengths)


class HidesByItsName(HidesATensor):
    def __init__(self, *args):
        super().__init__(*args)
        self._buffers_mine = self.parts
        self.parts = ()

    def forward(self, feats, lengths):
        return self.linear((feats * self._buffers_mine[0]["window"].to(feats)).sum(1) / 9)


class Gated(Mean):
    """Honest: a gate that begins at 0 lets no gradient to what lies behind it at first."""

    def __init__(self, n_features=40, n_classes=5):
        super().__init__(n_features, n_classes)
        self.gate = nn.Parameter(torch.tensor(0.0))
        self.behind = nn.Linear(n_classes, n_classes)

    def forward(self, feats, lengths):
        logits = super().forward(feats, lengths)
        return logits + self.gate * self.behind(logits)


class Counts(Mean):
    """Honest: what it counts on the CPU comes from there, and goes where the frames are."""

    def forward(self, feats, lengths):
        frames = torch.tensor((lengths * feats.shape[1]).round().tolist()).to(feats)
        feats[:0] = 0
        return self.linear(feats.sum(1) / frames[:, None]) + 0 * feats.new_ones(()).item()


class Recurrent(Mean):
    """Honest, and packs its batch, whose lengths must lie on the CPU."""

    def __init__(self, n_features=40, n_classes=5):
        super().__init__(8, n_classes)
        self.gru = nn.GRU(n_features, 8, batch_first=True)

    def forward(self, feats, lengths):
        frames = (lengths * feats.shape[1]).round().long().cpu()
        pack = nn.utils.rnn.pack_padded_sequence
        packed = pack(feats, frames, batch_first=True, enforce_sorted=False)
        return self.linear(self.gru(packed)[1][0])


class Carried(Mean):
    """Honest: a folder gives its gain, a bundle carries it."""

    outside = ("folder",)

    def __init__(self, n_features=40, n_classes=5, folder=None, gain=2.0, hidden=3):
        super().__init__(n_features, hidden)
        self.gain, self.hidden = gain if folder is None else 5.0, hidden
        self.head = nn.Linear(hidden, n_classes)

    @property
    def portable_options(self):
        return {"gain": self.gain, "hidden": self.hidden}

    def forward(self, feats, lengths):
        return self.head(self.gain * super().forward(feats, lengths))


class LosesGain(Carried):
    portable_options = {"hidden": 3}


class BuildsAnother(Carried):
    portable_options = {"gain": 2.0, "hidden": 4}


class NoJson(Carried):
    portable_options = {"gain": torch.tensor(2.0)}


class NamesAFolder(Carried):
    portable_options = {"folder": "checkpoint"}


class Pictured(Mean):
    """Honest: a convolution over the spectrogram."""

    def __init__(self, n_features=40, n_classes=5):
        super().__init__(2 * n_features, n_classes)
        self.convolution = nn.Conv2d(1, 2, (1, 3), padding=(0, 1), bias=False)

    def forward(self, feats, lengths):
        return super().forward(self.flat(self.convolution(feats[:, None])), lengths)

    def flat(self, x):
        return x.transpose(1, 2).flatten(2)


class Viewed(Pictured):
    def flat(self, x):
        return (
            x.view(x.shape[0], -1, x.shape[3]).unflatten(1, x.shape[1:3]).transpose(1, 2).flatten(2)
        )


class Strided(Pictured):
    def flat(self, x):
        return super().flat(x) * (1 + x.is_contiguous())


FROM_FOLDER = functools.partial(Carried, folder="here")


@pytest.mark.parametrize(
    "honest", [Mean, Exportable, Carried, FROM_FOLDER, Counts, Gated, Recurrent, Pictured]
)
def test_an_honest_model_breaks_nothing(honest):
    assert not broken_by("models", honest)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (PaddingSensitive, "padding_changes_no_row"),
        (DeadParameters, "every_parameter_gets_a_gradient"),
        (TimesZero, "every_parameter_gets_a_gradient"),
        (RandomInEval, "eval_is_deterministic"),
        (Probabilities, "logits_are_no_probabilities"),
        (LogProbabilities, "logits_are_no_probabilities"),
        (RowsMix, "rows_are_independent"),
        (Forgets, "weights_survive_saving"),
        (NanOnSilence, "silence_gives_logits"),
        (WildAttention, "attention_sums_to_one"),
        (HeardLetters, "what_was_heard_is_named"),
        (Viewed, "weights_may_lie_channels_last"),
        (Strided, "weights_may_lie_channels_last"),
        (Lazy, "parameters_are_there_from_the_start"),
        (Grows, "parameters_are_there_from_the_start"),
        (Untrainable, "parameters_are_there_from_the_start"),
        (StaysBehind, "it_moves_to_another_device"),
        (ComesBack, "it_moves_to_another_device"),
        (HidesATensor, "no_tensor_is_hidden"),
        (HidesByItsName, "no_tensor_is_hidden"),
        (functools.partial(LosesGain, folder="here"), "a_bundle_can_carry_it"),
        (BuildsAnother, "a_bundle_can_carry_it"),
        (NoJson, "a_bundle_can_carry_it"),
        (NamesAFolder, "a_bundle_can_carry_it"),
        (FreezesRows, "what_declares_exportable_exports"),
        (FreezesTime, "what_declares_exportable_exports"),
        (NeedsMore, "what_declares_exportable_exports"),
    ],
)
def test_a_mutant_model_is_caught(mutant, promise):
    assert promise in broken_by("models", mutant)


def test_what_draws_in_eval_is_told_once():
    assert list(broken_by("models", RandomInEval)) == ["eval_is_deterministic"]


class AsksForADevice(Mean):
    """Honest, and does what no pretence of a device can."""

    def forward(self, feats, lengths):
        with torch.autocast(feats.device.type, enabled=False):
            return super().forward(feats, lengths)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU takes the place of the pretence")
def test_what_only_a_gpu_can_tell_is_untried():
    check = models.it_moves_to_another_device
    with pytest.raises(UntriedError, match="^cannot be tried without a GPU: RuntimeError"):
        check(AsksForADevice)


@pytest.mark.parametrize("declares", [{"padding_safe": False}, {"min_frames": 2}])
def test_what_no_graph_can_hold_breaks_the_promise_of_one(declares):
    model = Mean()
    model.exportable = True
    assert is_exportable(model)
    for name, value in declares.items():
        setattr(model, name, value)
    assert not is_exportable(model)
    with pytest.raises(BrokenPromiseError, match="a graph is given any length"):
        modules.expect_same_graph(model, [], ["logits"])
