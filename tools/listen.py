#!/usr/bin/env python3
"""Listen to a microphone and say which emotion is heard."""

from ser_plugins.cli.listen import run

if __name__ == "__main__":
    run()
