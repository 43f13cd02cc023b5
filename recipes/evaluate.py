#!/usr/bin/env python3
"""Score a finished run again, on its own fold or on another corpus, protocol or fold.

python recipes/evaluate.py results/cnn_bigru/synthetic/synthetic-5/fold1/seed1
python recipes/evaluate.py RUN --dataset ravdess --data_folder /data/RAVDESS --fold 2
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.words import shorten

log = logging.getLogger("ser_plugins.evaluate")

CHANGEABLE = (
    "dataset",
    "dataset_options",
    "data_folder",
    "protocol",
    "fold",
    "labels",
    "merge",
    "allow_partial",
    "allow_copies",
    "batch_size",
    "device",
    "plugins",
    "ledger",
    "cache_folder",
)


def main(arguments: Sequence[str]) -> int:
    """Evaluate the run of a command line; return the exit code."""
    parser = Parser(__doc__, CHANGEABLE)
    parser.add_argument("run", type=Path, help="a run folder")
    found, changes = parser.read(arguments)
    from ser_plugins.core.evaluation import evaluate  # imports torch: not for --help
    from ser_plugins.core.run import RunFolder

    say(evaluate(RunFolder(found.run), changes))
    return 0


def say(found: dict[str, Any]) -> None:
    """Log what was scored, what was dropped, and the scores."""
    from ser_plugins.core.labels import Change, account
    from ser_plugins.core.protocols import mark
    from ser_plugins.core.screen import say_changes, say_part

    name = found["protocol"]
    log.info("%s%s, %s, fold %d, test part", mark(name), found["dataset"], name, found["fold"])
    for note in found["notes"]:
        log.warning("%s", note)
    for label, n in found["dropped"].items():
        log.warning("dropped %d %s: the model does not know it", n, label)
    say_changes(account([Change(**change) for change in found["changes"]]))
    for what in ("speakers", "clips"):
        if heard := found[f"trained_{what}"]:
            log.warning(
                "LEAKY: the model was trained or chosen on %d %s of this part: %s",
                len(heard),
                what,
                shorten(heard),
            )
    if found["labels"] == found["model_labels"]:
        say_part("all", found["strict"])
        return
    log.info("over the shared labels %s:", ", ".join(found["labels"]))
    say_part("renormalised", found["renormalised"])
    say_part("strict", found["strict"])


if __name__ == "__main__":
    run_command(main)
