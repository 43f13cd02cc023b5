#!/usr/bin/env python3
"""Train and test one experiment, as a YAML file says.

python recipes/train.py hparams/cnn_bigru.yaml
python recipes/train.py hparams/cnn_bigru.yaml --dataset ravdess --data_folder /data/RAVDESS

Any key of the YAML can be set as --key value or --key=value; what lies below it by a dot, as
--model_options.hidden 64. --plugins ./my_corpus.py loads a plugin for this run. A YAML that an
installed package brings is named package:file.yaml.
The same command after an interruption goes on where the run was. Under torchrun several processes
train one run; --batch_size is that of all of them together.
"""

import sys
from collections.abc import Sequence

from ser_plugins.core.command import run_command
from ser_plugins.core.hparams import Experiment, parse_arguments
from ser_plugins.core.keys import KEYS
from ser_plugins.core.launch import joined


def main(arguments: Sequence[str]) -> int:
    """Run the experiment of a command line; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(help_text())
        return 0
    with joined():
        path, overrides = parse_arguments(arguments)
        experiment = Experiment(path, overrides)
        from ser_plugins.core.training import train  # imports torch: not for --help, nor for a typo

        train(experiment)
    return 0


def help_text() -> str:
    """Return usage and keys."""
    keys = "".join(f"  --{name:18} {key.about} ({key.expected})\n" for name, key in KEYS.items())
    return f"{__doc__}\nKeys that every YAML has:\n{keys}"


if __name__ == "__main__":
    run_command(main, "interrupted; the same command goes on where it was")
