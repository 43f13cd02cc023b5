"""One front end and one forward: every way to ask a system gives the same probabilities."""

import numpy as np
import pytest
import soundfile
import torch

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles
from ser_plugins.core import registry, scoring
from ser_plugins.core.audio import read_audio
from ser_plugins.core.build import make_features, make_model
from ser_plugins.core.data import ClipDataset
from ser_plugins.core.graphs.export import export, is_exportable

RATE = 16000
LABELS = ["sad", "neutral", "angry"]


# What a graph can hold: a plugin that is here and no longer declares it is named.
FEATURES = {"handcrafted", "log_mel", "mfcc", "stack"}
MODELS = {
    "cnn1d", "cnn_bigru", "cnn_bilstm_attention", "cnn_lstm_attention", "crnn", "pooled_linear",
}  # fmt: skip


def config(model):
    return {
        "format": bundles.FORMAT,
        "task": "classification",
        "labels": LABELS,
        "sample_rate": RATE,
        "front_end": {"trim_db": 35.0, "level": "peak"},
        "features": {"name": "log_mel", "options": {}},
        "normalize": "clip",
        "model": {"name": model, "options": {}},
        "temperature": 0.7,
    }


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Clips of several lengths, levels and rates, with silence about them."""
    folder = tmp_path_factory.mktemp("clips")
    random = np.random.default_rng(0)
    for i, (rate, seconds) in enumerate([(16000, 0.3), (48000, 1.1), (44100, 2.0), (8000, 0.7)]):
        time = np.arange(round(rate * seconds)) / rate
        wav = 0.1 * (i + 1) * np.sin(2 * np.pi * (150 + 90 * i) * time) * (1 + 0.5 * time)
        wav += 0.01 * random.standard_normal(len(wav))
        wav = np.pad(wav, round(0.2 * rate))
        soundfile.write(folder / f"{i}.wav", wav / 2, rate, "FLOAT")
    return sorted(folder.glob("*.wav"))


def test_what_can_be_exported_stays_so():
    extra = {"ssl", "egemaps"}  # which need more than the package
    tried = set(registry.default().names("features")) - extra
    features = {name for name in tried if is_exportable(make_features(name, RATE))}
    models = registry.default().names("models")
    assert features == FEATURES
    assert {name for name in models if is_exportable(make_model(name, 40, 3))} == MODELS


@pytest.mark.parametrize("model", registry.default().names("models"))
def test_every_way_to_ask_gives_the_same(model, paths, tmp_path):
    torch.manual_seed(0)
    bundle = bundles.build(config(model))
    bundle.classifier.eval()
    wavs = {str(path): read_audio(path, RATE) for path in paths}
    rows = [{"id": id, "label": LABELS[0], "speaker": ""} for id in wavs]
    clips = ClipDataset(rows, wavs, bundle.front_end, LABELS)
    wanted = scoring.predict(bundle, clips, 3, "cpu")  # as a run scores its test part
    bundles.write(tmp_path / "bundle", bundle)
    classifier = EmotionClassifier.from_pretrained(tmp_path / "bundle")
    together = {one.source: one for one in classifier.predict(paths)}
    if is_exportable(bundle.classifier.model):
        (tmp_path / "system.onnx").write_bytes(export(bundle))
        graph = EmotionClassifier.from_pretrained(tmp_path / "system.onnx")
        exported = {one.source: one for one in graph.predict(paths)}
    else:
        exported = together
    # Networks that are not trained differ little from clip to clip: they must agree far better.
    spread = np.ptp(list(wanted.values()), axis=0).max()
    for id in wavs:
        (window,) = classifier.timeline(id, window=60, hop=60)
        for way in (together[id], classifier.predict(id), window, exported[id]):
            close = pytest.approx(wanted[id], abs=min(1e-4, spread / 20))
            assert list(way.scores.values()) == close
