#!/usr/bin/env python3
"""List the plugins, show one, write one to begin with, and check that one keeps its promises."""

from ser_plugins.cli.plugins import run

if __name__ == "__main__":
    run()
