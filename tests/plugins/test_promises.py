"""Every registered plugin keeps every promise of its kind, alone and together."""

import pytest

from ser_plugins.core import promises, registry

NAMES = registry.default().names
MODELS = {"cnn_bigru", "pooled_linear"} & set(NAMES("models"))  # with these, every features plugin
PAIRS = {(name, model) for name in NAMES("features") for model in MODELS}
PAIRS |= {("mfcc", model) for model in NAMES("models")}


@pytest.fixture
def ssl_options(checkpoints):
    return {"source": checkpoints["wavlm-layer"], "trained_on": ["heard"]}


NEEDS = {("features", "ssl"): "ssl_options"}  # fixtures of plugins that cannot be built without


@pytest.fixture
def subject(request):
    def make(kind, name):
        fixture = NEEDS.get((kind, name))
        options = request.getfixturevalue(fixture) if fixture else {}
        return promises.subject(kind, name, **options)

    return make


def cases(kind):
    for name in NAMES(kind):
        for check in promises.checks(kind):
            yield pytest.param(kind, name, check, id=f"{name}-{check.__name__}")


@pytest.mark.parametrize(
    ("kind", "name", "check"), [case for kind in registry.KINDS for case in cases(kind)]
)
def test_promise(kind, name, check, subject):
    check(subject(kind, name))


@pytest.mark.parametrize("check", promises.checks("pipeline"), ids=lambda check: check.__name__)
@pytest.mark.parametrize(("features", "model"), sorted(PAIRS))
def test_promise_of_features_and_model_together(features, model, check, subject):
    check(subject("features", features), subject("models", model))
