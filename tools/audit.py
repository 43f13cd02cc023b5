#!/usr/bin/env python3
"""Audit a finished run, or a corpus and its protocol before training."""

from ser_plugins.cli.audit import run

if __name__ == "__main__":
    run()
