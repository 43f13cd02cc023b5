"""Predictions as tables and files: which sounds are meant, what is done, what is written."""
