"""Exports a trained system as one ONNX graph, and compares the two on recordings."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch

from ..audio import Wav
from ..bundle import Bundle, versions
from ..errors import OptionError
from ..extras import need
from ..systems import System
from .system import CONFIG_KEY, FORMAT, FORMAT_KEY, INPUTS, OUTPUT

EXAMPLE = (20000, 9000, 30)  # samples of the clips that the graph is traced with
TOGETHER = 8  # clips that are compared as one batch
PACKAGES = ("onnx", "onnxruntime")
SECONDS = (0.1, 0.5, 1.0, 3.0, 10.0)  # of the sounds that are made
LEVELS = (0.001, 0.03, 1.0)


def check_exportable(bundle: Bundle) -> None:
    """Refuse what no graph can hold.

    Raises:
        OptionError: naming each part that cannot be exported, and what to do.
    """
    classifier, config = bundle.classifier, bundle.config
    found = [
        f"{kind} {config[kind]['name']} cannot be exported{_whose(part)}"
        for kind, part in (("features", classifier.features), ("model", classifier.model))
        if not is_exportable(part)
    ]
    if bundle.front_end.level == "loudness":
        found.append("level loudness, a filter over samples, cannot be exported; peak or rms can")
    if found:
        raise OptionError(f"{'; '.join(found)}. Train with others, or take the bundle as it is")


def is_exportable(part: Any) -> bool:
    """Tell whether features or a model declare it, and a graph can run them as core does."""
    return bool(getattr(part, "exportable", False)) and takes_any_length(part)


def takes_any_length(part: Any) -> bool:
    """Tell whether a part needs nothing of core to hear clips of any length, padded."""
    return getattr(part, "padding_safe", True) and getattr(part, "min_frames", 1) == 1


def _whose(part: Any) -> str:
    """Say which of the features inside cannot be exported, where there are some."""
    inside = part.named_modules() if isinstance(part, torch.nn.Module) else ()
    names = [
        name.rpartition(".")[2]
        for name, module in inside
        if name and hasattr(module, "n_features") and not is_exportable(module)
    ]
    return f" (its {', '.join(names)})" if names else ""


def check_packages() -> None:
    """Refuse an export without what writes a graph and what runs it.

    Raises:
        OptionError: saying what to install.
    """
    for package in PACKAGES:
        need(package, "export", "an export")


def export(bundle: Bundle) -> bytes:
    """Return the file of a system as one graph; `OnnxSystem` runs it.

    It takes `wavs` `[B, T]` as they were recorded, at the bundle's rate, and `lengths` `[B]`,
    relative, and gives `probabilities` `[B, C]`. The bundle's config travels in its metadata.

    Raises:
        OptionError: for what cannot be exported, or without the packages that it needs.
    """
    check_packages()
    check_exportable(bundle)
    import onnx

    from .tracing import trace
    from .twin import TracedSystem

    wavs = torch.zeros(len(EXAMPLE), EXAMPLE[0])
    for row, size in zip(wavs, EXAMPLE, strict=True):
        row[:size] = torch.sin(0.1 * torch.arange(size))
    lengths = torch.tensor(EXAMPLE) / EXAMPLE[0]
    inputs = dict(zip(INPUTS, (wavs, lengths), strict=True))
    model = onnx.load_from_string(trace(TracedSystem(bundle), inputs, [OUTPUT]))
    config = json.dumps(dict(bundle.config), ensure_ascii=False)
    onnx.helper.set_model_props(model, {FORMAT_KEY: FORMAT, CONFIG_KEY: config})
    model.producer_name, model.producer_version = "ser_plugins", versions()["ser_plugins"]
    onnx.checker.check_model(model)
    return model.SerializeToString()


@dataclass(frozen=True)
class Parity:
    """How far the answers of two systems lie apart.

    Args:
        clips: how many were heard.
        largest: difference of two probabilities of one class.
        where: of which clip.
        changed: decisions that are not the same.
    """

    clips: int
    largest: float
    where: str
    changed: int


def compare(one: System, other: System, sounds: Iterable[tuple[str, Wav]]) -> Parity:
    """Return how far two systems lie apart on recordings `[L]` and their names, in batches."""
    clips, largest, where, changed = 0, -1.0, "", 0
    for names, wavs in _batches(sounds):
        left, right = one.probabilities(wavs), other.probabilities(wavs)
        apart = np.nan_to_num(np.abs(left - right).max(1), nan=np.inf)
        worst = int(apart.argmax())
        if apart[worst] > largest:
            largest, where = float(apart[worst]), names[worst]
        changed += int((left.argmax(1) != right.argmax(1)).sum())
        clips += len(names)
    return Parity(clips, largest, where, changed)


def _batches(sounds: Iterable[tuple[str, Wav]]) -> Iterator[tuple[list[str], list[Wav]]]:
    sounds = iter(sounds)
    while batch := list(islice(sounds, TOGETHER)):
        yield [name for name, _ in batch], [wav for _, wav in batch]


def make_sounds(sample_rate: int) -> Iterator[tuple[str, Wav]]:
    """Yield names and samples of sounds that try a system where no recordings are at hand.

    Tones whose pitch and loudness change, in noise, of several lengths and levels, with silence
    around them; noise; and digital silence.
    """
    random = np.random.default_rng(0)
    for seconds in SECONDS:
        times = np.arange(round(seconds * sample_rate)) / sample_rate
        noise = random.standard_normal(len(times))
        for level in LEVELS:
            pitch = random.uniform(100, 300) * (1 + 0.2 * np.sin(2 * np.pi * times))
            voice = np.sin(2 * np.pi * np.cumsum(pitch) / sample_rate) ** 3
            loud = np.abs(np.sin(np.pi * times / seconds)) ** 4
            wav = level * (0.9 * loud * voice + 1e-3 * noise)
            yield f"a tone of {seconds:g} s at {level:g}", wav.astype(np.float32)
        yield f"noise of {seconds:g} s", (0.1 * noise).astype(np.float32)
        yield f"silence of {seconds:g} s", np.zeros(len(times), np.float32)
