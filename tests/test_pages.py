"""Every block of code in the documentation runs as it stands there."""

import os
import re
import shlex
import sys
import venv
from configparser import ConfigParser
from pathlib import Path

import pages
import pytest
import small_ravdess
from places import ROOT, YAML

from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment, parse_arguments

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NOTEBOOKS = sorted(DOCS.rglob("*.ipynb"))
CHECKOUT = ("recipes", "hparams", "tools", "examples")
README = ROOT / "README.md"
CORPUS = "/path/to/RAVDESS"
LONG = re.compile(r"\brecipes/|\bpip install\b|\bbenchmark")  # training, environments, timing
BROUGHT = re.compile(r"\w+:\S+\.yaml")  # by a package that the page itself installs


def name(page):
    return page.relative_to(DOCS).as_posix()


def is_long(page):
    return any(LONG.search(command) for command in pages.commands(page))


def cases():
    """Yield each page that has a block to run; those that train are slow."""
    for page in PAGES:
        if any(block.language in ("python", "sh") for block in pages.read(page)):
            marks = pytest.mark.slow if is_long(page) else ()
            yield pytest.param(page, id=name(page), marks=marks)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    return small_ravdess.write(tmp_path_factory.mktemp("corpora") / "ravdess")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder: empty, but for what lies beside a reader in the checkout."""
    place = tmp_path / "reader"
    place.mkdir()
    for part in CHECKOUT:
        if (ROOT / part).exists():
            (place / part).symlink_to(ROOT / part)
    monkeypatch.chdir(place)
    yield place
    pages.forget_modules(tmp_path)


def commands():
    """Return the commands that this checkout installs, and their functions."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    scripts = setup["options.entry_points"]["console_scripts"].split("\n")
    return dict(line.split(" = ") for line in scripts if line)


@pytest.fixture
def environment(folder, monkeypatch):
    """Variables of a page: an environment of its own above this one, and no network."""
    own = folder.parent / "environment"
    venv.create(own, symlinks=True)
    (site,) = (own / "lib").glob("python*/site-packages")
    above = [path for path in sys.path if path.endswith("site-packages")]
    (site / "above.pth").write_text(
        "".join(f"import site; site.addsitedir({p!r})\n" for p in above)
    )
    for command, module in {"pip": "pip._internal.cli.main:main", **commands()}.items():
        module, _, function = module.partition(":")
        program = own / "bin" / command
        code = f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n"
        program.write_text(f"#!{own}/bin/python\n{code}", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.syspath_prepend(site)
    programs = (own / "bin", Path(sys.executable).parent, "/usr/bin", "/bin")
    nowhere = "http://127.0.0.1:9"
    return os.environ | {
        "PATH": os.pathsep.join(map(str, programs)),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(site))),
        "HOME": str(folder.parent),
        "MPLBACKEND": "Agg",
        "PIP_NO_BUILD_ISOLATION": "false",  # pip reads it the other way round
        "PIP_NO_INDEX": "1",
        "HF_HUB_OFFLINE": "1",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_is_python_shell_output_or_a_file(page):
    pages.read(page)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_flag_exists(page, folder):
    pages.write_files(page, folder)
    for command in pages.commands(page):
        if "recipes/train.py" in command:
            words = shlex.split(command.split("recipes/train.py")[1])
            if BROUGHT.fullmatch(words[0]):
                words[0] = str(YAML)
            try:
                Experiment(*parse_arguments(words))
            except InputError as error:
                pytest.fail(f"{name(page)}: {command}: {error}")


@pytest.mark.parametrize("page", [*cases()])
def test_every_block_runs(page, folder, environment, request):
    stand_ins = []
    if CORPUS in page.read_text(encoding="utf-8"):
        stand_ins.append((CORPUS, str(request.getfixturevalue("corpus"))))
    pages.run(page, folder, environment, stand_ins)


@pytest.mark.slow
@pytest.mark.parametrize("page", NOTEBOOKS, ids=name)
def test_every_notebook_runs(page, folder, environment):
    """But for cells with the tag skip-execution, which need the network."""
    nbformat = pytest.importorskip("nbformat", reason="pip install -e '.[docs]'")
    client = pytest.importorskip("nbclient", reason="pip install -e '.[docs]'").NotebookClient
    notebook = nbformat.read(page, as_version=4)
    place = {"metadata": {"path": str(folder)}}
    client(notebook, timeout=pages.LONGEST, resources=place).execute(env=environment)


# Commands of the README that need something else first: a run, a clip, another corpus, an answer.
NEEDY = re.compile(
    r"MODEL|RUN|results/|/path/to|clip\.wav|\.onnx|listen|train|crossval|download.py \w"
)


def alone(text):
    """Return the commands of a README that need nothing but RAVDESS."""
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
    fit = [line for line in lines if not NEEDY.search(line.replace(CORPUS, "").partition("#")[0])]
    return [line for line in fit if line.startswith(("python tools/", "python recipes/"))]


@pytest.mark.slow
def test_the_commands_of_the_readme_that_stand_alone_run(folder, environment, corpus):
    text = README.read_text(encoding="utf-8")
    assert len(alone(text)) > 5
    for command in alone(text):
        line = text[: text.index(command)].count("\n") + 1
        block = pages.Block(README, line, "sh", command.replace(CORPUS, str(corpus)))
        pages.run_shell(block, folder, environment)


BROKEN = {
    "a python block that fails": ("```python\nx = 1\nx / 0\n```\n", "3: ZeroDivisionError"),
    "one that fails far below": ("a\n\n```python\nimport json\n\njson.loads('')\n```\n", "6: JSON"),
    "a block that is no python": ("```python\nx = 1\nx = = 2\n```\n", "3: invalid syntax"),
    "a name of a page that has none": ("```python\nfound\n```\n", "2: NameError"),
    "a command that fails": ("```sh\ntrue\nfalse\ntrue\n```\n", "3: exit code 1"),
    "a command in a pipe": ("```sh\nfalse | cat\n```\n", "2: exit code 1"),
    "a package that is not there": ("```sh\npip install ./none\n```\n", "2: exit code 1"),
    "a command that is not there": ("```sh\nser-nothing\n```\n", "2: exit code 127"),
    "a block in a note": ("````{note}\n```sh\nfalse\n```\n````\n", "3: exit code 1"),
    "a block in a card": (":::{card} Title\n```sh\nfalse\n```\n:::\n", "3: exit code 1"),
    "a file in no language": ("```yaml\na: 1\n```\n", "2: 'yaml': a block is"),
    "a block of no language": ("```\na\n```\n", "2: 'no language': a block is"),
    "a reason of its own": ("<!-- not run: needs luck -->\n```sh\nfalse\n```\n", "3: not run for"),
    "a reason of another block": (
        "<!-- not run: needs the network -->\n```sh\nfalse\n```\n\n```sh\nfalse\n```\n",
        "7: exit code 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_broken_is_named_by_page_and_line(broken, folder, environment):
    text, expected = BROKEN[broken]
    page = folder.parent / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(pages.PageError) as caught:
        pages.run(page, folder, environment)
    assert str(caught.value).startswith(f"{page}:{expected}")


WHOLE = """
```{code-block} python
:caption: parts/own.py

SECONDS = 3
```

```python
from pathlib import Path

seconds = Path("parts/own.py").read_text()
```

```text
3 seconds
```

<!-- not run: needs an account -->
```sh
false
```

```sh
test "$(cat parts/own.py)" = "SECONDS = 3"
where=/path/to/RAVDESS
ls recipes/train.py \\
   hparams > "$where"
```

```python
assert seconds == Path("parts/own.py").read_text() and Path("stand-in").exists()
```
"""


def test_a_page_has_one_namespace_one_folder_and_its_files(folder, environment):
    page = folder.parent / "page.md"
    page.write_text(WHOLE, encoding="utf-8")
    pages.run(page, folder, environment, [(CORPUS, "stand-in")])


def test_a_page_that_trains_is_slow(tmp_path):
    page = tmp_path / "page.md"
    for text, expected in (
        ("```sh\npython recipes/train.py hparams/svm.yaml\n```\n", True),
        ("<!-- not run: the network -->\n```sh\npip install x\n```\n", False),
        ("```sh\npython tools/protocols.py\n```\n", False),
    ):
        page.write_text(text, encoding="utf-8")
        assert is_long(page) == expected


PACKAGE = """
```{code-block} toml
:caption: louder/pyproject.toml

[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = "louder"
version = "1.0"
dependencies = ["ser_plugins"]
entry-points.ser_plugins.louder = "louder"
```

```{code-block} python
:caption: louder/louder.py

from ser_plugins import hookimpl, make_augmentation


@hookimpl
def ser_augmentations():
    return {"louder": lambda: make_augmentation("gain")}
```

```sh
pip install ./louder
python -c 'from ser_plugins import make_augmentation; make_augmentation("louder")'
ser-predict --help
pip uninstall --yes louder
pip install -e ./louder
```
"""


@pytest.mark.slow
def test_what_a_page_installs_is_found_by_it_alone(folder, environment):
    from importlib import metadata

    page = folder.parent / "page.md"
    page.write_text(PACKAGE, encoding="utf-8")
    pages.run(page, folder, environment)
    (site,) = (folder.parent / "environment" / "lib").glob("python*/site-packages")
    found = metadata.distribution("louder")
    assert Path(str(found.locate_file(""))) == site
