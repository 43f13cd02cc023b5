"""What tools/benchmark.py measures, one noun a file."""
