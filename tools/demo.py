#!/usr/bin/env python3
"""Show a trained model as a web page."""

from ser_plugins.cli.demo import run

if __name__ == "__main__":
    run()
