"""Models come from the Hub: only what is needed, once, with the login, and without running it."""

import errno
import importlib
import json
import os
import shutil
from types import SimpleNamespace

import hub_server
import huggingface_hub
import numpy as np
import pytest
import soundfile
import torch
from hub_server import READER, TOKEN, login
from places import ROOT, YAML
from safetensors.torch import load_file, save_file

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles
from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.hub.names import find_name

SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]
TWO = ("config.json", "model.safetensors")
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    hparams = Experiment(YAML, SMALL).load()
    bundle = bundles.build(bundles.make_config(hparams, ["sad", "angry"]))
    folder = tmp_path_factory.mktemp("made") / "bundle"
    bundles.write(folder, bundle)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "bundle")


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def load(source="me/model", **options):
    return EmotionClassifier.from_pretrained(source, **options)


def message(source="me/model", **options):
    with pytest.raises(InputError) as caught:
        load(source, **options)
    return str(caught.value)


def test_a_model_on_the_hub_answers_as_its_folder_does(hub, folder):
    hub.put("me/model", files(folder))
    wav = torch.randn(16000).numpy()
    assert load().predict(wav, 16000) == load(folder).predict(wav, 16000)


def test_only_the_two_files_of_a_bundle_are_asked_for(hub, folder):
    hub.put("me/model", {**files(folder), "README.md": b"#", "pytorch_model.bin": b"x"})
    load()
    assert {path.rpartition("/")[2] for _, path in hub.asked} == set(TWO)


def test_what_was_downloaded_loads_without_a_network(hub, folder):
    first = hub.put("me/model", files(folder))
    load(revision=first)
    hub.asked.clear()
    load(revision=first)
    assert not hub.asked  # a commit does not change
    load()
    hub.refuse = {("HEAD", "/"): (503, ""), ("GET", "/"): (503, "")}
    assert load().labels == ("sad", "angry")


def test_both_files_are_of_one_commit_though_the_author_goes_on(hub, folder, monkeypatch):
    first = hub.put("me/model", files(folder))
    asked = hub_server.Handler.resolve

    def resolve(handler, id, revision, name):
        asked(handler, id, revision, name)
        if handler.command == "GET" and name == "config.json":
            hub.put("me/model", {"model.safetensors": b"of another model"})

    routes = [(p, resolve if act is asked else act) for p, act in hub_server.ROUTES]
    monkeypatch.setattr(hub_server, "ROUTES", routes)
    assert load().labels == ("sad", "angry")
    assert f"/me/model/resolve/{first}/model.safetensors" in hub.of("GET")


def test_a_revision_is_a_branch_or_a_commit_and_may_be_part_of_the_name(hub, folder):
    old = hub.put("me/model", files(folder))
    config = json.loads((folder / "config.json").read_text()) | {"labels": ["calm", "loud"]}
    hub.put("me/model", {"config.json": json.dumps(config).encode()})
    assert load().labels == ("calm", "loud")
    assert load(revision=old).labels == load(f"me/model@{old}").labels == ("sad", "angry")
    assert "no such branch, tag or commit" in message(revision="v9")
    assert "give one" in message(f"me/model@{old}", revision=old)


def test_a_private_model_is_shown_to_who_may_see_it(hub, folder, home):
    hub.put("me/model", files(folder), private=True)
    assert load().labels == ("sad", "angry")
    shutil.rmtree(home / "cache")
    for token in ("", READER):
        login(home, token)
        assert "hf auth login" in message() and "that you may see" in message()


@pytest.mark.parametrize("token", ["", READER])
def test_a_gated_model_says_where_to_ask(hub, folder, home, token):
    hub.put("me/model", files(folder), gated=True)
    login(home, token)
    assert f"ask at {hub.url}/me/model" in message()
    login(home, TOKEN)
    assert load().labels == ("sad", "angry")


def test_a_token_that_is_not_accepted_is_said_and_not_shown(hub, folder, home):
    hub.put("me/model", files(folder))
    login(home, "hf_of_long_ago")
    assert "does not accept your token" in message() and "long_ago" not in message()


def test_without_a_network_a_name_that_is_nothing_here_is_explained(hub, monkeypatch):
    from huggingface_hub import constants

    dead = "http://127.0.0.1:9"
    monkeypatch.setattr(constants, "ENDPOINT", dead)
    url = dead + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url)
    text = message("results/run")
    assert "no folder here, nor a model on the Hub" in text and "check the network" in text


@pytest.mark.parametrize("name", TWO)
def test_a_repository_that_is_no_bundle_is_said(hub, folder, name):
    (folder / name).unlink()
    hub.put("me/model", files(folder))
    assert "lacks a file" in message()


def test_a_config_of_gigabytes_is_not_downloaded(hub, folder):
    (folder / "config.json").write_bytes(b" " * 1_000_001)
    hub.put("me/model", files(folder))
    assert "larger than a config can be" in message()
    assert not hub.of("GET")


def test_a_config_of_no_known_size_is_not_called_large(hub, folder, monkeypatch):
    hub.put("me/model", files(folder))
    unknown = SimpleNamespace(size=None)
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", lambda *_, **__: unknown)
    assert "does not say how large" in message()
    assert not hub.of("GET")


def test_a_full_disk_is_said_and_the_next_call_goes_on(hub, folder, monkeypatch):
    from huggingface_hub import file_download

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    hub.put("me/model", files(folder))
    with monkeypatch.context() as patch:
        patch.setattr(file_download, "http_get", full)
        assert "disk is full" in message()
    assert load().labels == ("sad", "angry")


HOSTILE = """modules: !apply:os.system [touch ran]
pretrainer: !new:subprocess.Popen [touch ran]
"""


def test_code_beside_a_good_bundle_is_neither_asked_for_nor_opened(hub, folder, tmp_path):
    (folder / "hyperparams.yaml").write_text(HOSTILE)
    (folder / "custom.py").write_text("open('ran', 'w')")
    hub.put("me/model", files(folder))
    load()
    load(folder)
    assert not (tmp_path / "ran").exists()
    assert {path.rpartition("/")[2] for _, path in hub.asked} == set(TWO)


def named(**values):
    def change(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


def reweigh(change):
    def rewrite(folder):
        state = {name: change(t) for name, t in load_file(folder / "model.safetensors").items()}
        save_file(state, folder / "model.safetensors")

    return rewrite


def pickled(folder):
    torch.save({"model": torch.zeros(3)}, folder / "model.safetensors")


BAD = {
    "pickle": (pickled, "no file of weights"),
    "a program": (named(model={"name": "os.system", "options": {}}), "no model is called"),
    "a path": (
        named(features={"name": "ssl", "options": {"source": "../../secret"}}),
        "outside of the bundle",
    ),
    "a billion classes": (named(labels=[f"{i}" for i in range(2 * 10**5)]), "larger than"),
    "many classes": (named(labels=[f"{i}" for i in range(10**4)]), "2 to 1000"),
    "labels twice": (named(labels=["sad", "sad"]), "different words"),
    "nan": (reweigh(lambda t: t * float("nan") if t.is_floating_point() else t), "not finite"),
    "other shapes": (reweigh(lambda t: t[:1] if t.ndim else t), "does not fit"),
    "later format": (named(format=99), "format 99"),
}


@pytest.mark.parametrize(("spoil", "words"), BAD.values(), ids=BAD)
def test_a_hostile_bundle_is_refused(hub, folder, spoil, words):
    spoil(folder)
    hub.put("me/model", files(folder))
    assert words in message()
    assert words in message(folder)


def test_a_link_out_of_the_cache_cannot_be_asked_for():
    for name in ("../me/model", "me/..", "me/model@../../x", "/me/model", "~/model", "me\\model"):
        assert find_name(name) is None


def test_a_path_is_never_sent_to_the_hub(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    for path in ("./me/model", "me/model/seed1", "results/mistyped", "model", "/me/model"):
        message(path)
    message(ROOT / "nowhere")
    assert not hub.asked
    assert find_name("hf://results/model") == ("results/model", None)


def test_a_folder_that_is_there_goes_before_the_hub(hub, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "me" / "model")
    assert load("me/model").labels == ("sad", "angry")
    assert not hub.asked
    assert "only a model on the Hub" in message("me/model", revision="main")


TOOLS = {
    "predict": ["me/model", "clip.wav"],
    "listen": ["me/model", "--file", "clip.wav", "--vad", "energy"],
    "demo": ["me/model"],
    "export": ["me/model", "model.onnx"],
    "show": ["clip.wav", "--model", "me/model"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_asks_the_hub_for_a_name(hub, tool):
    for package in {"demo": ["gradio"], "export": ["onnx", "onnxruntime"]}.get(tool, []):
        pytest.importorskip(package)
    soundfile.write("clip.wav", 0.1 * np.sin(np.arange(16000) / 8), 16000)
    main = importlib.import_module(f"ser_plugins.cli.{tool}").main
    with pytest.raises(InputError, match="nor a model on the Hub"):
        main(TOOLS[tool])
    assert hub.asked and all(path.startswith("/me/model/") for _, path in hub.asked)
