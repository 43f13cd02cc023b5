"""What a plugin of any kind promises before all else: that it can be built."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from .. import about, build, registry
from ..errors import OptionError
from ..types import Corpus
from .kit import expect, only_if, promise

Options = Mapping[str, Any]
NEEDED = {"models": ("n_features", "n_classes")}
GIVEN = {"models": about.COUNTED_WITH}
MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def built(kind: str, make: Callable[..., Any]) -> Any:
    """Return what a callable builds; a model takes `GIVEN` features and labels."""
    return make(*GIVEN.get(kind, ()))


@promise("building")
def it_can_be_built(make: functools.partial[Any], kind: str) -> None:
    """It can be built."""
    name: str = make.args[0]
    factory = registry.default().get(kind, name)
    expected = "expected a class or a function that builds it"
    expect(callable(factory) or isinstance(factory, Corpus), f"it is {factory!r}; {expected}")
    parameters = {p.name: p.kind for p in about.about(kind, name).parameters}
    missed = [n for n in NEEDED.get(kind, ()) if parameters and n not in parameters]
    takes = f"it takes no {' and no '.join(missed)}: take n_features and n_classes in __init__"
    expect(not missed or inspect.Parameter.VAR_KEYWORD in parameters.values(), takes)
    try:
        found = built(kind, make)
    except OptionError as error:
        lacks = lacking(kind, name, make.keywords, error.__cause__)
        only_if(not lacks, lacks)
        raise
    is_module = kind not in ("features", "models") or isinstance(found, nn.Module)
    expect(is_module, f"it is a {type(found).__name__}: make it a torch.nn.Module")


def lacking(kind: str, name: str, options: Options, cause: BaseException | None) -> str:
    """Return what a plugin cannot be built without; empty where that is not why it failed."""
    own = about.about(kind, name).options
    needed = [p.name for p in own if p.default is p.empty and p.kind not in MANY]
    if missing := [name for name in needed if name not in options]:
        shown = ", ".join(f"{name}: …" for name in missing)
        return f"it needs {', '.join(missing)}: --options '{{{shown}}}'"
    if not isinstance(cause, ValueError):
        return ""
    names = ", ".join(p.name for p in own)
    return f"{cause}; --options '{{NAME: VALUE}}' sets one of: {names}"


def refuse_strange(kind: str, name: str, options: Options) -> None:
    """Refuse options that a plugin does not take: that is no fault of the plugin's.

    Raises:
        OptionError: with the nearest that it takes.
    """
    factory, one = registry.default().get(kind, name), about.about(kind, name)
    if isinstance(factory, Corpus):
        build.get_dataset(name, **options)
    elif one.parameters:
        by_core = {p.name for p in one.parameters} - {p.name for p in one.options}
        build.check_options(f"{kind} plugin {name!r}", factory, options, by_core)
