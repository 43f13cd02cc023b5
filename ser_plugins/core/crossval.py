"""Cross-validation: every run of a grid in a process of its own, then one table over them."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from . import box_plot, score_tables, summary
from .children import Task, last_lines, say_code, side_by_side
from .errors import InputError, OptionError
from .grid import Cell, Run, is_complete, name_of, plan
from .locks import only_one
from .outcomes import Outcome, main_scores, read_outcome, read_scores
from .request import Request
from .run import RunFolder
from .writing import check_writable, write_json, write_whole

log = logging.getLogger(__name__)


class Failure(NamedTuple):
    """A run that ended without scores.

    Args:
        name: of the run.
        code: its exit code.
        output: the file of what it printed.
    """

    name: str
    code: int
    output: Path


def cross_validate(request: Request, train: Path) -> int:
    """Run what is left of a grid, and write its tables; return 1 if a run failed.

    Args:
        request: what is to be run.
        train: the recipe that runs one experiment.

    Raises:
        InputError: for what cannot be run at all; nothing is started then.
    """
    cells = plan(request)
    folder = request.root / "crossval" / name_of(cells)
    check_writable(folder, "--output_folder")
    left = [(cell, run) for cell in cells for run in cell.runs if not is_complete(cell, run)]
    with open_folder(folder):
        say_plan(cells, len(left), request.jobs)
        failures = run_all(left, request.jobs, train, folder / "output")
        try:
            report(cells, folder)
        finally:
            say_failures(failures)
    return 1 if failures else 0


@contextmanager
def open_folder(folder: Path) -> Iterator[None]:
    """Hold the folder of the tables, so that no other command runs the same grid.

    Raises:
        InputError: if another does, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with only_one(folder / ".lock", f"cross-validating in {folder}"):
            yield
    except OSError as error:
        raise InputError(
            f"{error.filename or folder}: {error.strerror or error}; mend that, or choose another "
            "--output_folder"
        ) from error


def say_failures(failures: Sequence[Failure]) -> None:
    """Log what failed, and the last that each run said."""
    for failure in failures:
        log.warning("%s FAILED (%s):", failure.name, say_code(failure.code))
        for line in last_lines(failure.output):
            log.warning("  %s", line)
        log.warning("  all that it said: %s", failure.output)


def say_plan(cells: Sequence[Cell], left: int, jobs: int) -> None:
    """Log what will be run."""
    for cell in cells:
        folds, seeds = (
            " ".join(str(n) for n in sorted({getattr(run, it) for run in cell.runs}))
            for it in ("fold", "seed")
        )
        log.info("%s on %s: folds %s, seeds %s", cell.name, cell.dataset, folds, seeds)
    done = sum(len(cell.runs) for cell in cells) - left
    log.info("%d runs are complete, %d are left; %d at a time", done, left, jobs)


def run_all(
    left: Sequence[tuple[Cell, Run]], jobs: int, train: Path, outputs: Path
) -> list[Failure]:
    """Run each in a process of its own; log each as it ends; return those that failed."""
    tasks = {}
    for cell, run in left:
        name = f"{run.yaml.stem}-{cell.protocol.name}-fold{run.fold}-seed{run.seed}.txt"
        command = (sys.executable, str(train), *run.arguments)
        tasks[Task(command, outputs / name)] = (cell, run)
    failures = []
    for n, (task, code) in enumerate(side_by_side(list(tasks), jobs), start=1):
        cell, run = tasks[task]
        name = f"{cell.name}, fold {run.fold}, seed {run.seed}"
        uar = None if code else _uar(run)
        if uar is None:
            failures.append(Failure(name, code, task.output))
        result = f"FAILED ({say_code(code)})" if uar is None else f"test UAR {uar:.3f}"
        log.info("%s: %s, %d left", name, result, len(left) - n)
    return failures


def _uar(run: Run) -> float | None:
    """Return the score of a run; None where there is none, or a damaged one."""
    try:
        return main_scores(read_scores(RunFolder(run.path).scores))["uar"]
    except OptionError:
        return None


def report(cells: Sequence[Cell], folder: Path) -> None:
    """Write the tables and the picture of what is complete, and log the tables."""
    outcomes = [_outcomes(cell) for cell in cells]
    found = [summary.summarize(*pair) for pair in zip(cells, outcomes, strict=True)]
    pairs, leaks = summary.compare_all(cells, outcomes), summary.leaks(found)
    everything = {"cells": found, "differences": pairs, "leaks": leaks, "meaning": summary.MEANING}
    write_json(folder / "crossval.json", everything)
    write_whole(folder / "crossval.csv", score_tables.as_csv(found))
    text = _text(found, pairs, leaks)
    write_whole(folder / "crossval.md", f"# Cross-validation\n\n{text}\n{summary.MEANING}")
    box_plot.draw_boxes(found, folder / "crossval.png")
    log.info("\n%s\nwhat each figure is, and all of them: %s", text, folder)


def _outcomes(cell: Cell) -> dict[tuple[int, int], Outcome]:
    complete = [run for run in cell.runs if RunFolder(run.path).scores.exists()]
    return {(run.fold, run.seed): read_outcome(run.path) for run in complete}


def _text(
    found: Sequence[dict[str, Any]],
    pairs: Sequence[dict[str, Any]],
    leaks: Sequence[dict[str, Any]],
) -> str:
    """Return the tables and the remarks, as on the screen."""
    each = (
        score_tables.scores_table(found),
        score_tables.corpora_table(found),
        score_tables.runs_table(found),
        score_tables.differences_table(pairs),
        "".join(f"- {line}\n" for line in score_tables.remarks(found, pairs, leaks)),
    )
    return "\n".join(text for text in each if text)
