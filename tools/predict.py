#!/usr/bin/env python3
"""Say which emotion is heard in recordings."""

from ser_plugins.cli.predict import run

if __name__ == "__main__":
    run()
