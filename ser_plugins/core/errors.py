"""The errors that a user can mend; commands print them in plain words and exit with 2."""


class InputError(ValueError):
    """Something that was given cannot be used: says what was found, expected, and what to do."""


class CorpusError(InputError):
    """A folder that does not hold the corpus it should."""


class ProtocolError(InputError):
    """A protocol or fold that does not exist, or that the rows at hand cannot fill."""


class OptionError(InputError):
    """A key, option or value of an experiment that is unknown or out of range."""


class PluginError(InputError):
    """A plugin that cannot be loaded or does not fit, or two that claim one name."""


class BundleError(InputError):
    """A bundle that is damaged, foreign, or newer than this version."""
