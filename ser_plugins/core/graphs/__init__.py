"""Trained systems as ONNX graphs, and running them."""
