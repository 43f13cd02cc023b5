"""From a stream of sound to decisions while it lasts."""
