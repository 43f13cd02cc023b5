"""The web page that shows what a model makes of a recording."""
