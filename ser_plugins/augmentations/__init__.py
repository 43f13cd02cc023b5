"""One module a plugin: a file dropped here is found at the next start."""
