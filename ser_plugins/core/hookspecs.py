"""The four places where a plugin can attach. The docstrings are the contract.

Shapes: B batch, T samples, N frames, F features, C classes. `lengths` is relative, in (0, 1],
as everywhere in SpeechBrain; real samples are `round(lengths * T)`, real frames
`round(lengths * N)`. `core.promises` has one check for each promise made here.

`API` is the version of this contract and of the names in `ser_plugins`. A plugin states those that
it fits at its top level: `requires = ">=1.0,<2"`; without it, it is taken to fit. The second number
grows when something is added that a plugin may use: a hook, a name, a field of a record. The first
grows when something is changed or taken away that a plugin may rely on: what was right before may
then fail to load, or break a promise. Any other change leaves both alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pluggy

from .types import Corpus

PROJECT = "ser_plugins"
API = "1.0"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ser_datasets() -> Mapping[str, Corpus | Callable[..., Corpus]]:
    """Corpora by name, or factories of one that take `dataset_options`.

    Reading a folder opens no audio: names and texts alone say what there is. Ids are unique, and
    with their order the same wherever the folder lies and however a disk lists it; paths are
    relative to it. An empty folder yields nothing, and neither do stray files (`._x.wav`, texts);
    a second copy inside the first adds nothing, but where neither size nor labels are known. Every
    recording of a complete copy is sound that opens; what `protocols`, `sexes`, `size` and
    `speakers` say is true of it. `example` names a few files as a copy has them. What is
    `embedded` renders the same whole corpus each time.
    """
    raise NotImplementedError


@hookspec
def ser_features() -> Mapping[str, Callable[..., Any]]:
    """Factories of modules that turn waveforms into frames.

    The module has `n_features` and `hop` (samples; 0 for one vector a clip) and is called as
    `module(wavs [B, T], lengths [B]) -> (feats [B, N, F], lengths [B])`. A clip of L samples has
    `1 + L // hop` real frames, the same alone and in a batch; padding is zeros. A factory that
    takes `sample_rate` is given the experiment's. `names`, where it is there, says what each of the
    `n_features` columns is, in different words. A module that was trained says in `trained_on`
    the names of the corpora that it has heard: it is never tested on them. One whose calls can be
    traced into an ONNX graph, the same for every batch and length, declares `exportable = True`;
    torchaudio's spectrograms in it are replaced by what can be traced. Every tensor that it holds
    is a parameter or a buffer, so that it moves and is saved, and the same samples give the same
    frames.

    A factory names in `outside` those of its options that point out of a bundle: to a folder, to
    the network. Its modules then have `portable_options`, values of JSON that build the same
    architecture without those. A bundle holds these; one that names an option of `outside` is
    refused, so that loading opens nothing but the bundle.
    """
    raise NotImplementedError


@hookspec
def ser_models() -> Mapping[str, Callable[..., Any]]:
    """Factories, called with `n_features`, `n_classes` and `model_options`, of classifiers.

    The module is called as `module(feats [B, N, F], lengths [B]) -> logits [B, C]`, for any N
    from `min_frames` (default 1) up. A row does not depend on the padding after it nor, in eval
    mode, on other rows; a network that cannot keep this declares `padding_safe = False`, and
    core gives it equal lengths together, but in training. One that attends has a method
    `attention(feats, lengths) -> weights [B, N']`, whose rows sum to one, and says in `stride`
    (default 1) how many frames a step covers. One that is a linear layer `head` on
    `statistics(feats, lengths) -> [B, S]` can be fitted as an SVM. One that brings back faults of
    its publication names them in `faults`, and is trained under `leaky-` protocols only.
    `trained_on`, `outside`, `portable_options`, `exportable` and what holds tensors are as for
    features; parameters are there from the start, none is lazy, and each takes part in the logits.
    What is exported is padding-safe and takes a single frame. Core lays the weights of 2-D
    convolutions out channels-last, so that what they give takes `flatten`, but no `view`.
    """
    raise NotImplementedError


@hookspec
def ser_augmentations() -> Mapping[str, Callable[..., Any]]:
    """Factories of random transforms, used in training only.

    The object has `domain`, `"wave"` or `"feats"`, and is called as
    `augment(signal [B, T] or [B, N, F], lengths [B], generators) -> (signal, lengths)` with one
    `torch.Generator` a row: the same generators give the same sound. Core draws which rows are
    augmented (the option `p`), keeps padding zero, and seeds by (seed, epoch, utterance). One that
    draws from recordings names their folders in `folders`: they must lie apart from the corpus.
    """
    raise NotImplementedError
