"""The mains of what an installed user runs; the scripts in tools/ call them."""
