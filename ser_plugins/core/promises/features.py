"""What every kind of features promises."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .kit import expect, expect_close, noise, only_if, promise
from .modules import (
    expect_names,
    expect_no_hidden_tensor,
    expect_same_graph,
    expect_to_move,
    rebuild,
)

SAMPLES = 8000
Make = Callable[..., Any]


def one(module: Any, wav: Tensor) -> Tensor:
    """Return the frames of one clip `[L]` as `[N, F]`."""
    return module(wav[None], torch.ones(1))[0][0]


def sizes(module: Any) -> list[int]:
    """Return sample counts around the edges of a frame."""
    hop = module.hop or 160
    return [1, 2, hop - 1, hop, hop + 1, SAMPLES]


@promise("features")
def frames_are_counted_as_promised(make: Make) -> None:
    """L samples give 1 + L // hop frames of `n_features` (one, where hop is 0)."""
    module = make()
    for n in sizes(module):
        frames = 1 + n // module.hop if module.hop else 1
        found = tuple(one(module, noise(n)).shape)
        wanted = (frames, module.n_features)
        expect(found == wanted, f"{n} samples gave {found}; expected {wanted}: see `hop`")


@promise("features")
def a_clip_is_the_same_in_a_batch(make: Make) -> None:
    """A clip gives the same frames alone and beside a longer and louder one."""
    module, loud = make(), 100 * noise(SAMPLES, seed=1)
    for n in sizes(module):
        wav = noise(n)
        batch = torch.stack([torch.cat([wav, torch.zeros(SAMPLES - n)]), loud])
        feats, lengths = module(batch, torch.tensor([n / SAMPLES, 1.0]))
        alone = one(module, wav)
        real = round(float(lengths[0]) * feats.shape[1])
        expect(real == len(alone), f"{n} samples: {real} frames in a batch, {len(alone)} alone")
        expect_close(feats[0, :real], alone, f"{n} samples: take no level or floor over a batch")


@promise("features")
def padding_is_zeros_and_unheard(make: Make) -> None:
    """Frames of padding are zeros, and what the padding holds is not heard."""
    module, wavs = make(), noise(2, SAMPLES)
    wavs[0, SAMPLES // 2 :] *= 10
    lengths = torch.tensor([0.5, 1.0])
    feats, relative = module(wavs, lengths)
    real = round(float(relative[0]) * feats.shape[1])
    expect(not feats[0, real:].any(), "frames beyond the clip must be zeros: use mask_frames")
    hint = "frames beside what padding holds: call mask_frames on wavs before framing"
    expect_close(feats[0, :real], one(module, wavs[0, : SAMPLES // 2]), hint)


@promise("features")
def silence_and_extremes_are_finite(make: Make) -> None:
    """Silence, a constant, and full-scale noise give finite frames."""
    module = make()
    hint = "frames are not finite: divide by max(x, tiny), and take the logarithm of it"
    for wav in (torch.zeros(SAMPLES), torch.ones(SAMPLES), noise(SAMPLES).sign(), torch.zeros(1)):
        expect(bool(one(module, wav).isfinite().all()), hint)


@promise("features")
def features_are_deterministic(make: Make) -> None:
    """The same samples give the same frames, also from another instance."""
    wav = noise(SAMPLES)
    hint = "two instances gave other frames: draw nothing, weights by a seed; noise is augmentation"
    expect(torch.equal(one(make(), wav), one(make(), wav)), hint)


@promise("features")
def it_moves_to_another_device(make: Make) -> None:
    """After `.to(device)`, tensors there give frames there, and the same ones."""
    expect_to_move(make(), noise(2, SAMPLES), torch.tensor([1.0, 0.6]))


@promise("features")
def no_tensor_is_hidden(make: Make) -> None:
    """Every tensor that it holds is a parameter or a buffer, so that it moves with it."""
    expect_no_hidden_tensor(make())


@promise("features")
def columns_are_named_apart(make: Make) -> None:
    """`names`, where it is there, is a sequence of `n_features` different words."""
    module = make()
    only_if(hasattr(module, "names"), "it has no names")
    names = module.names
    expect(isinstance(names, list | tuple), f"names is {names!r}; expected a list or tuple")
    strange = [name for name in names if not isinstance(name, str) or not name]
    expect(not strange, f"names hold {strange!r}; expected words")
    found = f"{len(set(names))} different names for {module.n_features} features: one for each"
    expect(len(set(names)) == len(names) == module.n_features, found)


@promise("features")
def what_was_heard_is_named(make: Make) -> None:
    """A module that was trained names the corpora in `trained_on`, as a tuple of names."""
    expect_names(make())


@promise("features")
def a_bundle_can_carry_it(make: Make) -> None:
    """`portable_options`, where they are offered, and the state_dict make the same frames."""
    module, wav = make(), noise(SAMPLES)
    only_if(hasattr(module, "portable_options"), "it offers no portable_options")
    twin = rebuild(make, module)
    hint = "frames of a twin by portable_options: they must hold every option that counts"
    expect_close(one(twin, wav), one(module.eval(), wav), hint, 1e-6)


@promise("features")
def what_declares_exportable_exports(make: Make) -> None:
    """Features that declare `exportable` become a graph, the same for every batch and length."""
    module = make()
    only_if(getattr(module, "exportable", False), "it does not declare exportable")
    shapes = ((3, 5000), (1, SAMPLES), (1, 1), (2, (module.hop or 160) - 1), (4, 1777))
    expect_same_graph(
        module,
        [(noise(rows, n), torch.linspace(1, 0.3, rows)) for rows, n in shapes],
        ["feats", "relative"],
    )
