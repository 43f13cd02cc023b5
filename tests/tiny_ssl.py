"""Checkpoints of self-supervised networks, tiny and never trained, as `transformers` saves them."""

from pathlib import Path

KINDS = ("hubert", "wav2vec2", "wavlm")
NORMS = ("group", "layer")
NAMES = tuple(f"{kind}-{norm}" for kind in KINDS for norm in NORMS)
SHAPE = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48,
    "conv_dim": [16, 16, 16],  # a step of 320 samples and a reach of 400, as published ones have
    "conv_kernel": [10, 15, 9], "conv_stride": [5, 8, 8],
    "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip


def write(folder: Path, name: str, sampling_rate: int = 16000, half: bool = False, **changes):
    """Write a checkpoint: as the base networks with group norm, as the large ones with layer norm.

    A third of the published ones drop layers in training; these drop half of them.
    """
    import torch
    from transformers import AutoConfig, AutoModel, Wav2Vec2FeatureExtractor

    kind, norm = name.split("-")
    is_large = norm == "layer"
    shape = {**SHAPE, "feat_extract_norm": norm, "layerdrop": 0.5, **changes}
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, do_stable_layer_norm=is_large, conv_bias=is_large, **shape)
    model = AutoModel.from_config(config)
    (model.half() if half else model).save_pretrained(folder)
    sound = Wav2Vec2FeatureExtractor(do_normalize=is_large, sampling_rate=sampling_rate)
    sound.save_pretrained(folder)
    return folder
