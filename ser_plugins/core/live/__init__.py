"""From a stream of sound to decisions while it lasts."""

DETECTORS = ("auto", "silero", "energy")  # of speech; here, so that --help loads nothing else
