"""From a finished run to the Hub and back, with the Hub's own client."""

import getpass
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hub_server import TOKEN, USER, login
from places import ROOT

from ser_plugins import EmotionClassifier
from ser_plugins.cli import publish
from ser_plugins.core.errors import InputError
from ser_plugins.core.hub.speechbrain_page import YAML

FILES = {
    "README.md", "config.json", "scores.json", "hyperparams.yaml", "model.safetensors",
    "confusion_matrix.png", "curves.png",
}  # fmt: skip
ID = "me/toy-cnn"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run", ignore=shutil.ignore_patterns("save"))


@pytest.fixture
def say(caplog, run):
    """Publish; return what is said."""

    def say(*options, id=ID):
        caplog.clear()
        assert publish.main([str(run), id, *options]) == 0
        return "\n".join(record.getMessage() for record in caplog.records)

    return say


def refused(run, *options, id=ID):
    with pytest.raises(InputError) as caught:
        publish.main([str(run), id, *options])
    return str(caught.value)


def published(hub):
    return {n: c for n, c in hub.repos[ID].files.items() if n != ".gitattributes"}


def test_a_run_goes_up_and_comes_back(hub, run, say):
    said = say("--message", "Version 1")
    assert set(published(hub)) == FILES and hub.repos[ID].messages[-1] == "Version 1"
    assert f"{hub.url}/{ID}" in said
    t = np.arange(8000) / 16000
    soundfile.write("clip.wav", 0.3 * np.sin(2 * np.pi * 300 * t), 16000)
    lines = said.split("\n")[-3:]
    found = {}
    exec("\n".join(lines).replace("print(", "found.append("), {"found": (answers := [])}, found)
    here = EmotionClassifier.from_pretrained(run).predict("clip.wav")
    assert answers == [here.label]
    assert found["classifier"].predict("clip.wav") == here
    assert EmotionClassifier.from_pretrained(ID).predict("clip.wav") == here


def test_the_config_goes_up_as_the_run_has_it_but_for_the_line_of_speechbrain(hub, run, say):
    say()
    here = (run / "bundle" / "config.json").read_text().removesuffix("\n}\n")
    up = published(hub)["config.json"].decode()
    assert up == here + ',\n "speechbrain_interface": "EncoderClassifier"\n}\n'


def test_the_same_run_again_uploads_nothing(hub, say):
    say()
    commits = len(hub.repos[ID].messages)
    hub.asked.clear()
    assert "nothing uploaded" in say() and "nothing uploaded" in say("--update")
    assert len(hub.repos[ID].messages) == commits and not hub.of("PUT")


def test_a_dry_run_shows_all_that_would_go_up_and_asks_nobody(hub, say, home):
    login(home, "")
    said = say("--dry_run")
    assert not hub.asked
    say_card = said[said.index("README.md:") :]
    assert say_card.count("# ") > 8 and "model-index" in say_card
    login(home, TOKEN)
    say()
    for name, content in published(hub).items():
        assert f"{len(content):,} bytes  {name}" in said
    assert published(hub)["README.md"].decode().strip() in said


def test_nothing_of_this_machine_is_published(hub, run, say, finished, toy_folder):
    say()
    private = [str(p) for p in (run, finished, toy_folder, Path.home(), ROOT)]
    for name, content in published(hub).items():
        for text in (*private, "ledger", TOKEN):
            assert text.encode() not in content, (name, text)
    hyperparams = (run / "hyperparams.yaml").read_text()
    assert str(toy_folder) in hyperparams  # it would be, if this one went up
    assert published(hub)["hyperparams.yaml"].decode() == YAML
    user = getpass.getuser()
    assert f"/{user}/" not in published(hub)["README.md"].decode()


def test_a_note_that_names_a_folder_stays_at_home(hub, run, say):
    path = run / "scores.json"
    scores = json.loads(path.read_text())
    path.write_text(json.dumps({**scores, "notes": ["/secret/place holds 3 of 4"]}))
    say()
    assert b"secret" not in published(hub)["scores.json"]


def test_an_option_that_names_a_folder_stops_it(hub, run):
    path = run / "scores.json"
    scores = json.loads(path.read_text())
    path.write_text(json.dumps({**scores, "versions": {**scores["versions"], "x": "/secret/x"}}))
    assert "'/secret/x'" in refused(run)
    assert not hub.asked


def test_code_beside_the_bundle_does_not_go_up_and_is_not_run(hub, run, say, tmp_path):
    (run / "bundle" / "hyperparams.yaml").write_text("x: !apply:os.system [touch ran]\n")
    (run / "bundle" / "custom.py").write_text("open('ran', 'w')")
    say()
    assert set(published(hub)) == FILES
    assert published(hub)["hyperparams.yaml"].decode() == YAML
    assert not (tmp_path / "ran").exists()


def test_a_licence_that_the_corpus_forbids_needs_to_be_told(hub, run, say, monkeypatch):
    monkeypatch.setattr(publish_terms(), "terms_of", lambda *_: {"toy": "CC BY-NC-SA 4.0"})
    text = refused(run, "--licence", "apache-2.0")
    assert "cc-by-nc-sa-4.0" in text and "--despite_licence" in text
    assert not hub.asked
    say("--licence", "apache-2.0", "--despite_licence")
    card = published(hub)["README.md"].decode()
    assert "license: apache-2.0" in card and "although toy is licensed as" in card


def publish_terms():
    from ser_plugins.core.hub import publication

    return publication


def test_without_a_choice_the_licence_is_that_of_the_corpus(hub, say):
    say()
    assert "license: cc0-1.0" in published(hub)["README.md"].decode()


@pytest.mark.parametrize(
    ("verdict", "words"), [("failed", "failed"), ("leaky", "leaky"), (None, "no audit")]
)
def test_an_audit_that_did_not_pass_is_said(run, say, caplog, verdict, words):
    path = run / "audit.json"
    if verdict:
        path.write_text(json.dumps({**json.loads(path.read_text()), "verdict": verdict}))
    else:
        path.unlink()
    say("--dry_run")
    warned = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert any(words in text for text in warned)


def note_fold(run, fold):
    path = run / "bundle" / "config.json"
    config = json.loads(path.read_text())
    config["trained_on"]["fold"] = fold
    path.write_text(json.dumps(config))


def change_scores(run, **values):
    path = run / "scores.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def link(path, target):
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda run: change_scores(run, shares=None), "is damaged"),
        (lambda run: change_scores(run, parameters="many"), "is damaged"),
        (lambda run: (run / "curves.png").write_text("secret"), "not the picture"),
        (lambda run: link(run / "curves.png", run / "scores.json"), "not the picture"),
        (lambda run: link(run / "curves.png", run / "confusion_matrix.png"), "not the picture"),
        (lambda run: (run / "scores.json").unlink(), "holds no finished run"),
        (lambda run: (run / "predictions.csv").unlink(), "missing or damaged"),
        (lambda run: (run / "bundle" / "model.safetensors").write_bytes(b"x"), "does not fit"),
        (lambda run: (run / "manifests" / "test.json").unlink(), "missing or damaged"),
        (lambda run: (run / "audit.json").write_text("{"), "damaged"),
        (lambda run: (run / "confusion_matrix.png").unlink(), "is gone"),
        (lambda run: note_fold(run, 7), "is of another fold"),
        (shutil.rmtree, "holds no finished run"),
    ],
)
def test_a_run_that_is_not_whole_is_refused(hub, run, damage, words):
    damage(run)
    assert words in refused(run)
    assert not hub.asked


@pytest.mark.parametrize("id", ["toy", "me/a/b", "../x", "me/a--b", "me/", "/me/x"])
def test_what_cannot_be_a_name_is_refused_at_once(hub, run, id):
    assert "give owner/name" in refused(run, id=id)


def test_the_token_is_never_shown(hub, run, say, home, capfd):
    login(home, TOKEN)
    said = say()
    shown = capfd.readouterr()
    assert TOKEN not in said + shown.out + shown.err


def test_the_command_works_as_a_user_gives_it(hub, run, home):
    environment = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "tools" / "publish.py"), str(run), ID, "--private"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert hub.repos[ID].private and set(published(hub)) == FILES
    assert f"{hub.url}/{ID}" in done.stdout and USER in done.stdout
    (home / "token").unlink()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2 and "hf auth login" in done.stderr
    assert "Traceback" not in done.stderr
