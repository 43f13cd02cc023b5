"""What is known of how a system was trained and tested: from its config, and its run folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import protocols
from .errors import OptionError


@dataclass(frozen=True)
class Past:
    """What is known of how a system was trained and tested.

    Args:
        facts: `dataset`, `protocol`, `fold` and `audit` (the verdict), as far as they are known.
        scores: of its run; empty where they are not at hand.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        """Return the name of the protocol; empty where it is not known."""
        return str(self.facts.get("protocol", ""))

    @property
    def mark(self) -> str:
        """Return what stands before all that a leaky system says; nothing for another's."""
        return protocols.mark(self.protocol)


def past_of(config: Mapping[str, Any], source: str | Path) -> Past:
    """Return what is known of a system.

    Args:
        config: of the system; that of older ones does not tell what it was trained on.
        source: what it was opened as; a run folder has scores and an audit beside the bundle.

    Raises:
        InputError: for scores or an audit that are damaged.
    """
    folder = Path(source).expanduser()
    facts, scores = dict(config.get("trained_on", {})), {}
    if (folder / "scores.json").is_file():
        from .outcomes import read_scores

        scores = read_scores(folder / "scores.json")
        facts |= {key: scores[key] for key in ("dataset", "protocol", "fold") if key in scores}
    if audit := read_audit(folder / "audit.json"):
        facts["audit"] = audit["verdict"]
    return Past(facts, scores)


def read_audit(path: Path) -> dict[str, Any]:
    """Return what an audit wrote: `verdict`, `checks` and more; nothing where there is no file.

    Raises:
        OptionError: if the file is damaged.
    """
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "verdict": str(found["verdict"]), "checks": list(found["checks"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise OptionError(f"{path} is damaged ({error!r}); remove it") from None
