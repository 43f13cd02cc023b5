#!/usr/bin/env python3
"""List the evaluation protocols, show one, and check it against the files of a corpus."""

from ser_plugins.cli.protocols import run

if __name__ == "__main__":
    run()
