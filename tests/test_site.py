"""The built documentation has a place for everything that is registered, and no dead end."""

import re
import subprocess
import sys

import pytest
from places import ROOT

import ser_plugins
from docs.writers import WRITERS
from docs.writers.plugins import names
from ser_plugins import get_dataset
from ser_plugins.core import promises, protocols, registry

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*") if path.suffix in (".md", ".ipynb"))
KINDS = pytest.mark.parametrize("kind", registry.KINDS)


def text_of(path):
    return path.read_text(encoding="utf-8")


@KINDS
def test_every_plugin_has_a_section(kind):
    headings = re.findall(r"^## `(\w+)`$", WRITERS[kind](), re.MULTILINE)
    assert headings == names(kind)
    folder = ROOT / "ser_plugins" / kind
    assert headings == sorted(path.stem for path in folder.glob("[!_]*.py"))


PLAIN = [
    ("datasets", "savee"),
    ("features", "log_mel"),
    ("models", "pooled_linear"),
    ("augmentations", "gain"),
]


@pytest.mark.parametrize(("kind", "name"), PLAIN)
def test_the_contract_says_every_promise_that_is_tried(kind, name):
    rows = re.findall(r"^\|`(\w+)`\|(.+)\|$", WRITERS[f"promises_of_{kind}"](), re.MULTILINE)
    tried = promises.report(kind, name)
    assert rows == [(one.promise, " ".join(one.says.split())) for one in tried]


@pytest.mark.parametrize("name", names("datasets"))
def test_every_protocol_stands_with_its_hash_and_folds(name):
    glance, sections = WRITERS["protocols_at_a_glance"](), WRITERS["protocols"]()
    for protocol in get_dataset(name).protocols:
        digest = protocols.definition_hash(protocol)
        (line,) = [x for x in glance.splitlines() if f"#protocol-{protocol.name})" in x]
        _, section = sections.split(f"(protocol-{protocol.name})=")
        section = section.partition("\n(protocol-")[0]
        assert f"`{digest}`" in line and f"`{digest}`" in section
        assert len(re.findall(r"^\|\d+\|train\|", section, re.MULTILINE)) == len(protocol.folds)
        assert ("LEAKY" in section) == protocols.is_leaky(protocol.name)


def test_every_experiment_and_key_is_shown():
    shown = WRITERS["experiments"]() + WRITERS["fragments"]()
    for path in (ROOT / "hparams").rglob("*.yaml"):
        assert f"## `{path.relative_to(ROOT).as_posix()}`\n\n````yaml\n{text_of(path)}" in shown
    from ser_plugins.core.keys import KEYS

    assert re.findall(r"^\|`(\w+)`", WRITERS["keys"](), re.MULTILINE) == list(KEYS)


def test_every_public_name_is_documented():
    page = text_of(DOCS / "reference" / "api.md")
    documented = re.findall(r"^\.\. (?:auto|py:)\w+:: (\w+)$", page, re.MULTILINE)
    assert sorted(documented) == sorted(ser_plugins.__all__)


def test_every_writer_is_asked_by_a_page_and_none_else():
    asked = [w for page in PAGES for w in re.findall(r"\{from_registry\} (\w+)", text_of(page))]
    assert sorted(asked) == sorted(WRITERS)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    """A page that no other leads to, or a link that leads nowhere, is a warning."""
    pytest.importorskip("sphinx", reason="pip install -e '.[docs]'")
    flags = ("--quiet", "--fail-on-warning", "--keep-going", "--nitpicky")
    command = [sys.executable, "-m", "sphinx", *flags, str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in PAGES:
        assert (tmp_path / page.relative_to(DOCS)).with_suffix(".html").exists()
