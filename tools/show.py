#!/usr/bin/env python3
"""Draw a corpus, or clips, as pictures."""

from ser_plugins.cli.show import run

if __name__ == "__main__":
    run()
