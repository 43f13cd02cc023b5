"""A bundle is data, checked value by value; what does not fit is refused in words."""

import json
import pickle
import shutil

import pytest
import torch
from places import YAML
from safetensors.torch import load_file, save_file

from ser_plugins import use_plugins
from ser_plugins.core import bundle as bundles
from ser_plugins.core import registry
from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment

SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    hparams, folder = Experiment(YAML, SMALL).load(), tmp_path_factory.mktemp("made") / "bundle"
    bundles.write(folder, bundles.build(bundles.make_config(hparams, ["sad", "angry"])))
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "bundle")


def change(folder, **values):
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def message(folder):
    with pytest.raises(InputError) as caught:
        bundles.read(folder)
    return str(caught.value)


def test_it_holds_two_files_and_neither_is_code(folder):
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}
    config = json.loads((folder / "config.json").read_text())
    assert config["format"] == 1 and config["labels"] == ["sad", "angry"]
    assert config["model"]["name"] == "cnn_bigru" and config["made_with"]["torch"]


def test_it_reads_back_in_eval_mode(folder):
    bundle = bundles.read(folder)
    assert not bundle.classifier.training
    assert bundle.probabilities([torch.randn(16000).numpy()]).sum() == pytest.approx(1)


def test_a_digest_tells_weights_and_configs_apart_and_not_places(folder, tmp_path):
    digests = [bundles.read(folder).digest, bundles.read(folder.rename(tmp_path / "y")).digest]
    folder = tmp_path / "y"
    weights = load_file(folder / "model.safetensors")
    next(one for one in weights.values() if one.is_floating_point()).add_(1e-3)
    save_file(weights, folder / "model.safetensors")
    digests.append(bundles.read(folder).digest)
    change(folder, temperature=2.0)
    digests.append(bundles.read(folder).digest)
    assert digests[0] == digests[1] and len(set(digests)) == 3
    assert {len(digest) for digest in digests} == {8}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"format": 2}, "format 2; this version reads format 1"),
        ({"labels": ["sad", "sad"]}, "different words"),
        ({"labels": "sad"}, "different words"),
        ({"labels": [f"l{i}" for i in range(1001)]}, "2 to 1000"),
        ({"labels": None}, "config.json: it lacks labels"),
        ({"labels": ["sad", "\x1b[2Jangry"]}, "different words"),
        ({"labels": ["sad", "a" * 101]}, "different words"),
        ({"labels": ["sad", ""]}, "different words"),
        ({"labels": ["sad", " "]}, "different words"),
        ({"labels": [["sad"], {}]}, "different words"),
        ({"labels": ["a", "b", "c"]}, "does not fit"),
        ({"sample_rate": 1}, "sample_rate"),
        ({"task": "regression"}, "regression"),
        ({"normalize": "batch"}, "global, clip, none"),
        ({"normalize": None, "model": None}, "it lacks normalize, model"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": None}, "lacks temperature"),
        ({"model": {"name": "cnn_bigru", "options": {"channels": []}}}, "IndexError"),
        ({"model": {"name": "cnn_bigru", "options": {"n_features": 3}}}, "no option 'n_features'"),
        ({"front_end": {"trim_db": 35, "level": "loud"}}, "loud"),
        ({"front_end": {"run": "os.system"}}, "trim_db and level alone, not {'run'"),
        ({"front_end": {"trim_db": "35", "level": "peak"}}, "trim_db must be a number or null"),
        ({"front_end": 35}, "front_end must hold trim_db and level"),
        ({"model": {"name": "os.system", "options": {}}}, "no model is called"),
        ({"model": {"name": "cnn_bigru", "options": {"hiden": 8}}}, "hidden"),
        ({"features": {"name": "mfcc", "options": [1]}}, "features must hold a name"),
        ({"trained_on": ["ravdess"]}, "trained_on may hold dataset, protocol"),
        ({"trained_on": {"by": "me"}}, "trained_on may hold dataset, protocol"),
        ({"trained_on": {"protocol": "\x1b[2J"}}, "protocol of trained_on cannot be"),
        ({"trained_on": {"audit": ""}}, "audit of trained_on cannot be"),
        ({"trained_on": {"fold": True}}, "fold of trained_on cannot be True"),
        ({"trained_on": {"seed": -1}}, "seed of trained_on cannot be -1"),
        ({"features": "mfcc"}, "features must hold a name and options, not 'mfcc'"),
        ({"features": {"name": "mfcc", "options": {"n_fft": 2**22}}}, "4194304; numbers may be"),
        ({"model": {"name": "cnn_bigru", "options": {"hidden": float("inf")}}}, "numbers may be"),
        ({"model": {"name": "cnn_bigru", "options": {"channels": [1] * 20_000}}}, "20002 values"),
    ],
)
def test_a_config_that_is_wrong_says_where(folder, values, words):
    change(folder, **values)
    text = message(folder)
    assert words in text
    assert "BundleError" not in text and "KeyError" not in text and "TypeError" not in text


def test_a_bundle_from_before_it_said_its_protocol_loads_and_the_verdict_is_added(folder):
    assert "trained_on" not in bundles.read(folder).config
    change(folder, trained_on={"protocol": "leaky-random"})
    bundles.note_audit(folder, "leaky")
    found = bundles.read(folder).config["trained_on"]
    assert found == {"protocol": "leaky-random", "audit": "leaky"}


def test_a_higher_temperature_is_less_sure(folder):
    wav = torch.randn(16000).numpy()
    sure = bundles.read(folder).probabilities([wav]).max()
    change(folder, temperature=3.0)
    assert bundles.read(folder).probabilities([wav]).max() < sure


def test_weights_that_do_not_fit_are_refused(folder):
    weights = folder / "model.safetensors"
    state = load_file(weights)
    save_file({k: v for k, v in state.items() if "head" not in k}, weights)
    assert "does not fit" in message(folder)
    save_file(
        {k: v * float("nan") if v.is_floating_point() else v for k, v in state.items()}, weights
    )
    assert "not finite" in message(folder)
    weights.write_bytes(b"not safetensors")
    assert "does not fit" in message(folder)
    weights.unlink()
    assert "does not fit" in message(folder)


@pytest.mark.parametrize("hop", [0, -5])
def test_options_that_fit_the_weights_and_cannot_be_heard_with_are_refused(folder, hop):
    given = json.loads((folder / "config.json").read_text())["features"]
    change(folder, features={**given, "options": {**given["options"], "hop": hop}})
    assert "cannot hear" in message(folder)


def test_weights_that_overflow_are_refused(folder):
    weights = folder / "model.safetensors"
    state = load_file(weights)
    save_file({k: v * 0 + 3e38 if "head" in k else v for k, v in state.items()}, weights)
    assert "gives no probabilities" in message(folder)


def test_a_model_that_would_fill_the_memory_is_refused_before_it_is_built(folder):
    options = {"channels": [4, 8], "hidden": 100_000}  # 240 GB
    change(folder, model={"name": "cnn_bigru", "options": options})
    assert "does not fit" in message(folder)


@pytest.mark.parametrize("name", ["mfcc", "log_mel"])
def test_features_that_would_fill_the_memory_are_refused_before_they_are_built(folder, name):
    change(folder, features={"name": name, "options": {"n_fft": 999_999, "n_mels": 999_999}})
    assert "far more than the weights have" in message(folder)  # 2 TB


def respell(folder, change):
    path = folder / "model.safetensors"
    state = load_file(path)
    change(state)
    save_file(state, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.update({"normalize.mean": torch.tensor(0.0)}),
        lambda state: state.update({"normalize.mean": torch.zeros(3)}),
        lambda state: state.update({"more": torch.zeros(3)}),
        lambda state: state.pop("normalize.std"),
        lambda state: state.update({f"more.{i}": torch.zeros(1) for i in range(10_001)}),
    ],
)
def test_weights_of_other_names_or_shapes_are_refused(folder, change):
    respell(folder, change)
    assert "does not fit" in message(folder)


COMPUTES = """
import torch
from ser_plugins import hookimpl, make_model

def computes(n_features, n_classes, layers=0, size=1):
    model = make_model("pooled_linear", n_features, n_classes)
    assert model.head.weight.sum().item() < 1e9
    model.more = torch.nn.Sequential(*[torch.nn.Linear(1, 1) for _ in range(layers)])
    model.ones = torch.ones(size, size)
    return model

@hookimpl
def ser_models():
    return {"computes": computes}
"""


@pytest.fixture
def computing(tmp_path):
    """Register a model that looks at its weights while it is built; return a bundle of it."""
    (tmp_path / "computes.py").write_text(COMPUTES)
    use_plugins(str(tmp_path / "computes.py"))
    given = [("model", "computes"), ("model_options", "{}")]
    config = bundles.make_config(Experiment(YAML, given).load(), ["sad", "angry"])
    bundles.write(tmp_path / "bundle", bundles.build(config))
    yield tmp_path / "bundle"
    registry.default.cache_clear()


def test_a_model_that_looks_at_its_weights_while_it_is_built_loads(computing):
    assert bundles.read(computing).labels == ("sad", "angry")


@pytest.mark.parametrize(
    ("options", "words"), [({"layers": 1_000_000}, "more than"), ({"size": 1_000_000}, "makes")]
)
def test_nor_is_one_built_that_has_far_more_than_its_weights(computing, options, words):
    change(computing, model={"name": "computes", "options": options})
    assert words in message(computing) and "far more than the weights have" in message(computing)


@pytest.mark.parametrize("text", ["[" * 100_000, f'{{"format": {"1" * 5000}}}'])
def test_json_that_is_made_to_hurt_is_refused(folder, text):
    (folder / "config.json").write_text(text)
    assert "is not the config of a bundle" in message(folder)


def test_a_pickle_is_no_file_of_weights(folder, tmp_path):
    class Bad:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    (folder / "model.safetensors").write_bytes(pickle.dumps(Bad()))
    assert "does not fit" in message(folder)
    assert not (tmp_path / "ran").exists()


def test_a_folder_without_a_bundle_is_named(tmp_path):
    assert "is not the config of a bundle" in message(tmp_path)


FROM_A_FOLDER = """
from pathlib import Path
from ser_plugins import hookimpl, make_features

class Stored:
    outside = ("folder",)

    def __new__(cls, sample_rate=16000, folder=None, n_mfcc=None):
        front = make_features("mfcc", n_mfcc=n_mfcc or int(Path(folder).read_text()))
        front.portable_options = {"n_mfcc": front.n_features}
        return front

def forgets(folder):
    return make_features("mfcc")

forgets.outside = ("folder",)

@hookimpl
def ser_features():
    return {"stored": Stored, "forgets": forgets}
"""


@pytest.fixture
def stored(tmp_path):
    """Register features that open a file, as those of a checkpoint do; return the file."""
    (tmp_path / "stored.py").write_text(FROM_A_FOLDER)
    use_plugins(str(tmp_path / "stored.py"))
    (tmp_path / "checkpoint").write_text("20")
    yield tmp_path / "checkpoint"
    registry.default.cache_clear()


def features_from(name, file):
    given = [("features", name), ("features_options", json.dumps({"folder": str(file)}))]
    return bundles.make_config(Experiment(YAML, [*SMALL, *given]).load(), ["sad", "angry"])


def test_what_options_open_travels_in_the_bundle(stored, tmp_path):
    bundle = bundles.build(features_from("stored", stored))
    bundles.write(tmp_path / "bundle", bundle)
    stored.unlink()
    again, wav = bundles.read(tmp_path / "bundle"), torch.randn(16000).numpy()
    assert again.config["features"] == {"name": "stored", "options": {"n_mfcc": 20}}
    assert str(tmp_path) not in (tmp_path / "bundle" / "config.json").read_text()
    bundle.classifier.eval()
    assert (again.probabilities([wav]) == bundle.probabilities([wav])).all()


def test_a_bundle_that_points_out_of_itself_is_refused_before_anything_is_opened(folder, stored):
    change(folder, features={"name": "stored", "options": {"folder": str(stored) + "?"}})
    assert "takes folder from outside of the bundle" in message(folder)


def test_what_points_out_is_refused_however_deep_it_lies(folder, stored):
    parts = {"mfcc": {}, "stored": {"folder": str(stored)}}
    change(folder, features={"name": "stack", "options": {"parts": parts}})
    assert "takes folder from outside of the bundle" in message(folder)


def test_features_that_cannot_be_carried_are_refused_before_training(stored):
    with pytest.raises(InputError, match="from outside of the bundle"):
        bundles.check_portable(bundles.build(features_from("forgets", stored)))


def test_what_a_config_cannot_hold_is_refused_before_training():
    given = [*SMALL, ("features_options", '{"top_db": 10000000}')]
    bundle = bundles.build(bundles.make_config(Experiment(YAML, given).load(), ["sad", "angry"]))
    with pytest.raises(InputError, match="numbers may be as large as"):
        bundles.check_portable(bundle)


def test_a_full_disk_is_told_as_the_disk_tells_it(small_bundle, tmp_path, monkeypatch):
    import errno
    from pathlib import Path

    real = Path.write_bytes

    def write_bytes(path, content):
        if path.suffix == ".safetensors":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, content)

    bundles.write(tmp_path / "bundle", small_bundle())
    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(OSError, match="No space left"):
        bundles.write(tmp_path / "bundle", small_bundle())
    assert bundles.read(tmp_path / "bundle").labels  # the one before is whole
