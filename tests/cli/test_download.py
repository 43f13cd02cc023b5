"""The licence comes first, then the corpus; where none is to be had so, it says how to ask."""

import numpy as np
import pytest
import soundfile
from core.test_fetch import server  # noqa: F401  a fixture

from ser_plugins.cli import download
from ser_plugins.datasets import crema_d, synthetic


def clip(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(1600), 16000)


@pytest.fixture
def mirror(server, tmp_path, monkeypatch):  # noqa: F811
    """Two clips of CREMA-D and its tables, on the loopback."""
    www = tmp_path / "www"
    names = ["1001_DFA_ANG_XX", "1040_ITH_SAD_X"]
    table = "".join(f"{i},{name}\n" for i, name in enumerate(names, 1))
    (www / "SentenceFilenames.csv").write_text(f"Stimulus_Number,Filename\n{table}")
    (www / "VideoDemographics.csv").write_text("ActorID,Age,Sex,Race,Ethnicity\n")
    for name in names:
        clip(www / "AudioWAV" / f"{name}.wav")
    monkeypatch.setattr(crema_d, "TABLES", server)
    monkeypatch.setattr(crema_d, "AUDIO", f"{server}/AudioWAV")


def test_a_corpus_comes_after_its_licence_and_what_is_missing_is_told(mirror, tmp_path, caplog):
    assert download.main(["crema_d", str(tmp_path / "corpus"), "--yes"]) == 1
    lines = [record.getMessage() for record in caplog.records]
    assert "ODbL" in lines[0] and "not verified" in lines[1]
    assert "2 of 7442 recordings" in caplog.text and "2 recordings of crema_d" in lines[-1]
    assert (tmp_path / "corpus" / "AudioWAV" / "1040_ITH_SAD_X.wav").exists()


def test_without_a_yes_nothing_is_asked_of_the_network(mirror, tmp_path, refused):
    assert "--yes" in refused(download.main, "crema_d", tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [("iemocap", "release form.*https://sail.usc.edu"), ("savee", "Register at")],
)
def test_what_may_not_be_downloaded_says_how_to_ask(name, words, refused, tmp_path):
    import re

    assert re.search(words, refused(download.main, name, tmp_path / "x", "--yes"))


def test_the_list_names_corpora_and_their_terms(caplog):
    assert download.main(["--list"]) == 0
    assert "CC BY-NC-SA 4.0" in caplog.text and "research only, on request" in caplog.text


def test_a_corpus_that_renders_itself_is_rendered(tmp_path, caplog, monkeypatch):
    two = {name: synthetic.SPEAKERS[name] for name in ("f1", "m1")}
    monkeypatch.setattr(synthetic, "SPEAKERS", two)  # of ten, which say no more here
    assert download.main(["synthetic", str(tmp_path / "s"), "--yes"]) == 0
    assert "100 recordings" in caplog.text


def test_names_are_asked_for(refused):
    assert "--list" in refused(download.main)
