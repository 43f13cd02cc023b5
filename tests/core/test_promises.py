"""Promises are tried, reported and parametrised alike for every kind of plugin."""

import logging
import re
import unittest

import pytest
from places import ROOT
from torch import nn
from trials import broken

from ser_plugins import hookimpl, make_features, make_model
from ser_plugins.core import promises, registry
from ser_plugins.core.errors import InputError
from ser_plugins.core.promises import BrokenPromiseError, partners
from ser_plugins.testing import promises_of


class HearsPadding(nn.Module):
    """The smallest model that does the commonest thing wrong."""

    def __init__(self, n_features=40, n_classes=5):
        super().__init__()
        self.linear = nn.Linear(n_features, n_classes)

    def forward(self, feats, lengths):
        return self.linear(feats.mean(1))


def test_a_pair_that_padding_changes_is_caught():
    check = promises.checks("pipeline")[0]
    with pytest.raises(BrokenPromiseError):
        check(make_features_of_mfcc, HearsPadding)
    check(make_features_of_mfcc, lambda n, c: make_model("cnn_bigru", n, c, channels=(4, 8)))


def make_features_of_mfcc():
    return make_features("mfcc")


class Wrong:
    """A plugin whose model keeps one promise less, and has no attention."""

    @hookimpl
    def ser_models(self):
        return {"wrong": HearsPadding}


def test_a_report_has_a_state_and_a_hint_for_every_promise():
    registry.default().add(Wrong(), "wrong")
    found = {one.promise: one for one in promises.report("models", "wrong")}
    kinds = ("building", "models", "pipeline")
    wanted = [check.__name__ for kind in kinds for check in promises.checks(kind)]
    assert list(found) == wanted and all(one.says.endswith(".") for one in found.values())
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


def test_every_check_is_collected_once_and_says_what_it_is_for():
    kinds = (*registry.KINDS, "building", "copies", "trees", "pipeline")
    every = [check for kind in kinds for check in promises.checks(kind)]
    assert len(set(every)) == len(every) > 50
    written = [
        name
        for path in (ROOT / "ser_plugins" / "core" / "promises").glob("*.py")
        for name in re.findall(r"^@promise\(.*\)\ndef (\w+)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(written) == len(every) and all(check.__doc__ for check in every)


def undefined(n_features, n_classes):
    raise NameError("name 'undefined' is not defined")


def needy(n_features, n_classes, width):
    return HearsPadding(n_features, n_classes)


class Plain:
    """No module, though it could be called as one."""

    def __init__(self, n_features, n_classes):
        self.inner = HearsPadding(n_features, n_classes)


class Unbuilt:
    """A plugin whose models cannot be built: each is told by one promise, the others are left."""

    @hookimpl
    def ser_models(self):
        return {"undefined": undefined, "needy": needy, "word": "cnn1d",
                "lacking": lambda n_features: HearsPadding(n_features), "plain": Plain}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("undefined", promises.BROKEN, "name 'undefined' is not defined"),
        ("needy", promises.UNTRIED, "it needs width: --options '{width: …}'"),
        ("lacking", promises.BROKEN, "no n_classes: take n_features and n_classes in __init__"),
        ("plain", promises.BROKEN, "it is a Plain: make it a torch.nn.Module"),
        ("word", promises.BROKEN, "it is 'cnn1d'; expected a class or a function that builds it"),
    ],
)
def test_what_cannot_be_built_is_tried_no_further(name, state, words):
    registry.default().add(Unbuilt(), "unbuilt")
    (outcome,) = promises.report("models", name)
    assert (outcome.promise, outcome.state) == ("it_can_be_built", state)
    assert outcome.hint.endswith(words)


def test_the_plainest_partners_are_honest_and_gone_afterwards():
    before = {kind: registry.default().names(kind) for kind in registry.KINDS}
    with partners.registered():
        assert not broken("features", partners.FRAMES)
    with partners.registered():
        assert not broken("models", partners.MEAN)
    with pytest.raises(KeyError), partners.registered():
        raise KeyError
    assert before == {kind: registry.default().names(kind) for kind in registry.KINDS}


def test_an_unknown_name_is_no_broken_promise():
    with pytest.raises(InputError, match="no model is called"):
        promises.report("models", "cnn_bigruu")


@pytest.mark.parametrize(
    ("kind", "name", "option", "words"),
    [
        ("models", "cnn_bigru", {"hiden": 8}, "did you mean 'hidden'"),
        ("datasets", "ravdess", {"seed": 1}, "takes no options"),
    ],
)
def test_an_option_that_it_does_not_take_is_no_broken_promise(kind, name, option, words):
    with pytest.raises(InputError, match=words):
        promises.report(kind, name, option)


def test_a_folder_of_another_kind_is_an_option_of_the_plugin(tmp_path):
    for promise in promises.of("augmentations", "noise", {"folder": "my_noises"}):
        with pytest.raises(InputError, match="my_noises"):
            promise()
    with pytest.raises(InputError, match="is of a corpus; noise is one of the augmentations"):
        promises.of("augmentations", "noise", folder=tmp_path)


def test_nothing_is_logged_while_a_promise_is_tried(caplog):
    promise = promises.of("models", "pooled_linear")[0]
    promise._replace(attempt=lambda make: logging.getLogger("ser_plugins").warning("odd"))()
    assert not caplog.messages
    logging.getLogger("ser_plugins").warning("meant")
    assert caplog.messages == ["meant"]


def test_pytest_is_loaded_for_tests_alone():
    package = ROOT / "ser_plugins"
    users = [p.name for p in package.rglob("*.py") if "import pytest" in p.read_text("utf-8")]
    assert users == ["testing.py"]


def test_a_case_that_does_not_apply_is_a_skip_with_its_reason():
    cases = promises_of("models", "pooled_linear").args[1]
    (case,) = [case.values[0] for case in cases if "attention" in case.id]
    with pytest.raises(unittest.SkipTest, match="it has no attention"):
        case()


def test_cases_have_names_and_take_options_early_and_late():
    early = promises_of("models", "cnn_bigru", options={"channels": (4, 8)}).args[1]
    assert early[0].values[0].subject(hidden=8).keywords == {"channels": (4, 8), "hidden": 8}
    cases = promises_of("models", "cnn_bigru", "pooled_linear").args[1]
    assert len({case.id for case in cases}) == len(cases)
    by_id = {case.id: case.values[0] for case in cases}
    case = by_id["cnn_bigru-padding_changes_no_row"]
    case(hidden=8, channels=(4, 8))
    with pytest.raises(InputError, match="hiden"):
        case(hiden=8)
