"""Names and options in, objects out; every option is checked against its factory's signature."""

import inspect
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from . import exits, registry
from .errors import OptionError
from .types import Corpus
from .words import nearest

_sealed: ContextVar[bool] = ContextVar("sealed", default=False)
_used: ContextVar[list[tuple[str, str]] | None] = ContextVar("used", default=None)


@contextmanager
def sealed() -> Iterator[None]:
    """Refuse, while it lasts, every option that a factory takes from outside of a bundle.

    It holds for what a plugin makes in turn, however deep.
    """
    token = _sealed.set(True)
    try:
        yield
    finally:
        _sealed.reset(token)


@contextmanager
def noting() -> Iterator[list[tuple[str, str]]]:
    """Give a list of the kind and name of every plugin that is made while it lasts."""
    found: list[tuple[str, str]] = []
    token = _used.set(found)
    try:
        yield found
    finally:
        _used.reset(token)


def get_dataset(name: str, /, **options: Any) -> Corpus:
    """Return the corpus of a registered dataset, made with `dataset_options` where it takes any.

    >>> get_dataset("ravdess").size
    1440
    """
    found = registry.default().get("datasets", name)
    if not isinstance(found, Corpus):
        return make("datasets", name, options)
    if options:
        raise OptionError(f"dataset {name!r} takes no options, but was given {sorted(options)}")
    return found


def make_features(name: str, sample_rate: int = 16000, /, **options: Any) -> Any:
    """Build a registered front end for audio at `sample_rate` Hz.

    >>> make_features("mfcc", n_mfcc=20).n_features
    20
    """
    factory = registry.default().get("features", name)
    given = {"sample_rate": sample_rate} if "sample_rate" in parameters(factory) else {}
    return make("features", name, options, **given)


def make_model(name: str, n_features: int, n_classes: int, /, **options: Any) -> Any:
    """Build a registered classifier of `n_features` inputs a frame and `n_classes` logits."""
    return make("models", name, options, n_features=n_features, n_classes=n_classes)


def make_augmentation(name: str, sample_rate: int = 16000, /, **options: Any) -> Any:
    """Build a registered augmentation for audio at `sample_rate` Hz."""
    factory = registry.default().get("augmentations", name)
    given = {"sample_rate": sample_rate} if "sample_rate" in parameters(factory) else {}
    return make("augmentations", name, options, **given)


def make(kind: str, name: str, options: Mapping[str, Any], /, **given: Any) -> Any:
    """Call a registered factory with options of the user's and arguments of core's.

    Raises:
        OptionError: for an option that the factory does not take, or a value it refuses.
    """
    factory = registry.default().get(kind, name)
    if (used := _used.get()) is not None:
        used.append((kind, name))
    beyond = sorted(set(getattr(factory, "outside", ())) & set(options))
    if beyond and _sealed.get():
        raise OptionError(
            f"{kind} plugin {name!r} takes {', '.join(beyond)} from outside of the bundle; a "
            "bundle must hold all that it needs, and `portable_options` in its place"
        )
    check_options(f"{kind} plugin {name!r}", factory, options, reserved=given)
    try:
        with exits.refused():
            return factory(**given, **options)
    except Exception as error:
        raise OptionError(f"{kind} plugin {name!r} with {dict(options)}: {error!r}") from error


def check_options(
    owner: str,
    factory: Callable[..., Any],
    options: Mapping[str, Any],
    reserved: Container[str],
) -> None:
    """Refuse options that a factory does not name, with the nearest that it does."""
    known = parameters(factory)
    if any(p.kind is p.VAR_KEYWORD for p in known.values()):
        return
    legal = [name for name in known if name not in reserved]
    for option in options:
        if option not in legal:
            hint = nearest(str(option), legal)
            takes = ", ".join(legal) or "none"
            raise OptionError(f"{owner} has no option {option!r}; its options: {takes}{hint}")


def parameters(factory: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a factory by name."""
    return inspect.signature(factory).parameters
