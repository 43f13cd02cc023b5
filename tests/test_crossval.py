"""A grid of runs on tones: tables, going on after anything, and what is refused."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import as_script
import pytest
import torch
from places import ROOT, SMALL, YAML

from recipes import crossval
from ser_plugins.core import children

NAME = "cnn_bigru+diverges-toy-by_speaker"
BOTH = ("by_speaker", "leave_one_speaker_out")
GOOD = "results/cnn_bigru/toy/by_speaker/fold{}/seed1"


@pytest.fixture(scope="module")
def toy_flags(toy_folder):
    plugin = f"--plugins={ROOT / 'tests' / 'toy.py'}"
    return (plugin, "--dataset=toy", f"--data_folder={toy_folder}", *SMALL)


class Ended(NamedTuple):
    """Stands for a process that has ended."""

    returncode: int

    def poll(self):
        return self.returncode


def run_here(task, _):
    """Stand for `children._start`: run a script without a process, which would import anew."""
    _, *script = task.command
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as a process of a grid has
    done = as_script.run(*script)
    torch.set_num_threads(threads)
    task.output.parent.mkdir(parents=True, exist_ok=True)
    task.output.write_text(done.stdout + done.stderr, encoding="utf-8")
    return Ended(done.returncode)


@pytest.fixture(scope="module")
def grid(toy_flags, cache, tmp_path_factory):
    """One good and one bad experiment, two folds, as a script; return its folder and its end."""
    place = tmp_path_factory.mktemp("grid")
    text = f"include: [{YAML}]\nlr: 1.0e+30\n"
    (place / "diverges.yaml").write_text(text, encoding="utf-8")
    script = ROOT / "recipes" / "crossval.py"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("SER_PLUGINS_CACHE", str(cache))
        patch.setenv("SER_PLUGINS_LEDGER", "own.csv")
        patch.setattr(children, "_start", run_here)
        done = as_script.run(script, YAML, "diverges.yaml", "--folds", 1, 2, *toy_flags)
    return place, done


@pytest.fixture
def copy(grid, tmp_path):
    """A copy of what the command left, in the current folder."""
    shutil.copytree(grid[0], tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def run_grid(toy_flags):
    def run(arguments):
        return crossval.main([str(argument) for argument in (*arguments, *toy_flags)])

    return run


@pytest.fixture
def nothing_runs(monkeypatch):
    """No process may be started."""

    def start(*_):
        raise AssertionError("a process was started")

    monkeypatch.setattr(children, "_start", start)


def figures(folder):
    return json.loads((folder / "crossval.json").read_text(encoding="utf-8"))


def test_every_run_lies_where_the_recipe_puts_it(grid):
    place, _ = grid
    for fold in (1, 2):
        found = json.loads((place / GOOD.format(fold) / "scores.json").read_text())
        assert (found["fold"], found["seed"], found["protocol"]) == (fold, 1, "by_speaker")


def test_what_failed_is_named_with_its_last_words_and_the_others_are_finished(grid):
    place, done = grid
    assert done.returncode == 1 and not done.stderr
    for fold in (1, 2):
        assert f"diverges, by_speaker, fold {fold}, seed 1 FAILED (exit code 2)" in done.stdout
        assert (place / GOOD.format(fold) / "scores.json").exists()
    assert "is --lr too large" in done.stdout and "0 left" in done.stdout
    assert (
        place / "results/crossval" / NAME / "output" / "diverges-by_speaker-fold1-seed1.txt"
    ).exists()


def test_the_tables_hold_what_the_runs_scored_and_average_no_half_grid(grid):
    place, done = grid
    folder = place / "results" / "crossval" / NAME
    good, bad = figures(folder)["cells"]
    uars = [
        json.loads((place / GOOD.format(fold) / "scores.json").read_text())["test"]["uar"]
        for fold in (1, 2)
    ]
    assert good["uar"]["by_fold"] == uars and good["uar"]["mean"] == pytest.approx(sum(uars) / 2)
    assert good["clips"] == 36 and "3 speakers here" in good["pooled"]["why_no_interval"]
    assert "uar" not in bad and len(bad["missing"]) == 2
    assert "INCOMPLETE: 0 of 2 runs" in done.stdout and "1 2 of 5" in done.stdout
    text = (folder / "crossval.md").read_text(encoding="utf-8")
    assert f"{good['uar']['mean']:.3f} ±" in text and good["definition_hash"] in text
    assert (folder / "crossval.png").stat().st_size > 5000
    with (folder / "crossval.csv").open(newline="") as file:
        assert [row["missing"] for row in csv.DictReader(file)] == ["0", "2"]


def test_the_same_command_runs_only_what_has_no_scores(copy, run_grid, monkeypatch):
    kept, cut = (copy / GOOD.format(fold) / "scores.json" for fold in (1, 2))
    before, then = kept.stat().st_mtime_ns, json.loads(cut.read_text())
    cut.unlink()
    started = []
    monkeypatch.setattr(children, "_start", lambda *it: started.append(it[0]) or run_here(*it))
    assert run_grid([YAML, "--folds", 1, 2]) == 0
    assert len(started) == 1 and "--fold=2" in started[0].command
    assert kept.stat().st_mtime_ns == before
    assert json.loads(cut.read_text())["test"] == then["test"]


def test_a_complete_grid_starts_nothing_and_gives_its_tables_again(copy, run_grid, nothing_runs):
    assert run_grid([YAML, "--folds", 1, 2]) == 0
    (found,) = figures(copy / "results" / "crossval" / "cnn_bigru-toy-by_speaker")["cells"]
    assert found["uar"] == figures(copy / "results" / "crossval" / NAME)["cells"][0]["uar"]
    assert run_grid([YAML, "--folds=1", "--protocols", "by_speaker", "--seeds=1"]) == 0


def test_a_key_that_is_newer_than_a_run_counts_as_its_default(copy, run_grid, nothing_runs):
    path = copy / GOOD.format(1) / "hyperparams.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("allow_copies:")]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), encoding="utf-8")
    assert run_grid([YAML, "--folds=1"]) == 0


def test_torchruns_processes_are_refused(run_grid, refused, nothing_runs, monkeypatch):
    for name, value in {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    text = refused(run_grid, YAML)
    assert "--jobs" in text and "torchrun is for recipes/train.py" in text


@pytest.mark.parametrize("is_complete", [True, False])
def test_another_experiment_in_a_folder_is_refused(
    copy, run_grid, refused, nothing_runs, is_complete
):
    if not is_complete:
        (copy / GOOD.format(1) / "scores.json").unlink()
    text = refused(run_grid, YAML, "--folds", 1, 2, "--lr=0.5")
    assert "lr was 0.0015, is 0.5" in text and GOOD.format(1) in text


def test_scores_of_another_protocol_or_damaged_ones_are_refused(
    copy, run_grid, refused, nothing_runs
):
    path = copy / GOOD.format(1) / "scores.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "definition_hash": "0" * 12}))
    assert "has changed" in refused(run_grid, YAML, "--folds=1")
    path.write_text(json.dumps({key: found[key] for key in found if key != "audit"}))
    assert "lacks audit" in refused(run_grid, YAML, "--folds=1")
    path.write_text(json.dumps(found))
    table = path.parent / "predictions.csv"
    first, second, *rest = table.read_text().splitlines(keepends=True)
    turned = second.split(",")
    turned[3] = "angry" if turned[3] != "angry" else "sad"
    table.write_text("".join([first, ",".join(turned), *rest]))
    assert "not what was scored" in refused(run_grid, YAML, "--folds=1")
    table.write_text("id\n")
    assert "predictions.csv" in refused(run_grid, YAML, "--folds=1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give YAML files"),
        ([YAML, "other/cnn_bigru.yaml"], "two YAML files are called 'cnn_bigru'"),
        ([YAML, "--fold=1"], "give --folds"),
        ([YAML, "--seed", "1"], "give --seeds"),
        ([YAML, "--protocol=by_speaker"], "give --protocols"),
        ([YAML, "--folds", "1", "6"], "folds 1 to 5"),
        ([YAML, "--folds", "0"], "whole numbers from 1, not '0'"),
        ([YAML, "--seeds", "one"], "whole numbers from 0, not 'one'"),
        ([YAML, "--jobs", "1", "2"], "--jobs takes one number"),
        ([YAML, "--jobs"], "--jobs needs a value"),
        ([YAML, "--protocols", "by_speakers"], "did you mean 'by_speaker'"),
        ([YAML, "--lrr=1"], "did you mean 'lr'"),
        ([YAML, "nowhere.yaml"], "No such file"),
        ([YAML, "--data_folder=nowhere"], "nowhere is not a folder"),
        ([YAML, "--output_folder=/proc/x"], "--output_folder"),
        ([YAML, "--labels=[sad,angry]", "--protocols", *BOTH], "two protocols would share"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    toy_flags, refused, nothing_runs, tmp_path, arguments, words
):
    assert words in refused(crossval.main, *toy_flags, *arguments)
    assert not list(tmp_path.iterdir())


def test_a_second_command_on_the_same_grid_is_refused(copy, run_grid, refused, nothing_runs):
    from filelock import FileLock

    folder = copy / "results" / "crossval" / "cnn_bigru-toy-by_speaker"
    folder.mkdir()
    with FileLock(folder / ".lock"):
        assert "another process is cross-validating" in refused(run_grid, YAML, "--folds=1")


def test_help_needs_no_torch():
    code = "import sys; sys.path[:0] = ['recipes']; import crossval; crossval.main(['--help'])"
    code += "; sys.exit(bool({'torch', 'speechbrain', 'scipy'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert "--seeds" in done.stdout and "--lr" in done.stdout and "--fold " not in done.stdout


TWENTY_FIVE = ("--folds", "1", "2", "--jobs=2", "--number_of_epochs=25")


@pytest.fixture(scope="module")
def start(toy_flags, cache):
    """Start a grid that takes long enough to be stopped, as a process."""

    def start(root):
        command = [sys.executable, ROOT / "recipes" / "crossval.py", YAML, *toy_flags]
        own = {"SER_PLUGINS_CACHE": str(cache), "SER_PLUGINS_LEDGER": str(root / "own.csv")}
        return subprocess.Popen(
            [*command, *TWENTY_FIVE, f"--output_folder={root}", f"--ledger={root / 'ledger.csv'}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **own},
        )  # fmt: skip

    return start


@pytest.fixture(scope="module")
def whole(start, tmp_path_factory):
    """A grid that nothing stopped."""
    root = tmp_path_factory.mktemp("whole")
    assert start(root).wait() == 0
    return root


@pytest.mark.slow
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_grid_that_was_stopped_goes_on_to_the_same_end(start, whole, tmp_path, stop, code):
    process = start(tmp_path)
    runs = [Path("cnn_bigru/toy/by_speaker") / f"fold{fold}" / "seed1" for fold in (1, 2)]
    while not any((tmp_path / run / "history.csv").exists() for run in runs):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(stop)
    assert process.wait(60) == code and "Traceback" not in process.stderr.read()
    assert not all((tmp_path / run / "scores.json").exists() for run in runs)
    assert start(tmp_path).wait() == 0
    for run in runs:
        weights = run / "bundle" / "model.safetensors"
        assert (tmp_path / weights).read_bytes() == (whole / weights).read_bytes()
