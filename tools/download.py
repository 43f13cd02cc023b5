#!/usr/bin/env python3
"""Download a corpus that may be downloaded, or say how to ask for one that may not."""

from ser_plugins.cli.download import run

if __name__ == "__main__":
    run()
