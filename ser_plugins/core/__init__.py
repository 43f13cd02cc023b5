"""The machinery that every recipe and tool shares. It knows kinds and names, never plugins."""
