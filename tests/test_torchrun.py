"""Several processes under torchrun train as one does, write once, and end together."""

import os
import shutil
import signal
import time

import pytest
import together
from killing import worth
from places import ROOT, SMALL, YAML, on_tones
from safetensors.torch import load_file

from recipes import train

pytestmark = pytest.mark.slow

LINEAR = ROOT / "hparams" / "pooled_linear.yaml"
FEW = ("--number_of_epochs=2", "--device=cpu", "--batch_size=10")
EACH_STEP = ("--ckpt_interval_minutes=1e-9", "--batch_size=10", "--number_of_epochs=6")


def beginner(folder, tones):
    """Return a function that begins to train; each place has its own cache and ledgers."""

    def begin(place, *options, yaml=YAML, model=SMALL, data=tones, run=None, **given):
        place = folder / place
        flags = on_tones(data, run or place / "run")
        ledger = f"--ledger={place / 'ledger.csv'}"
        return together.start((yaml, *flags, ledger, *model, *options), place, **given)

    return begin


@pytest.fixture
def begin(toy_folder, tmp_path):
    return beginner(tmp_path, toy_folder)


@pytest.fixture(scope="module")
def whole(toy_folder, tmp_path_factory):
    """What two processes make of a run that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert together.end(beginner(folder, toy_folder)("whole", *EACH_STEP)) == 0
    return worth(folder / "whole" / "run")


def said(place):
    """Return the lines that the processes have said, without torchrun's own."""
    lines = (place / "said.txt").read_text().splitlines()
    return [line for line in lines if line.startswith(("error:", "interrupted", "epoch", "run f"))]


@pytest.mark.parametrize(
    ("n", "options"), [(2, ()), (3, ("--augment=[noise,spec_mask]", "--copies=1"))]
)
def test_the_weights_are_those_of_one_process_within_rounding(
    begin, toy_folder, tmp_path, n, options
):
    model = (*FEW, "--model_options.dropout=0", *options)
    alone = [str(LINEAR), *on_tones(toy_folder, tmp_path / "alone"), *model]
    assert train.main(alone) == 0
    assert together.end(begin("many", yaml=LINEAR, model=model, n=n)) == 0
    runs = tmp_path / "alone", tmp_path / "many" / "run"
    one, many = (load_file(run / "bundle" / "model.safetensors") for run in runs)
    for name, weights in one.items():
        assert (weights - many[name]).abs().max() < 1e-6, name
    tables = [(run / "history.csv").read_text().splitlines() for run in runs]
    for here, there in zip(*(map(columns, table[1:]) for table in tables), strict=True):
        assert here == pytest.approx(there, abs=1e-6)


def columns(row):
    """Return the numbers of a row of a history, but for its seconds."""
    return [float(value) for value in row.split(",")[:-1]]


def test_one_process_writes_and_says_what_happens(begin, tmp_path):
    assert together.end(begin("many", n=3)) == 0
    lines = said(tmp_path / "many")
    assert len([line for line in lines if line.startswith("epoch ")]) == 3  # and the chosen one
    assert len((tmp_path / "many" / "ledger.csv").read_text().splitlines()) == 2
    assert len((tmp_path / "many" / "run" / "history.csv").read_text().splitlines()) == 3
    assert "warning" not in (tmp_path / "many" / "said.txt").read_text()
    assert not list((tmp_path / "many").rglob("*.part*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--nonsense=1"], "there is no key"),
        (["--batch_size=1"], "batches of 1 clips for 2 processes"),
    ],
)
def test_what_cannot_be_is_refused_once_by_exit_code_2(begin, tmp_path, options, words):
    place = tmp_path / "many"
    assert together.end(begin("many", *options)) == 1  # torchrun's own
    (line,) = said(place)
    assert line.startswith("error: ") and words in line
    assert "exitcode  : 2 " in (place / "said.txt").read_text()
    assert not (place / "run").exists()


ENDS = {
    "the main one is killed": (0, signal.SIGKILL, "error: another process of this run has ended"),
    "another is killed": (1, signal.SIGKILL, "error: another process of this run has ended"),
    "all are killed": ((0, 1), signal.SIGKILL, None),
    "one is interrupted": (1, signal.SIGINT, "interrupted; the same command"),
    "Ctrl-C": (None, signal.SIGINT, "interrupted; the same command"),
    "SIGTERM": (None, signal.SIGTERM, None),
}


@pytest.mark.parametrize("which", ENDS)
def test_all_end_together_and_the_same_command_goes_on_exactly(begin, whole, tmp_path, which):
    whom, number, words = ENDS[which]
    process = begin("cut", *EACH_STEP)
    while not (tmp_path / "cut" / "run" / "history.csv").exists():
        assert process.poll() is None
        time.sleep(0.02)
    started = together.children(process)
    assert len(started) == 2
    for index in whom if isinstance(whom, tuple) else (whom,):
        os.kill(process.pid if index is None else started[index], number)
    assert together.end(process) == 1
    ends = [line for line in said(tmp_path / "cut") if line.startswith(("error:", "interrupted"))]
    assert len(ends) == (1 if words else 0) and all(line.startswith(words) for line in ends)
    assert together.end(begin("cut", *EACH_STEP)) == 0
    assert worth(tmp_path / "cut" / "run") == whole


RENDEZVOUS = ("--nnodes=2", "--rdzv_backend=c10d", "--rdzv_endpoint=localhost:29437")


def on_two_machines(begin, first=(), second=(), **given):
    """Return the exit codes of two groups, each with its own cache; the run folder is shared."""
    run = {"run": given.pop("run")}
    both = [
        begin(f"machine{i}", *options, n=1, flags=(*RENDEZVOUS, f"--node_rank={i}"), **run, **more)
        for i, (options, more) in enumerate(((first, {}), (second, given)))
    ]
    return [together.end(process) for process in both]


def test_two_machines_train_as_one_and_share_but_the_run_folder(begin, whole, toy_folder, tmp_path):
    copy = shutil.copytree(toy_folder, tmp_path / "copy")
    run = tmp_path / "shared"
    assert on_two_machines(begin, EACH_STEP, EACH_STEP, data=copy, run=run) == [0, 0]
    assert worth(run) == whole


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--lr=0.1"], "different keys"), (["--output_folder=elsewhere"], "different folders")],
)
def test_machines_that_would_not_train_the_same_are_refused(begin, tmp_path, options, words):
    assert on_two_machines(begin, second=options, run=tmp_path / "shared") == [1, 1]
    (line,) = said(tmp_path / "machine0") + said(tmp_path / "machine1")
    assert words in line
