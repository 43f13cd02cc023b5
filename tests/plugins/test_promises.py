"""Every registered plugin keeps every promise of its kind, alone and together."""

import pytest

from ser_plugins.core import promises, registry

NAMES = registry.default().names


def cases(kind):
    for name in NAMES(kind):
        for check in promises.checks(kind):
            yield pytest.param(kind, name, check, id=f"{name}-{check.__name__}")


@pytest.mark.parametrize(
    ("kind", "name", "check"), [case for kind in registry.KINDS for case in cases(kind)]
)
def test_promise(kind, name, check):
    check(promises.subject(kind, name))


@pytest.mark.parametrize("check", promises.checks("pipeline"), ids=lambda check: check.__name__)
@pytest.mark.parametrize("model", NAMES("models"))
@pytest.mark.parametrize("features", NAMES("features"))
def test_promise_of_features_and_model_together(features, model, check):
    check(promises.subject("features", features), promises.subject("models", model))
