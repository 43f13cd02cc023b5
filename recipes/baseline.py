#!/usr/bin/env python3
"""Train and test the classical baseline: statistics of features and a linear SVM.

python recipes/baseline.py
python recipes/baseline.py --dataset ravdess --data_folder /data/RAVDESS --fold 2 --features egemaps

The same as recipes/train.py with hparams/svm.yaml: the cost is chosen on the validation part, the
test part is read once, and the run folder is that of any other experiment. All folds in one table:
python recipes/crossval.py hparams/svm.yaml
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ser_plugins.core.command import run_command
from ser_plugins.core.hparams import Experiment, parse_arguments
from ser_plugins.core.launch import refuse

SVM = Path(__file__).parents[1] / "hparams" / "svm.yaml"


def main(arguments: Sequence[str]) -> int:
    """Run the baseline with the overrides of a command line; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(__doc__ or "")
        return 0
    refuse("the baseline is fitted by one process")
    experiment = Experiment(*parse_arguments([str(SVM), *arguments]))
    from ser_plugins.core.training import train  # imports torch: not for --help, nor for a typo

    train(experiment)
    return 0


if __name__ == "__main__":
    run_command(main)
