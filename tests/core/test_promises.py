"""The checks catch what they are for: each mutant breaks the promise that names it."""

import functools
import unittest

import pytest
import torch
from places import ROOT
from torch import nn

from ser_plugins import (
    Corpus,
    Fold,
    Protocol,
    Utterance,
    hookimpl,
    make_features,
    make_model,
    mask_frames,
    real_frames,
)
from ser_plugins.core import promises, registry
from ser_plugins.core.errors import InputError
from ser_plugins.core.graphs.export import is_exportable
from ser_plugins.core.promises import BrokenPromiseError, UntriedError, modules, partners
from ser_plugins.testing import promises_of


def broken(kind, make):
    """Return the names of the checks that fail."""
    names = set()
    for check in promises.checks(kind):
        try:
            check(make)
        except UntriedError as why:
            assert str(why)
        except BrokenPromiseError as error:
            assert str(error)
            names.add(check.__name__)
        except Exception:
            names.add(check.__name__)
    return names


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


class RandomInEval(Mean):
    def forward(self, feats, lengths):
        return nn.functional.dropout(super().forward(feats, lengths), 0.5, training=True)


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


@pytest.mark.parametrize(
    "honest",
    [Mean, Exportable, Carried, functools.partial(Carried, folder="here"), Counts, Recurrent],
)
def test_an_honest_model_breaks_nothing(honest):
    assert not broken("models", honest)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (PaddingSensitive, "padding_changes_no_row"),
        (DeadParameters, "every_parameter_gets_a_gradient"),
        (RandomInEval, "eval_is_deterministic"),
        (RowsMix, "rows_are_independent"),
        (Forgets, "weights_survive_saving"),
        (NanOnSilence, "silence_gives_logits"),
        (WildAttention, "attention_sums_to_one"),
        (HeardLetters, "what_was_heard_is_named"),
        (Lazy, "parameters_are_there_from_the_start"),
        (Grows, "parameters_are_there_from_the_start"),
        (Untrainable, "parameters_are_there_from_the_start"),
        (StaysBehind, "it_moves_to_another_device"),
        (ComesBack, "it_moves_to_another_device"),
        (HidesATensor, "no_tensor_is_hidden"),
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
    assert promise in broken("models", mutant)


class Features(nn.Module):
    """MFCC, to be mutated."""

    def __init__(self):
        super().__init__()
        self.inner = make_features("mfcc")
        self.n_features, self.hop = 40, self.inner.hop

    def __call__(self, wavs, lengths):
        return self.inner(wavs, lengths)


class BatchLevel(Features):
    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats / feats.abs().max(), lengths


class LogOfZero(Features):
    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats + wavs.abs().sum(1).log()[:, None, None], lengths


class OneFrameMore(Features):
    def __call__(self, wavs, lengths):
        feats, _ = self.inner(wavs, torch.ones_like(lengths))
        return nn.functional.pad(feats, (0, 0, 0, 1)), lengths


class HearsPadding(Features):
    def __call__(self, wavs, lengths):
        feats, relative = self.inner(wavs, lengths)
        loud = wavs.abs().amax(1)[:, None, None] * (feats != 0)
        return feats + loud, relative


class HeardLettersToo(Features):
    trained_on = "ravdess"


class LosesGainToo(Features):
    portable_options = {}

    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain

    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return self.gain * feats, lengths


class FreezesRowsToo(LosesGainToo):
    exportable = True

    def __call__(self, wavs, lengths):
        return super().__call__(torch.stack(list(wavs)), lengths)


class WindowStaysBehind(Features):
    def __init__(self):
        super().__init__()
        self.window = torch.ones(40)

    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats * self.window, lengths


class ThroughNumpy(Features):
    def __call__(self, wavs, lengths):
        return self.inner(torch.from_numpy(wavs.numpy()), lengths)


class NamesTwice(Features):
    names = ("energy",) * 40


class NamesTooFew(Features):
    names = ("energy", "pitch")


class NamesALetter(Features):
    names = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"


class Dithers(Features):
    def __call__(self, wavs, lengths):
        return self.inner(wavs + 1e-3 * torch.randn_like(wavs), lengths)


def test_honest_features_break_nothing():
    assert not broken("features", Features)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (BatchLevel, "a_clip_is_the_same_in_a_batch"),
        (LogOfZero, "silence_and_extremes_are_finite"),
        (OneFrameMore, "frames_are_counted_as_promised"),
        (HearsPadding, "padding_is_zeros_and_unheard"),
        (Dithers, "features_are_deterministic"),
        (HeardLettersToo, "what_was_heard_is_named"),
        (functools.partial(LosesGainToo, gain=3.0), "a_bundle_can_carry_it"),
        (FreezesRowsToo, "what_declares_exportable_exports"),
        (WindowStaysBehind, "it_moves_to_another_device"),
        (WindowStaysBehind, "no_tensor_is_hidden"),
        (ThroughNumpy, "it_moves_to_another_device"),
        (NamesTwice, "columns_are_named_apart"),
        (NamesTooFew, "columns_are_named_apart"),
        (NamesALetter, "columns_are_named_apart"),
    ],
)
def test_mutant_features_are_caught(mutant, promise):
    assert promise in broken("features", mutant)


class Loudness:
    """The smallest honest augmentation, to be mutated."""

    domain = "wave"

    def __call__(self, wavs, lengths, generators):
        return wavs * torch.cat([torch.rand(1, generator=g) for g in generators])[:, None], lengths


class Global(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs * torch.rand(len(wavs), 1), lengths


class Identity(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs.clone(), lengths


class InPlace(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs.mul_(torch.rand(1, generator=generators[0])), lengths


class OneForAll(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs * torch.rand(1, generator=generators[0]), lengths


class PowerOfSilence(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out / out.std(1, keepdim=True), lengths


class Doubles(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out.double(), lengths


class LongerUnsaid(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return nn.functional.pad(out, (0, 1000)), lengths


class ShorterUnsaid(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out, lengths / 2


class InSamples(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out, lengths * wavs.shape[1]


class NoDomain(Loudness):
    domain = "sound"


def test_an_honest_augmentation_breaks_nothing():
    assert not broken("augmentations", Loudness)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (Global, "same_numbers_same_sound"),
        (Identity, "other_numbers_other_sound"),
        (InPlace, "form_is_kept"),
        (OneForAll, "rows_are_drawn_alone"),
        (Doubles, "form_is_kept"),
        (LongerUnsaid, "lengths_fit_the_rows"),
        (ShorterUnsaid, "lengths_fit_the_rows"),
        (InSamples, "lengths_fit_the_rows"),
        (PowerOfSilence, "silence_stays_finite"),
        (NoDomain, "the_domain_is_known"),
    ],
)
def test_a_mutant_augmentation_is_caught(mutant, promise):
    assert promise in broken("augmentations", mutant)


def corpus(read=lambda root: [], labels=("sad", "angry"), protocols=(), **facts):
    wanted = {"speakers": 2, "size": 4, "url": "https://x.org", "licence": "CC0", **facts}
    return lambda: Corpus(read, labels, protocols=protocols, **wanted)


def protocol(name="p", valid="b", **facts):
    fold = Fold({"speaker": ["a"]}, {"speaker": [valid]})
    return Protocol(name, (fold,), facts.pop("labels", ("sad", "angry")), **facts)


def test_an_honest_corpus_breaks_nothing():
    assert not broken("datasets", corpus(protocols=(protocol(),)))


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (corpus(labels=("sad", "sad")), "facts_are_sane"),
        (corpus(size=1), "facts_are_sane"),
        (corpus(url=""), "facts_are_sane"),
        (corpus(sexes={"a": "female"}), "facts_are_sane"),
        (corpus(sexes={"b": "male", "c": "male"}, protocols=(protocol(),)), "protocols_are_sound"),
        (corpus(protocols=(protocol(shares=("speakers:valid",)),)), "protocols_are_sound"),
        (corpus(sexes={"a": "male", "c": "male"}, protocols=(protocol(),)), "protocols_are_sound"),
        (corpus(protocols=(protocol(sizes=((1, 1, 2), (1, 1, 2))),)), "protocols_are_sound"),
        (corpus(lambda root: [Utterance("1", root, "sad")]), "an_empty_folder_yields_nothing"),
        (corpus(protocols=(protocol(valid="a"),)), "protocols_are_sound"),
        (corpus(protocols=(protocol(shares=("speaker:test",)),)), "protocols_are_sound"),
        (corpus(protocols=(protocol(labels=("sad", "bored")),)), "protocols_are_sound"),
        (corpus(protocols=(protocol(), protocol())), "protocols_are_sound"),
        (
            corpus(embedded=True, obtain=lambda root: None, url=""),
            "what_is_embedded_is_complete",
        ),
    ],
)
def test_a_mutant_corpus_is_caught(mutant, promise):
    assert promise in broken("datasets", mutant)


def test_a_pair_that_padding_changes_is_caught():
    check = promises.checks("pipeline")[0]
    with pytest.raises(BrokenPromiseError):
        check(make_features_of_mfcc, PaddingSensitive)
    check(make_features_of_mfcc, lambda n, c: make_model("cnn_bigru", n, c, channels=(4, 8)))


def make_features_of_mfcc():
    return make_features("mfcc")


class Wrong:
    """A plugin whose model keeps one promise less, and has no attention."""

    @hookimpl
    def ser_models(self):
        return {"wrong": PaddingSensitive}


def test_a_report_has_a_state_and_a_hint_for_every_promise():
    registry.default().add(Wrong(), "wrong")
    found = {one.promise: one for one in promises.report("models", "wrong")}
    wanted = {check.__name__ for kind in ("models", "pipeline") for check in promises.checks(kind)}
    assert set(found) == wanted and all(one.says.endswith(".") for one in found.values())
    padding, attention = found["padding_changes_no_row"], found["attention_sums_to_one"]
    assert padding.state == promises.BROKEN and "mask before you pool" in padding.hint
    assert (attention.state, attention.hint) == (promises.UNTRIED, "it has no attention")
    assert found["padding_changes_no_probability"].state == promises.BROKEN
    assert found["a_bundle_gives_the_same"] == (
        "a_bundle_gives_the_same",
        "A bundle, written and read, gives the probabilities of what was trained.",
        promises.KEPT,
        "",
    )
    assert set(promises.run("models", "wrong")) == {
        one.promise for one in found.values() if one.state == promises.BROKEN
    }


def test_the_plainest_partners_are_honest_and_gone_afterwards():
    before = {kind: registry.default().names(kind) for kind in registry.KINDS}
    with partners.registered():
        assert promises.run("features", partners.FRAMES) == {}
    with partners.registered():
        assert promises.run("models", partners.MEAN) == {}
    assert before == {kind: registry.default().names(kind) for kind in registry.KINDS}


def test_an_unknown_name_is_no_broken_promise():
    with pytest.raises(InputError, match="no models plugin is called"):
        promises.report("models", "cnn_bigruu")


def test_a_folder_of_another_kind_is_an_option_of_the_plugin():
    for promise in promises.of("augmentations", "noise", folder="my_noises"):
        with pytest.raises(InputError, match="my_noises"):
            promise()


def test_pytest_is_loaded_for_tests_alone():
    package = ROOT / "ser_plugins"
    users = [p.name for p in package.rglob("*.py") if "import pytest" in p.read_text("utf-8")]
    assert users == ["testing.py"]


def test_a_case_that_does_not_apply_is_a_skip_with_its_reason():
    cases = promises_of("models", "pooled_linear").args[1]
    (case,) = [case.values[0] for case in cases if "attention" in case.id]
    with pytest.raises(unittest.SkipTest, match="it has no attention"):
        case()


def test_cases_have_names_and_take_options_late():
    cases = promises_of("models", "cnn_bigru", "pooled_linear", channels=(4, 8)).args[1]
    assert len({case.id for case in cases}) == len(cases)
    by_id = {case.id: case.values[0] for case in cases}
    case = by_id["cnn_bigru-padding_changes_no_row"]
    case(hidden=8)
    with pytest.raises(InputError, match="hiden"):
        case(hiden=8)


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
