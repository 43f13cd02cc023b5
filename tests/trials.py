"""What comes of promises: those that a registered name breaks, or what a test makes."""

from ser_plugins.core import promises


def broken(kind, name, options=None, **where):
    """Return the hints of the promises that a registered name breaks, by promise."""
    return _hints(promises.report(kind, name, options, **where))


def broken_by(kind, make):
    """Return the hints of the promises of a kind alone that what a callable makes breaks."""
    every = promises.checks(kind)
    trials = [promises.Promise(c.__name__, c.__doc__, lambda: make, c) for c in every]
    return _hints(promises.tried(trials))


def _hints(outcomes):
    outcomes = list(outcomes)
    unexplained = [one for one in outcomes if bool(one.hint) == (one.state == promises.KEPT)]
    assert not unexplained
    return {one.promise: one.hint for one in outcomes if one.state == promises.BROKEN}
