"""Self-supervised features: the checkpoint's own hidden states, in time, and free of its folder."""

import json
import shutil
import subprocess
import sys

import pytest
import tiny_ssl
import torch
from torch.nn import functional as F
from trials import broken

from ser_plugins import make_features
from ser_plugins.core import bundle as bundles
from ser_plugins.core.errors import OptionError

ALONE = torch.ones(1)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=tiny_ssl.NAMES)
def folder(request, checkpoints):
    return checkpoints[request.param]


def hidden_states(folder, wav):
    """Return what transformers makes of a clip with 200 samples of silence on either side."""
    from transformers import AutoFeatureExtractor, AutoModel

    padded = F.pad(wav, (200, 200))
    prepare = AutoFeatureExtractor.from_pretrained(folder)
    values = prepare(padded.numpy(), sampling_rate=16000, return_tensors="pt").input_values
    with torch.no_grad():
        out = AutoModel.from_pretrained(folder).eval()(values, output_hidden_states=True)
    return out.last_hidden_state[0], [state[0] for state in out.hidden_states]


def frames(folder, wav, **options):
    return make_features("ssl", source=folder, **options)(wav[None], ALONE)[0][0].detach()


def test_frames_are_those_of_transformers(folder):
    wav = noise(9000)
    last, states = hidden_states(folder, wav)
    torch.testing.assert_close(frames(folder, wav), last, rtol=1e-3, atol=1e-3)
    for number, state in enumerate(states):
        found = frames(folder, wav, layers=number)
        torch.testing.assert_close(found, state, rtol=1e-3, atol=1e-3)
    mean = torch.stack(states).mean(0)  # equal weights, before anything is trained
    found = frames(folder, wav, layers="weighted")
    torch.testing.assert_close(found, mean, rtol=1e-3, atol=1e-3)


def test_every_kind_keeps_the_promises_with_weighted_layers(folder):
    assert not broken("features", "ssl", {"source": folder, "layers": "weighted"})


def test_published_networks_step_by_320_and_reach_over_400(checkpoints):
    shape = {"conv_dim": [8] * 7, "conv_kernel": [10, 3, 3, 3, 3, 2, 2]}
    config = {**tiny_ssl.SHAPE, **shape, "conv_stride": [5, 2, 2, 2, 2, 2, 2]}
    module = make_features("ssl", config={"model_type": "wav2vec2", **config})
    assert (module.hop, module.reach) == (320, 400)
    for samples in (1, 319, 320, 16000):
        feats, _ = module(noise(1, samples), ALONE)
        assert feats.shape == (1, 1 + samples // 320, 32)


@pytest.mark.parametrize("frame", [0, 1, 10, 24])
def test_a_click_is_in_the_frame_that_is_centred_on_it(checkpoints, frame):
    module, heard = make_features("ssl", source=checkpoints["hubert-layer"]), []
    module.network.normalize_wav = False  # or the click would make the rest quieter
    convolutions = module.network.model.feature_extractor
    convolutions.register_forward_hook(lambda _, __, out: heard.append(out[0]))
    for height in (0.0, 1.0):
        wav = noise(1, 8000) / 100
        wav[0, 320 * frame] += height
        module(wav, ALONE)
    quiet, loud = heard
    assert (loud - quiet).abs().sum(0).nonzero().tolist() == [[frame]]


def step(module):
    """Take a training step; return which parameters moved, and the gradients by name."""
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0, weight_decay=0.1)
    module.train()
    feats, _ = module(noise(2, 4000), torch.tensor([1.0, 0.5]))
    if feats.requires_grad:
        (feats * noise(*feats.shape)).sum().backward()
    optimizer.step()
    return {n for n, p in module.named_parameters() if not torch.equal(p, before[n])}


def test_a_frozen_network_does_not_move_nor_drop_out(folder):
    module = make_features("ssl", source=folder)
    wav = noise(1, 4000)
    before = module(wav, ALONE)[0]
    assert not step(module) and not any(p.requires_grad for p in module.parameters())
    assert torch.equal(module.train()(wav, ALONE)[0], before)


def test_weights_of_layers_are_all_that_a_frozen_network_learns(folder):
    module = make_features("ssl", source=folder, layers="weighted")
    assert step(module) == {"weights"}
    assert module.weights.grad.abs().min() > 0


def test_a_network_that_is_not_frozen_is_trained_whole(folder):
    module = make_features("ssl", source=folder, freeze=False)
    assert step(module) == {name for name, _ in module.named_parameters()}
    wav, module = noise(1, 4000), module.eval()
    assert torch.equal(module(wav, ALONE)[0], module(wav, ALONE)[0])


def test_a_checkpoint_in_half_precision_is_used_in_full(tmp_path):
    folder = str(tiny_ssl.write(tmp_path / "half", "wav2vec2-layer", half=True))
    assert frames(folder, noise(4000)).dtype == torch.float32


TRAIN = ("--features=ssl", "--number_of_epochs=1", "--augment=[]")


def test_a_run_leaves_a_bundle_that_needs_neither_checkpoint_nor_network(
    run_toy, checkpoints, tmp_path
):
    folder = shutil.copytree(checkpoints["wavlm-group"], tmp_path / "checkpoint")
    run = run_toy(*TRAIN, f"--features_options.source={folder}")
    shutil.rmtree(folder)
    text = (run / "bundle" / "config.json").read_text()
    assert "checkpoint" not in text and json.loads(text)["features"]["options"]["config"]
    wanted = bundles.read(run / "bundle").probabilities([noise(16000).numpy()])[0].tolist()
    code = """
import sys, torch
events = []
sys.addaudithook(lambda event, _: events.append(event))
from pathlib import Path
from ser_plugins.core import bundle
wav = torch.randn(16000, generator=torch.Generator().manual_seed(0))
events.clear()
found = bundle.read(Path(sys.argv[1])).probabilities([wav.numpy()])[0].tolist()
print(*sorted({"socket.connect", "socket.getaddrinfo", "pickle.find_class"} & {*events}))
print(*found)
"""
    command = [sys.executable, "-c", code, str(run / "bundle")]
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "empty"), "PATH": ""}
    path = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment | path)
    assert done.returncode == 0, done.stderr
    opened, found = done.stdout.splitlines()[-2:]
    assert opened == "" and [float(x) for x in found.split()] == pytest.approx(wanted, abs=1e-6)


def test_a_checkpoint_that_heard_the_corpus_is_not_tested_on_it(run_toy, checkpoints, refused):
    source = f"--features_options.source={checkpoints['wavlm-group']}"
    heard = "--features_options.trained_on=[toy]"
    assert "trained on toy" in refused(lambda _: run_toy(*TRAIN, source, heard), "")


@pytest.mark.parametrize("change", ["layers=weighted", "freeze=false"])
def test_statistics_are_not_fitted_once_on_features_that_change(
    run_toy, checkpoints, refused, change
):
    options = (
        f"--features_options.source={checkpoints['wavlm-group']}",
        f"--features_options.{change}",
    )
    assert "--normalize clip or none" in refused(lambda _: run_toy(*TRAIN, *options), "")
    assert run_toy(*TRAIN, *options, "--normalize=none").exists()


SANE = {"model_type": "hubert", **tiny_ssl.SHAPE}


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "bert"},
        {"model_type": ["hubert"]},
        {"auto_map": {"AutoModel": "evil.Model"}},
        {"trust_remote_code": True},
        {"hidden_size": 1e3},
        {"hidden_size": 10**6},
        {"num_hidden_layers": 1000},
        {"num_hidden_layers": True},
        {"num_attention_heads": 0},
        {"conv_dim": [8] * 100},
        {"conv_dim": [10**6] * 3},
        {"conv_stride": "544"},
        {"conv_stride": [5, 8]},
        {"conv_stride": [16] * 12, "conv_kernel": [64] * 12, "conv_dim": [8] * 12},
        {"conv_bias": "yes"},
        {"hidden_act": "os.system"},
        {"layer_norm_eps": float("inf")},
        {"add_adapter": True},
        {"_name_or_path": "owner/name"},
    ],
    ids=lambda changes: "-".join(map(str, changes)),
)
def test_an_architecture_that_is_strange_is_refused(changes):
    make_features("ssl", config=SANE)
    with pytest.raises(OptionError):
        make_features("ssl", config={**SANE, **changes})


def message(**options):
    with pytest.raises(OptionError) as caught:
        make_features("ssl", *options.pop("rate", []), **options)
    return str(caught.value)


def test_wrong_options_are_refused_in_words(checkpoints, tmp_path, monkeypatch):
    source = checkpoints["wavlm-group"]
    assert "give `source`" in message() and "give `source`" in message(source="a/b", config=SANE)
    assert "no folder" in message(source="./missing") and "no folder" in message(source="missing")
    assert "0 to 2" in message(source=source, layers=3)
    assert "0 to 2" in message(source=source, layers=True)
    assert "must be a list" in message(source=source, trained_on="toy")
    assert "16000 Hz, not 8000" in message(source=source, rate=[8000])
    slow = tiny_ssl.write(tmp_path / "slow", "hubert-group", sampling_rate=8000)
    assert "16000 Hz, not 8000" in message(source=str(slow))
    adapted = tiny_ssl.write(tmp_path / "adapted", "wav2vec2-group", add_adapter=True)
    assert "adapters" in message(source=str(adapted))
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text('{"model_type": "bert"}')
    assert "is a bert; expected hubert, wav2vec2, wavlm" in message(source=str(other))
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert "pip install '.[ssl]'" in message(source=source)
