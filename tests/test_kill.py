"""A run that is killed, at any write or moment, and started again, ends as an undisturbed one."""

import random
import subprocess
import time
from pathlib import Path

import killing
import pytest
from killing import Fate, Killed, worth
from places import SMALL, YAML, on_tones

from ser_plugins.core.errors import InputError

EACH_STEP = "--ckpt_interval_minutes=1e-9"
OPTIONS = (
    EACH_STEP, "--batch_size=16", "--weight_average=0.9", "--patience=2", "--augment=[spec_mask]",
)  # fmt: skip
MORE = (
    EACH_STEP, "--batch_size=16", "--number_of_epochs=4", "--augment=[noise, spec_mask]",
    "--copies=1", "--mixup=0.4", "--class_weights=balanced",
)  # fmt: skip


@pytest.fixture
def quick(monkeypatch):
    """Prepare the corpus but once, and leave out what neither trains nor writes."""
    from ser_plugins.core import bundle, environment, pictures, setup

    prepare, known = setup.prepare, []

    def once(hparams):
        known.append(known[0] if known else prepare(hparams))
        return known[0]

    def draw(*given):
        next(thing for thing in given if isinstance(thing, Path)).write_bytes(b"a picture")

    monkeypatch.setattr(setup, "prepare", once)
    monkeypatch.setattr(setup, "rehearse", lambda _: None)
    monkeypatch.setattr(bundle, "check_portable", lambda _: None)
    monkeypatch.setattr(bundle, "record", lambda _: {})
    monkeypatch.setattr(bundle, "versions", lambda: {"torch": "2"})
    monkeypatch.setattr(environment, "git_state", lambda _: {})
    for name in ("draw_curves", "draw_example", "draw_confusion"):
        monkeypatch.setattr(pictures, name, draw)


def until_whole(attempt, most=150):
    """Start a run again and again until it is not killed any more."""
    for _ in range(most):
        try:
            return attempt()
        except Killed:
            pass
    raise AssertionError(f"killed {most} times")


def test_a_kill_inside_each_write_changes_nothing(run_toy, quick, tmp_path, monkeypatch):
    whole = worth(run_toy(*OPTIONS, folder="whole/run"))
    (tmp_path / "cut").mkdir()
    monkeypatch.setenv("SER_PLUGINS_LEDGER", str(tmp_path / "cut" / "own_ledger.csv"))
    deaths = set()

    def attempt():
        with Fate(tmp_path / "cut", deaths, killing.die):
            return run_toy(*OPTIONS, "--ledger=cut/ledger.csv", folder="cut/run")

    cut = until_whole(attempt)
    assert worth(cut) == whole
    assert len(deaths) > 50 and not list(cut.rglob("*.part*"))
    for ledger in ("ledger.csv", "own_ledger.csv"):
        rows = (tmp_path / "cut" / ledger).read_text().splitlines()
        assert len([row for row in rows if row.endswith("run")]) == 2  # the title, and one reading


WRITTEN = "hyper|environment|train_log|classifier|digest|history|save/CKPT|predict|scores|reading"


def test_a_disk_that_fails_a_write_is_named_and_costs_nothing(run_toy, quick, tmp_path):
    whole = worth(run_toy(*OPTIONS, folder="whole"))
    failures, messages = set(), []

    def attempt():
        try:
            with Fate(tmp_path / "cut", failures, killing.fail, WRITTEN):
                return run_toy(*OPTIONS, folder="cut")
        except InputError as error:
            messages.append(str(error))
            raise Killed from None

    (tmp_path / "own_ledger.csv").unlink()
    (tmp_path / "results" / "test_readings.csv").unlink()
    assert worth(until_whole(attempt)) == whole
    assert len(messages) == len(failures) > 15
    said = ("No space left on device. Mend that", "Read-only file system. Mend that")
    assert all(any(words in text for words in said) for text in messages)


@pytest.mark.slow
def test_a_disk_that_is_really_full_is_named_and_costs_nothing(run_toy, tmp_path):
    whole = worth(run_toy(EACH_STEP, folder="whole"))
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "own_ledger.csv").unlink()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).returncode:
        pytest.skip("this user cannot make a small disk")
    try:
        ledger, size, failures = f"--ledger={tmp_path / 'other.csv'}", 64, 0
        while not (disk / "run" / "scores.json").exists():
            try:
                run_toy(EACH_STEP, ledger, folder=disk / "run")
            except InputError as error:
                assert "No space left" in str(error)
                failures += 1
                size += 64
                grown = ["mount", "-o", f"remount,size={size}k", disk]
                subprocess.run(grown, check=True)
        assert failures > 3 and worth(disk / "run") == whole
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def train(toy_folder, tmp_path):
    """Return a function that begins to train in a process of its own, and one that kills it."""

    def begin(folder, *options, dying=False):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        own = {
            "SER_PLUGINS_CACHE": str(tmp_path / "cache"),
            "SER_PLUGINS_LEDGER": str(place / "own_ledger.csv"),
            "OMP_NUM_THREADS": "1",
        }
        flags = on_tones(toy_folder, place / "run")
        arguments = [str(YAML), *flags, f"--ledger={place / 'ledger.csv'}", *SMALL, *options]
        return killing.start(arguments, own, str(place) if dying else None)

    return begin


@pytest.mark.long
@pytest.mark.parametrize("options", [OPTIONS, MORE])
def test_a_real_kill_inside_each_write_changes_nothing(train, tmp_path, options):
    (whole := train("whole", *options)).join()
    assert whole.exitcode == 0
    codes = []
    while not codes or codes[-1] == -9:
        (process := train("cut", *options, dying=True)).join()
        codes.append(process.exitcode)
    assert codes[-1] == 0 and len(codes) > 50
    assert worth(tmp_path / "cut" / "run") == worth(tmp_path / "whole" / "run")


@pytest.mark.long
def test_kills_at_fifty_random_moments_change_nothing(train, tmp_path):
    began = time.monotonic()
    (whole := train("whole", *MORE)).join()
    seconds = time.monotonic() - began
    wanted, kills, runs, dice = worth(tmp_path / "whole" / "run"), 0, 0, random.Random(8)
    while kills < 50:
        folder = tmp_path / f"cut{runs}"
        process = train(folder.name, *MORE)
        process.join(dice.uniform(0, seconds))
        if process.exitcode is None:
            process.kill()
            process.join()
            kills += 1
            continue
        assert process.exitcode == 0 and worth(folder / "run") == wanted
        runs += 1
    (last := train(folder.name, *MORE)).join()
    assert last.exitcode == 0 and worth(folder / "run") == wanted
    assert whole.exitcode == 0


@pytest.mark.slow
def test_a_second_process_is_refused_until_the_first_is_killed(train, run_toy, refused, tmp_path):
    first = train("shared", EACH_STEP, "--number_of_epochs=500", "--patience=500")
    run = tmp_path / "shared" / "run"
    while not (run / "history.csv").exists():
        assert first.is_alive()
        time.sleep(0.05)
    options = ("--number_of_epochs=500", "--patience=500")
    text = refused(lambda *_: run_toy(*options, folder=run))
    assert "another process is training in" in text
    first.kill()
    first.join()
    with Fate(run, set(), killing.die, "history"), pytest.raises(Killed):
        run_toy(*options, folder=run)  # and goes on
