"""A system as one graph gives what the bundle gives, without torch, and opens no other file."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torchaudio.transforms import Spectrogram

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles
from ser_plugins.core.errors import BundleError, OptionError
from ser_plugins.core.front_end import FrontEnd
from ser_plugins.core.graphs.export import compare, export, make_sounds
from ser_plugins.core.graphs.system import OnnxSystem
from ser_plugins.core.graphs.twin import TracedFrontEnd, TracedSpectrogram
from ser_plugins.core.systems import open_system

LINEAR = {"model": "pooled_linear", "model_options": "{}"}


def lively(bundle):
    """Return a bundle, its answers made to differ from sound to sound."""
    sounds = [torch.from_numpy(wav[:16000]) for _, wav in make_sounds(bundle.sample_rate)][:20]
    wavs = torch.nn.utils.rnn.pad_sequence(sounds, batch_first=True)
    lengths = torch.tensor([len(wav) for wav in sounds]) / wavs.shape[1]
    with torch.no_grad():
        bundle.classifier.normalize.fit([bundle.classifier.features(wavs, lengths)])
        bundle.classifier.train()(wavs, lengths)
        for parameter in list(bundle.classifier.model.parameters())[-2:]:
            parameter.mul_(20)
    bundle.classifier.eval()
    return bundle


@pytest.fixture(scope="module")
def bundle(small_bundle):
    return lively(small_bundle())


@pytest.fixture(scope="module")
def data(bundle):
    return export(bundle)


@pytest.fixture
def graph(data, tmp_path):
    path = tmp_path / "x.onnx"
    path.write_bytes(data)
    return path


def exported(bundle, folder):
    path = folder / "x.onnx"
    path.write_bytes(export(bundle))
    return OnnxSystem(path)


def change(path, edit):
    """Write the graph again as somebody else would."""
    model = onnx.load(path)
    edit(model)
    path.write_bytes(model.SerializeToString())


def message(path):
    with pytest.raises(BundleError) as caught:
        OnnxSystem(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"sample_rate": "8000", "level": "rms", "trim_db": "null", "normalize": "clip"},
        {**LINEAR, "features": "handcrafted", "features_options": "{}", "level": "none"},
        {**LINEAR, "features": "stack", "features_options": "{}", "trim_db": "10"},
        {"model": "crnn", "features": "log_mel", "features_options": "{deltas: 2}"},
    ],
    ids=lambda keys: "-".join(keys.values()) or "mfcc",
)
def test_the_graph_answers_as_the_bundle(keys, tmp_path, small_bundle):
    bundle = lively(small_bundle(**keys))
    system = exported(bundle, tmp_path)
    sounds = list(make_sounds(bundle.sample_rate))
    wavs = [wav for _, wav in sounds]
    alone = np.concatenate([bundle.probabilities([wav]) for wav in wavs])
    assert alone.std(0).max() > 0.05  # else this tests nothing
    assert compare(bundle, system, sounds).largest < 1e-4
    in_batch = np.concatenate([system.probabilities(wavs[i : i + 9]) for i in range(0, 25, 9)])
    assert in_batch == pytest.approx(alone, abs=1e-4)


def test_the_temperature_is_in_the_graph(bundle, tmp_path):
    hot = bundles.Bundle(
        bundle.labels, bundle.front_end, bundle.classifier, {**bundle.config, "temperature": 3.0}
    )
    wav = np.float32(0.1) * np.random.default_rng(0).standard_normal(8000, np.float32)
    found = exported(hot, tmp_path).probabilities([wav])
    assert found == pytest.approx(hot.probabilities([wav]), abs=1e-5)
    assert abs(found - bundle.probabilities([wav])).max() > 0.01


def test_a_digest_tells_graphs_apart_and_not_places(graph, tmp_path):
    digest = OnnxSystem(graph).digest
    graph = graph.rename(tmp_path / "y.onnx")
    assert OnnxSystem(graph).digest == digest and len(digest) == 8
    change(graph, lambda model: setattr(model, "doc_string", "another"))
    assert OnnxSystem(graph).digest != digest


@pytest.mark.parametrize("level", ["none", "peak", "rms"])
@pytest.mark.parametrize("trim_db", [35, 6, None])
def test_the_front_end_is_the_same_row_by_row(level, trim_db):
    front_end = FrontEnd(16000, trim_db, level)
    random = np.random.default_rng(0)
    wavs = [random.standard_normal(n).astype(np.float32) for n in (1, 159, 160, 161, 1777, 16000)]
    for wav in list(wavs):
        shape = np.abs(np.linspace(-1, 1, len(wav))) < random.uniform(0.1, 0.9)
        wavs += [1e-3 * wav, wav * (shape + np.float32(1e-3)), np.zeros_like(wav)]
    batch = np.full((len(wavs), 16000), 7, np.float32)  # padding is not heard, whatever it is
    for row, wav in zip(batch, wavs, strict=True):
        row[: len(wav)] = wav
    sizes = torch.tensor([len(wav) for wav in wavs])
    found, lengths = TracedFrontEnd(front_end)(torch.from_numpy(batch), sizes / 16000)
    for wav, row, size in zip(wavs, found, (lengths * found.shape[1]).round().int(), strict=True):
        wanted = front_end(wav)
        assert int(size) == len(wanted)
        np.testing.assert_allclose(row[:size], wanted, rtol=1e-5, atol=1e-12)
        assert not row[size:].any()


@pytest.mark.parametrize(
    "options",
    [
        {"n_fft": 512, "win_length": 400, "hop_length": 160},
        {"n_fft": 400, "hop_length": 100, "power": 1.0, "pad_mode": "constant"},
        {"n_fft": 511, "win_length": 300, "hop_length": 77, "window_fn": torch.ones},
    ],
)
def test_a_spectrogram_of_waves_is_that_of_the_transform(options):
    original = Spectrogram(**options)
    for shape in ((1, 1000), (3, 2, 4321)):
        wavs = torch.randn(shape)
        wanted = original(wavs)
        found = TracedSpectrogram(original)(wavs)
        assert found.shape == wanted.shape
        assert (found - wanted).abs().max() < 1e-5 * wanted.max()


@pytest.mark.parametrize("options", [{"power": None}, {"normalized": True}, {"center": False}])
def test_a_spectrogram_that_cannot_be_traced_is_refused(options):
    with pytest.raises(OptionError, match="a Spectrogram can be exported where"):
        TracedSpectrogram(Spectrogram(**options))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"features": "prosody", "features_options": "{}"}, "features prosody cannot be exported"),
        (
            {
                "features": "stack",
                "features_options": "{parts: {mfcc: {}, prosody: {}}}",
                "level": "loudness",
            },
            r"features stack cannot be exported \(its prosody\); level loudness",
        ),
        ({"model": "ecapa_tdnn"}, "model ecapa_tdnn cannot be exported"),
        ({"level": "loudness"}, "level loudness, .* cannot be exported; peak or rms can"),
    ],
)
def test_what_cannot_be_exported_is_named(keys, words, small_bundle):
    with pytest.raises(OptionError, match=words):
        export(small_bundle(**keys))


def test_the_file_says_what_the_bundle_says(bundle, graph):
    system = OnnxSystem(graph)
    assert system.labels == bundle.labels and system.sample_rate == bundle.sample_rate
    assert system.config == bundle.config
    model = onnx.load(graph)
    assert model.producer_name == "ser_plugins"
    assert [one.name for one in model.graph.input] == ["wavs", "lengths"]


WITHOUT_TORCH = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchaudio", "speechbrain", "onnx", "scipy"):
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, NoTorch())
import json, numpy
from ser_plugins import EmotionClassifier

classifier = EmotionClassifier.from_pretrained(sys.argv[1], device="auto")
wav = numpy.sin(numpy.arange(16000) / 9)
print(json.dumps(dict(classifier.predict(wav, 16000).scores)))
"""


def test_it_predicts_without_torch(bundle, graph):
    command = [sys.executable, "-c", WITHOUT_TORCH, str(graph)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wav = np.sin(np.arange(16000) / 9)
    wanted = EmotionClassifier(bundle).predict(wav, 16000).scores
    assert json.loads(done.stdout) == pytest.approx(dict(wanted), abs=1e-5)


def test_it_runs_on_the_cpu_only(graph):
    assert open_system(graph, "cpu").labels == open_system(graph, "auto").labels
    with pytest.raises(OptionError, match="runs on the CPU, not on 'cuda'"):
        open_system(graph, "cuda")


def test_without_onnxruntime_it_says_what_to_install(graph, bundle, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(OptionError, match=r"pip install '\.\[onnx\]'"):
        OnnxSystem(graph)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"pip install '\.\[export\]'"):
        export(bundle)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no ONNX graph"),
        (bytes(range(256)), "no ONNX graph"),
        (b"\xff" * 100, "no ONNX graph"),
    ],
)
def test_what_is_no_graph_is_refused(content, words, tmp_path):
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    assert words in message(path)


def test_what_is_missing_is_named(tmp_path):
    assert "No such file" in message(tmp_path / "none.onnx")
    (tmp_path / "folder.onnx").mkdir()
    assert "directory" in message(tmp_path / "folder.onnx")


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9, 0.9999])
def test_what_is_cut_off_is_refused(graph, part):
    data = graph.read_bytes()
    graph.write_bytes(data[: int(part * len(data))])
    assert "cut off" in message(graph)


def test_a_graph_of_others_is_refused(graph):
    change(graph, lambda model: model.ClearField("metadata_props"))
    assert "of others" in message(graph)


def words_of(**words):
    return lambda model: helper.set_model_props(model, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"labels": ["a", "a", "b"]}, "different words"),
        ({"labels": ["a", "b"]}, "expected wavs, lengths, and probabilities of 2 labels"),
        ({"sample_rate": "16000"}, "sample_rate"),
        ({"temperature": 0}, "temperature"),
        ({"normalize": "no"}, "normalize"),
    ],
)
def test_a_config_that_is_wrong_says_where(graph, bundle, changes, words):
    config = json.dumps({**bundle.config, **changes})
    change(graph, words_of(ser_plugins="1", config=config))
    assert words in message(graph)


def test_a_newer_or_broken_file_is_refused(graph):
    change(graph, words_of(ser_plugins="2", config="{}"))
    assert "format '2'" in message(graph)
    change(graph, words_of(ser_plugins="1", config="{"))
    assert "not the config" in message(graph)


def outside(tensor, location):
    """Make a tensor one whose numbers lie in another file."""
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(location))


def outside_weight(model):
    outside(model.graph.initializer[0], "secret.bin")


def outside_constant(model):
    values = [node for node in model.graph.node if node.op_type == "Constant"]
    outside(values[0].attribute[0].t, "/etc/hostname")


def outside_branch(model):
    tensor = TensorProto(name="n", data_type=1, dims=[1])
    outside(tensor, "secret.bin")
    branch = helper.make_graph([], "branch", [], [], [tensor])
    model.graph.node.append(helper.make_node("If", ["c"], ["o"], then_branch=branch))


def own_operator(model):
    model.graph.node.add(op_type="Shell", domain="mine")


def own_domain(model):
    model.opset_import.add(domain="mine", version=1)


def own_function(model):
    model.functions.add(name="f", domain="mine")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (outside_weight, "numbers in other files"),
        (outside_constant, "numbers in other files"),
        (outside_branch, "numbers in other files"),
        (own_operator, "operators of its own"),
        (own_domain, "operators of its own"),
        (own_function, "operators of its own"),
        (lambda model: model.training_info.add().algorithm.node.add(), "training"),
        (lambda model: model.graph.sparse_initializer.add().dims.append(1), "sparse"),
    ],
)
def test_a_graph_that_reaches_out_of_itself_is_refused(graph, edit, words, monkeypatch):
    Path("secret.bin").write_bytes(bytes(2**20))  # the test's own folder is the current one
    change(graph, edit)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # before anything runs it
    assert words in message(graph)


def test_a_graph_that_cannot_run_is_refused(graph):
    change(graph, lambda model: model.graph.node.pop(10))
    assert "cannot be run by onnxruntime" in message(graph)


def then(*nodes, **constants):
    """Append nodes that make `probabilities` of `said`, which was it."""

    def edit(model):
        (last,) = (node for node in model.graph.node if "probabilities" in node.output)
        last.output[list(last.output).index("probabilities")] = "said"
        model.graph.node.extend(nodes)
        for name, values in constants.items():
            model.graph.initializer.append(numpy_helper.from_array(np.array(values), name))

    return edit


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (then(helper.make_node("Sub", ["said", "two"], ["less"]),
              helper.make_node("Sqrt", ["less"], ["probabilities"]), two=np.float32(2)),
         "gives no probabilities"),
        (then(helper.make_node("Concat", ["said", "said"], ["probabilities"], axis=0)),
         "answers with [4, 3], not [2, 3]"),
        (then(helper.make_node("Reshape", ["said", "shape"], ["probabilities"]), shape=[7, 3]),
         "cannot be run by onnxruntime"),
    ],
    ids=["not a number", "too many rows", "fails"],
)  # fmt: skip
def test_a_graph_that_starts_and_gives_no_probabilities_is_refused(graph, edit, words):
    change(graph, edit)
    assert words in message(graph)


def test_a_graph_that_fails_at_some_recordings_says_so_in_words(graph):
    change(graph, then(helper.make_node("Reshape", ["said", "shape"], ["probabilities"]),
                       shape=[2, 3]))  # fmt: skip
    system, wav = OnnxSystem(graph), np.ones(4000, np.float32)
    with pytest.raises(BundleError, match="x.onnx cannot be run by onnxruntime"):
        system.probabilities([wav] * 3)


class Answers:
    """A system that says what it is told to."""

    labels, sample_rate, config = ("a", "b"), 16000, {}

    def __init__(self, *rows):
        self.rows = [np.float32([row, 1 - row]) for row in rows]

    def probabilities(self, wavs):
        return np.stack([self.rows.pop(0) for _ in wavs])


def test_parity_names_the_worst_and_counts_decisions():
    sounds = [(f"{i}.wav", np.zeros(9, np.float32)) for i in range(10)]
    first, second = [0.6] * 10, [0.6] * 10
    second[3], second[9] = 0.4, 0.9
    found = compare(Answers(*first), Answers(*second), sounds)
    assert found.clips == 10 and found.where == "9.wav" and found.changed == 1
    assert found.largest == pytest.approx(0.3)
    assert compare(Answers(0.5), Answers(float("nan")), sounds[:1]).largest == np.inf
