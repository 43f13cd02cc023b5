"""A published folder loads in SpeechBrain, too, and gives the same answers."""

import shutil

import numpy as np
import pytest
import soundfile
import torch
from places import YAML as EXPERIMENT
from speechbrain.inference.classifiers import EncoderClassifier
from speechbrain.utils.fetching import FetchConfig, LocalStrategy

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.hub.speechbrain_page import FILE, YAML

SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]
LABELS = ["sad", "angry", "calm"]


def write(folder, *given, labels=LABELS):
    hparams = Experiment(EXPERIMENT, [*SMALL, *given]).load()
    config = {**bundles.make_config(hparams, labels), "temperature": 1.7}
    bundle = bundles.build(config)
    for tensor in bundle.classifier.parameters():
        tensor.data += 0.1 * torch.randn_like(tensor)
    bundles.write(folder, bundle)
    (folder / FILE).write_text(YAML)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("published") / "bundle")


@pytest.fixture(scope="module")
def wavs():
    torch.manual_seed(0)
    loud = torch.linspace(0.001, 0.3, 16000)
    return [loud * torch.randn(16000), 0.2 * torch.randn(9000)]


def padded(wavs):
    batch = torch.nn.utils.rnn.pad_sequence(wavs, batch_first=True)
    return batch, torch.tensor([len(wav) / batch.shape[1] for wav in wavs])


@pytest.mark.parametrize("strategy", list(LocalStrategy))
def test_a_folder_gives_equal_answers(folder, wavs, tmp_path, strategy):
    place = {} if strategy is LocalStrategy.NO_LINK else {"savedir": str(tmp_path / "own")}
    theirs = EncoderClassifier.from_hparams(str(folder), local_strategy=strategy, **place)
    logs, score, index, words = theirs.classify_batch(*padded(wavs))
    ours = bundles.read(folder).probabilities([wav.numpy() for wav in wavs])
    assert (logs.exp().numpy() == pytest.approx(ours, abs=1e-6)) and logs.shape == (2, 3)
    assert words == [LABELS[i] for i in ours.argmax(1)] and index.tolist() == [
        LABELS.index(word) for word in words
    ]
    assert score.tolist() == pytest.approx(logs.max(1).values.tolist())


def test_one_clip_alone_and_without_lengths(folder, wavs):
    theirs = EncoderClassifier.from_hparams(str(folder))
    logs = theirs.classify_batch(wavs[0])[0]
    ours = bundles.read(folder).probabilities([wavs[0].numpy()])
    assert logs.exp().numpy() == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize("rate", [16000, 8000])
def test_a_file_of_another_rate_and_two_channels_is_heard_alike(tmp_path, rate, folder):
    if rate != 16000:
        options = "{n_mels: 32, n_fft: 256, win_length: 200, hop: 128}"
        given = (("sample_rate", str(rate)), ("features_options", options))
        folder = write(tmp_path / "slow", *given)
    sound = 0.1 * np.random.default_rng(0).standard_normal((44100, 2))
    soundfile.write(tmp_path / "clip.wav", sound, 44100)
    theirs = EncoderClassifier.from_hparams(str(folder))
    logs, _, _, words = theirs.classify_file(str(tmp_path / "clip.wav"))
    ours = EmotionClassifier.from_pretrained(folder).predict(tmp_path / "clip.wav")
    assert logs.exp()[0].tolist() == pytest.approx(list(ours.scores.values()), abs=1e-4)
    assert words == [ours.label]


@pytest.mark.usefixtures("home")
def test_a_private_model_of_the_hub_loads_with_the_login(folder, wavs, hub):
    hub.put("me/model", {p.name: p.read_bytes() for p in folder.iterdir()}, private=True)
    theirs = EncoderClassifier.from_hparams("me/model", fetch_config=FetchConfig(token=True))
    ours = EmotionClassifier.from_pretrained("me/model")
    found = theirs.classify_batch(wavs[1])[3]
    assert found == [ours.predict(wavs[1].numpy(), 16000).label]


def test_the_file_names_only_our_classes_and_calls_nothing_else():
    tags = [word for word in YAML.split() if word.startswith("!")]
    assert all(tag == "!ref" or tag.startswith("!new:ser_plugins.") for tag in tags)
    assert "!apply" not in YAML and "!include" not in YAML


def test_a_bundle_that_does_not_fit_is_refused_there_too(folder, tmp_path):
    bad = shutil.copytree(folder, tmp_path / "bad")
    (bad / "model.safetensors").write_bytes(b"a pickle")
    with pytest.raises(ValueError, match="does not fit"):
        EncoderClassifier.from_hparams(str(bad))
