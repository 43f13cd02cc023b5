#!/usr/bin/env python3
"""Write a trained system as one ONNX graph, which runs without torch."""

from ser_plugins.cli.export import run

if __name__ == "__main__":
    run()
