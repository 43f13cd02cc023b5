"""SpeechBrain's wrappers of self-supervised networks: from a checkpoint, or from plain values.

The values are what a bundle carries in place of a checkpoint. A bundle may be a stranger's, so
that each value is checked, and what is not listed here is refused.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ser_plugins import need

CLASSES = {"hubert": "HuBERT", "wav2vec2": "Wav2Vec2", "wavlm": "WavLM"}
ACTIVATIONS = ("gelu", "gelu_new", "relu", "silu")
CHOICES = {
    "model_type": tuple(CLASSES),
    "feat_extract_norm": ("group", "layer"),
    "feat_extract_activation": ACTIVATIONS,
    "hidden_act": ACTIVATIONS,
}
# At most; the largest that is published, XLS-R 2B, has 48 layers of 1920 with 7680 between.
SIZES = {
    "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32,
    "intermediate_size": 8192, "num_conv_pos_embeddings": 256,
    "num_conv_pos_embedding_groups": 32, "num_buckets": 1024, "max_bucket_distance": 4096,
}  # fmt: skip
LISTS = {"conv_dim": 1024, "conv_kernel": 64, "conv_stride": 16}
CONVOLUTIONS = 12  # at most
REACH = 16000  # samples, at most
SWITCHES = (
    "conv_bias", "conv_pos_batch_norm", "do_normalize", "do_stable_layer_norm",
    "feat_proj_layer_norm",
)  # fmt: skip
KEYS = (*CHOICES, *SIZES, *LISTS, *SWITCHES, "layer_norm_eps")


def from_checkpoint(source: str, **options: Any) -> Any:
    """Return the wrapper of a checkpoint in a folder or, if there is no such, on the Hub.

    Raises:
        ValueError: for a folder that is not there, or a network of another kind.
    """
    wrappers, transformers = _libraries()
    folder = Path(source).expanduser()
    if not folder.is_dir() and (source.count("/") != 1 or source[0] in "./~"):
        raise ValueError(f"source {source!r} is no folder, nor a Hub id such as owner/name")
    from huggingface_hub.constants import HF_HUB_CACHE

    found = str(folder) if folder.is_dir() else source
    config = transformers.AutoConfig.from_pretrained(
        found, cache_dir=HF_HUB_CACHE, trust_remote_code=False
    )
    if config.model_type not in CLASSES:
        raise ValueError(f"{source} is a {config.model_type}; expected {', '.join(CLASSES)}")
    if getattr(config, "add_adapter", False) or getattr(config, "adapter_attn_dim", None):
        raise ValueError(f"{source} has adapters, which change its frames; take one without")
    return getattr(wrappers, CLASSES[config.model_type])(found, HF_HUB_CACHE, **options)


def from_values(values: Mapping[str, Any], **options: Any) -> Any:
    """Return the wrapper of a network with random weights; opens no checkpoint, nor the network."""
    wrappers, _ = _libraries()
    check(values)

    class Untrained(getattr(wrappers, CLASSES[values["model_type"]])):
        def _from_pretrained(self, *_: Any, **__: Any) -> None:
            self.model = self.auto_class.from_config(self.config)

    sound = {"do_normalize": values.get("do_normalize", True), "sampling_rate": 16000}
    kind = {"feature_extractor_type": "Wav2Vec2FeatureExtractor"}
    with tempfile.TemporaryDirectory() as folder:  # the wrappers read files alone
        Path(folder, "config.json").write_text(json.dumps(dict(values)), encoding="utf-8")
        Path(folder, "preprocessor_config.json").write_text(json.dumps(kind | sound))
        return Untrained(folder, folder, **options)


def values_of(wrapper: Any) -> dict[str, Any]:
    """Return the values that make a network like the wrapper's."""
    config = {**wrapper.config.to_dict(), "do_normalize": bool(wrapper.normalize_wav)}
    values = {key: config[key] for key in KEYS if key in config}
    values |= {key: list(values[key]) for key in LISTS}
    check(values)
    return values


def hop_and_reach(values: Mapping[str, Any]) -> tuple[int, int]:
    """Return the step between two frames of the convolutions, and what one covers, in samples."""
    hop, reach = 1, 1
    for kernel, stride in zip(values["conv_kernel"], values["conv_stride"], strict=True):
        reach, hop = reach + (kernel - 1) * hop, hop * stride
    return hop, reach


def check(values: Mapping[str, Any]) -> None:
    """Refuse values that are unknown, of another type, or too large to be true."""
    if not isinstance(values, Mapping) or "model_type" not in values:
        raise ValueError("config must be a mapping with `model_type`")
    for key, value in values.items():
        if not _is_sane(key, value):
            raise ValueError(f"config has {key} {value!r}: unknown, of a wrong type or too large")
    if {"conv_kernel", "conv_stride"} <= values.keys() and hop_and_reach(values)[1] > REACH:
        raise ValueError(f"config has convolutions that reach over more than {REACH} samples")


def _is_sane(key: str, value: Any) -> bool:
    if key in CHOICES:
        return isinstance(value, str) and value in CHOICES[key]
    if key in SIZES:
        return _is_size(value, SIZES[key])
    if key in LISTS:
        is_list = isinstance(value, list) and 1 <= len(value) <= CONVOLUTIONS
        return is_list and all(_is_size(each, LISTS[key]) for each in value)
    if key in SWITCHES:
        return isinstance(value, bool)
    return key == "layer_norm_eps" and isinstance(value, float) and 0 < value < 1


def _is_size(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _libraries() -> tuple[Any, Any]:
    for package in ("transformers", "speechbrain.integrations"):
        need(package, "ssl", "`ssl`")
    import transformers
    from speechbrain.integrations import huggingface

    return huggingface, transformers
