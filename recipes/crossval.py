#!/usr/bin/env python3
"""Cross-validate: every fold and seed of some experiments under some protocols, and one table.

python recipes/crossval.py hparams/cnn_bigru.yaml --dataset ravdess --data_folder /data/RAVDESS
python recipes/crossval.py hparams/a.yaml hparams/b.yaml --protocols P Q --seeds 1 2 3 --jobs 4

Each run is one of recipes/train.py, in a process of its own with one thread, in the folder that
train.py would choose by itself: results/<yaml>/<dataset>/<protocol>/fold<k>/seed<s>. The tables and
a picture are written into results/crossval/<experiments>-<corpus>-<protocols>. --output_folder
stands for results (an output_folder in a YAML is for train.py alone).

Any key of the YAML can be set as for train.py, and is set for every YAML. The same command after an
interruption skips what is complete and goes on with the rest. The exit code is 1 if a run failed.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ser_plugins.core.command import run_command
from ser_plugins.core.launch import refuse
from ser_plugins.core.request import help_text, read_request

TRAIN = Path(__file__).with_name("train.py")


def main(arguments: Sequence[str]) -> int:
    """Cross-validate as a command line says; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(help_text(__doc__))
        return 0
    refuse("cross-validation runs processes of its own (--jobs)")
    request = read_request(arguments)
    from ser_plugins.core.crossval import cross_validate  # imports torch: not for --help

    return cross_validate(request, TRAIN)


if __name__ == "__main__":
    run_command(main, "interrupted; the same command goes on with what is left")
