"""What a check has found: how grave it is, and what to do about it."""

from collections.abc import Iterable
from typing import NamedTuple

from .errors import InputError

LEAK = "leak"  # a score would not mean what it says
FAULT = "fault"  # the corpus or run is not what it should be
DECLARED = "declared"  # the protocol says so itself
NOTE = "note"  # worth knowing
MUST_NOT_BE = (LEAK, FAULT)


class Finding(NamedTuple):
    """One thing that a check has found.

    Args:
        check: what was looked at, such as `speaker`.
        level: `leak`, `fault`, `declared` or `note`; the first two must not be.
        text: what was found, and what to do where something must be done.
    """

    check: str
    level: str
    text: str

    @property
    def must_not_be(self) -> bool:
        """Tell whether training refuses to go on, and an audit fails."""
        return self.level in MUST_NOT_BE


def refuse(findings: Iterable[Finding], error: type[InputError]) -> None:
    """Raise an error with all that must not be, if there is anything."""
    if texts := [finding.text for finding in findings if finding.must_not_be]:
        raise error("\n".join(texts))


def notes(findings: Iterable[Finding]) -> list[str]:
    """Return the texts of what is worth knowing."""
    return [finding.text for finding in findings if finding.level == NOTE]
