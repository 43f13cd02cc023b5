#!/usr/bin/env python3
"""Write the features of a corpus as a table, one row a clip or one a frame."""

from ser_plugins.cli.features import run

if __name__ == "__main__":
    run()
