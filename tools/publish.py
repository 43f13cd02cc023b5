#!/usr/bin/env python3
"""Publish a finished run on the Hugging Face Hub."""

from ser_plugins.cli.publish import run

if __name__ == "__main__":
    run()
