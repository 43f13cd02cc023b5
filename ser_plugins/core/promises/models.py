"""What every model promises."""

from collections.abc import Callable
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor
from torch.nn.parameter import is_lazy

from ..memory_format import lay_out
from .kit import BrokenPromiseError, expect, expect_close, noise, only_if, promise
from .modules import (
    expect_names,
    expect_no_hidden_tensor,
    expect_same_graph,
    expect_to_move,
    rebuild,
)

FEATURES, CLASSES, FRAMES = 40, 5, 120
Make = Callable[..., Any]


def built(make: Make) -> Any:
    """Return the model in eval mode, with statistics that are not those of its birth."""
    torch.manual_seed(0)
    model = make(FEATURES, CLASSES)
    model.train()
    with torch.no_grad():
        model(noise(4, FRAMES, FEATURES), torch.ones(4))
    return model.eval()


def lengths_of(model: Any) -> list[int]:
    """Return frame counts to try: the least, odd ones, and many."""
    least = getattr(model, "min_frames", 1)
    return sorted({least, least + 1, max(least, 7), max(least, 61), FRAMES})


@promise("models")
def eval_is_deterministic(make: Make) -> None:
    """In eval mode the same frames give the same logits."""
    model, feats = built(make), noise(2, FRAMES, FEATURES)
    same = torch.equal(model(feats, torch.ones(2)), model(feats, torch.ones(2)))
    hint = "two calls differ: draw nothing in eval mode, as by dropout with training=self.training"
    expect(same, hint)


@promise("models")
def any_length_gives_logits(make: Make) -> None:
    """Any number of frames from `min_frames` up gives finite logits [B, C]."""
    model = built(make)
    for n in lengths_of(model):
        logits = model(noise(2, n, FEATURES), torch.ones(2))
        found = f"2 rows of {n} frames gave {tuple(logits.shape)}"
        expect(logits.shape == (2, CLASSES), f"{found}; expected {(2, CLASSES)}, rows by classes")
        infinite = f"{n} frames gave logits that are not finite: divide by no variance or size of 0"
        expect(bool(logits.isfinite().all()), infinite)


@promise("models")
def logits_are_no_probabilities(make: Make) -> None:
    """It gives logits, and neither probabilities nor the logarithms of them."""
    logits = built(make)(noise(4, FRAMES, FEATURES), torch.ones(4)).detach()
    hint = "return logits: is there a softmax?"
    for what, sums in (("rows", logits.sum(1)), ("exponentials of rows", logits.exp().sum(1))):
        is_one = torch.allclose(sums, torch.ones(4), atol=1e-4)
        certain = what != "rows" or bool((logits >= 0).all())
        expect(not (is_one and certain), f"{what} sum to one: {hint}")


@promise("models")
def silence_gives_logits(make: Make) -> None:
    """Frames of zeros give finite logits."""
    logits = built(make)(torch.zeros(2, FRAMES, FEATURES), torch.ones(2))
    hint = "zeros gave logits that are not finite: divide by max(x, tiny), not by a variance of 0"
    expect(bool(logits.isfinite().all()), hint)


@promise("models")
def padding_changes_no_row(make: Make) -> None:
    """A row is the same alone and padded (unless `padding_safe` is declared false)."""
    model = built(make)
    only_if(getattr(model, "padding_safe", True), "it declares that padding_safe is false")
    feats = noise(2, FRAMES, FEATURES)
    for n in lengths_of(model):
        alone = model(feats[:1, :n], torch.ones(1))
        padded = torch.cat([feats[:1, :n], torch.zeros(1, FRAMES - n, FEATURES)], 1)
        both = torch.cat([padded, feats[1:]])
        in_batch = model(both, torch.tensor([n / FRAMES, 1.0]))
        expect_close(in_batch[:1], alone, f"{n} of {FRAMES} frames real: mask before you pool")


@promise("models")
def rows_are_independent(make: Make) -> None:
    """In eval mode a row does not depend on the other rows."""
    model, feats = built(make), noise(3, FRAMES, FEATURES)
    other = torch.cat([feats[:1], 10 * noise(2, FRAMES, FEATURES, seed=1)])
    found, wanted = model(other, torch.ones(3))[:1], model(feats, torch.ones(3))[:1]
    hint = "logits of row 0 beside other rows: take no mean or norm over the batch in eval mode"
    expect_close(found, wanted, hint)


@promise("models")
def every_parameter_gets_a_gradient(make: Make) -> None:
    """Each parameter that can be trained takes part in the logits."""
    model = built(make).train()
    lay_out(model)  # as core trains it
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for number, parameter in enumerate(trained.values()):  # a gate may begin at 0
            parameter.add_(noise(*parameter.shape, seed=number), alpha=0.01)
    model(noise(4, FRAMES, FEATURES), torch.ones(4)).square().sum().backward()
    dead = [n for n, p in trained.items() if p.grad is None or not p.grad.any()]
    hint = "use it in forward, take it out, or set requires_grad_(False)"
    expect(not dead, f"no gradient reaches {', '.join(dead)}: {hint}")


@promise("models")
def weights_survive_saving(make: Make) -> None:
    """The state_dict, through safetensors, makes another instance give the same logits."""
    model, feats = built(make), noise(2, FRAMES, FEATURES)
    state = {k: v.contiguous().clone() for k, v in model.state_dict().items()}
    torch.manual_seed(1)
    twin = make(FEATURES, CLASSES)
    twin.load_state_dict(load(save(state)))
    found, wanted = twin.eval()(feats, torch.ones(2)), model(feats, torch.ones(2))
    hint = "logits of a model and of one with its state_dict: register_buffer what else they need"
    expect_close(found, wanted, hint, 1e-6)


@promise("models")
def weights_may_lie_channels_last(make: Make) -> None:
    """The weights of its 2-D convolutions may lie channels-last in memory, as core lays them."""
    model, feats = built(make), noise(2, FRAMES, FEATURES)
    wanted = model(feats, torch.ones(2))
    lay_out(model)
    try:
        found = model(feats, torch.ones(2))
    except RuntimeError as error:
        hint = "take reshape or flatten in place of view"
        raise BrokenPromiseError(f"{error}: {hint}") from None
    expect_close(found, wanted, "logits once the weights lie channels-last: ask for no strides")


@promise("models")
def parameters_are_there_from_the_start(make: Make) -> None:
    """Every instance has the same parameters, some at least; no length of input adds any."""
    torch.manual_seed(0)
    model = make(FEATURES, CLASSES)
    before = _shapes(model)
    expect(bool(before), "it has no parameter; expected one that can be trained")
    another = "another instance has parameters of other names or shapes: draw none of these"
    expect(_shapes(make(FEATURES, CLASSES)) == before, another)
    for n in lengths_of(model):
        model.train()(noise(2, n, FEATURES), torch.ones(2))
        grown = f"a batch of {n} frames changed its parameters: make them all in __init__"
        expect(_shapes(model) == before, grown)


def _shapes(model: Any) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter by its name."""
    lazy = [n for n, p in model.named_parameters() if is_lazy(p)]
    expect(not lazy, f"{', '.join(lazy)} have no shape before the first batch: no lazy layers")
    return {n: tuple(p.shape) for n, p in model.named_parameters()}


@promise("models")
def it_moves_to_another_device(make: Make) -> None:
    """After `.to(device)`, tensors there give logits there, and the same ones."""
    expect_to_move(built(make), noise(2, FRAMES, FEATURES), torch.tensor([1.0, 0.6]))


@promise("models")
def no_tensor_is_hidden(make: Make) -> None:
    """Every tensor that it holds is a parameter or a buffer, so that it moves and is saved."""
    expect_no_hidden_tensor(make(FEATURES, CLASSES))


@promise("models")
def attention_sums_to_one(make: Make) -> None:
    """Attention, where it is offered, is a non-negative weight a step, summing to one."""
    model = built(make)
    only_if(hasattr(model, "attention"), "it has no attention")
    lengths = torch.tensor([1.0, 0.5])
    weights: Tensor = model.attention(noise(2, FRAMES, FEATURES), lengths)
    steps = -(-FRAMES // getattr(model, "stride", 1))
    expect(weights.shape == (2, steps), f"{tuple(weights.shape)}, not (2, {steps}): see `stride`")
    weights = weights.detach()
    least = f"the least weight is {float(weights.min()):.3g}; expected 0 or more, as of a softmax"
    expect(bool((weights >= 0).all()), least)
    hint = "sums of the weights over the steps: mask padding before the softmax"
    expect_close(weights.sum(1), torch.ones(2), hint)


@promise("models")
def what_was_heard_is_named(make: Make) -> None:
    """A model that was trained names the corpora in `trained_on`, as a tuple of names."""
    expect_names(make(FEATURES, CLASSES))


@promise("models")
def a_bundle_can_carry_it(make: Make) -> None:
    """`portable_options`, where they are offered, and the state_dict make the same logits."""
    model, feats = built(make), noise(2, FRAMES, FEATURES)
    only_if(hasattr(model, "portable_options"), "it offers no portable_options")
    twin = rebuild(make, model, FEATURES, CLASSES)
    hint = "logits of a twin by portable_options: they must hold every option that counts"
    expect_close(twin(feats, torch.ones(2)), model(feats, torch.ones(2)), hint, 1e-6)


@promise("models")
def what_declares_exportable_exports(make: Make) -> None:
    """A model that declares `exportable` becomes a graph, the same for every batch and length."""
    model = built(make)
    only_if(getattr(model, "exportable", False), "it does not declare exportable")
    sizes = ((3, 61), (1, FRAMES), (1, 1), (2, 7), (5, 30))
    expect_same_graph(
        model,
        [(noise(rows, n, FEATURES), torch.linspace(1, 0.3, rows)) for rows, n in sizes],
        ["logits"],
    )
