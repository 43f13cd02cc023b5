"""No plugin ends the process as if all were well; a signal does."""

import dataclasses
import logging
import re
import signal
import sys

import pytest

from ser_plugins import get_dataset, make_model, use_plugins
from ser_plugins.cli import plugins
from ser_plugins.core import command, exits, registry, survey
from ser_plugins.core.errors import CorpusError, OptionError, PluginError

HOOK = "from ser_plugins import hookimpl\n\n\n@hookimpl\ndef ser_models():\n    "
MODEL = HOOK + "return {'leaver': Model}\n\n\nclass Model:\n    def __init__(self, n_features, "
MODEL += "n_classes):\n        raise SystemExit(0)\n"
LOADED = {"import sys\nsys.exit(0)\n": ("line 2", "0"), HOOK + "raise SystemExit\n": ("line 6", "")}
LOADED |= {"import argparse\nargparse.ArgumentParser().parse_args(['x'])\n": ("line 2", "2")}
TEXTS = pytest.mark.parametrize(("text", "words"), LOADED.items(), ids=["module", "hook", "parser"])


@TEXTS
def test_a_file_that_ends_the_process_does_not_load(text, words, tmp_path):
    (path := tmp_path / "leaver.py").write_text(text, encoding="utf-8")
    said = f"leaver.py does not load: {path}, {words[0]}: it calls sys.exit({words[1] or None})"
    with pytest.raises(PluginError, match=re.escape(said)):
        use_plugins(str(path))


@TEXTS
def test_an_installed_one_only_warns(text, words, install, caplog):
    install("stranger", {"models.py": text}, {"a": "stranger.models"})
    assert "it calls sys.exit" in registry.default().broken["stranger.models"]
    assert registry.default().names("models") and "others do" in caplog.text


def test_one_that_cannot_be_built_breaks_its_promise(tmp_path, capsys):
    (tmp_path / "leaver.py").write_text(MODEL, encoding="utf-8")
    assert plugins.main(["check", "leaver.py"]) == 1
    assert "BROKEN" in (out := capsys.readouterr().out) and "calls sys.exit(0)" in out
    with pytest.raises(OptionError, match=r"'leaver'.*it calls sys.exit\(0\)"):
        make_model("leaver", 4, 2)


def test_a_corpus_that_leaves_while_it_is_read_is_refused(tmp_path):
    corpus = dataclasses.replace(get_dataset("ravdess"), read=lambda root: sys.exit(0))
    with pytest.raises(CorpusError, match=r"it calls sys.exit\(0\)"):
        survey._utterances("leaver", corpus, tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, exits.EndedError])
def test_everything_else_passes(error):
    with pytest.raises(error), exits.refused():
        raise error


def test_a_signal_ends_a_plugin_at_work(monkeypatch):
    def main(_):
        with exits.refused():
            signal.raise_signal(signal.SIGTERM)
        return 0

    before, logger = signal.getsignal(signal.SIGTERM), logging.getLogger("ser_plugins")
    for name in ("handlers", "level", "propagate"):
        monkeypatch.setattr(logger, name, getattr(logger, name))
    try:
        with pytest.raises(SystemExit) as caught:
            command.run_command(main)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 143
