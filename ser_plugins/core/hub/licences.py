"""Compares the licence of a model with the terms of the corpora that it was trained on.

It reads names of licences, not law: what it refuses can be published all the same by whoever has
asked the owners, or knows better.
"""

import re
from collections.abc import Mapping
from typing import Any

from ..errors import OptionError

OWN = "your own"  # the terms of a person's own recordings
FREE = frozenset[str]()
# By their identifiers on the Hub: https://huggingface.co/docs/hub/repositories-licenses. What
# each asks of those who share something made of the work, beyond naming its source.
KNOWN: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        "afl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsl-1.0 cc0-1.0 cc-by-2.0 "
        "cc-by-2.5 cc-by-3.0 cc-by-4.0 cdla-permissive-1.0 cdla-permissive-2.0 ecl-2.0 "
        "etalab-2.0 isc mit odc-by openrail pddl unlicense wtfpl zlib".split(),
        FREE,
    ),
    # They ask to share a changed data base, or program, alike; a model is neither.
    **dict.fromkeys(
        "odbl agpl-3.0 cdla-sharing-1.0 eupl-1.1 gpl-3.0 lgpl-3.0 mpl-2.0".split(), FREE
    ),
    **dict.fromkeys(("cc-by-sa-3.0", "cc-by-sa-4.0"), frozenset({"sa"})),
    **dict.fromkeys(("cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0"), frozenset({"nc"})),
    **dict.fromkeys(
        ("cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0"), frozenset({"nc", "sa"})
    ),
    "cc-by-nd-4.0": frozenset({"nd"}),
    **dict.fromkeys(("cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"), frozenset({"nc", "nd"})),
}
OTHER = "https://"  # how the address of a licence that the Hub does not know begins


def identify(terms: str) -> str | None:
    """Return the Hub's identifier of what a corpus calls its licence; None for other words.

    >>> identify("CC BY-NC-SA 4.0"), identify("ODbL-1.0"), identify("on request")
    ('cc-by-nc-sa-4.0', 'odbl', None)
    """
    name = re.sub(r"\s+", "-", terms.strip().lower())
    name = "odbl" if name in ("odbl-1.0", "odbl") else name
    return name if name in KNOWN else None


def choose(chosen: str | None, terms: Mapping[str, str]) -> str:
    """Return the model's licence: the chosen one, or that of its corpora where all have the same.

    Args:
        chosen: an identifier of the Hub's, or the address of another licence; or None.
        terms: of each corpus, by its name.

    Raises:
        OptionError: if the Hub knows no such licence, or none was chosen and none is plain.
    """
    if chosen and (chosen.lower() in KNOWN or chosen.startswith(OTHER)):
        return chosen if chosen.startswith(OTHER) else chosen.lower()
    if chosen:
        raise OptionError(
            f"--licence {chosen} is none of the Hub's: give one of {', '.join(KNOWN)}, or the "
            "https:// address of another"
        )
    (own, *others) = {identify(text) for text in terms.values()}
    if own is None or others:
        raise OptionError(
            f"choose the model's licence with --licence; {_of(terms)}, so that none is plain"
        )
    return own


def find_conflicts(chosen: str, terms: Mapping[str, str]) -> list[str]:
    """Return, in words, what in the terms of the corpora speaks against a model's licence."""
    found = (_conflict(chosen, name, text) for name, text in terms.items())
    return [text for text in found if text]


def _conflict(chosen: str, corpus: str, terms: str) -> str:
    own, allows = identify(terms), KNOWN.get(chosen)
    is_research = re.search(r"\bresearch\b|\bnon-?commercial\b", terms, re.IGNORECASE)
    asked = {"nc"} if own is None and is_research else KNOWN.get(own or "", FREE)
    start = f"{corpus} is licensed as {terms!r}"
    if terms == OWN:
        return ""
    if "nd" in asked:
        return f"{start}, and does not allow that anything made of it is shared: ask its owners"
    if "sa" in asked and chosen != own:
        return f"{start}: what is made of it is to be shared under the same licence, {own}"
    if "nc" in asked and (allows is None or "nc" not in allows):
        return (
            f"{start}: it is not for commercial use, which {chosen} does not forbid; choose one "
            "with nc, such as cc-by-nc-4.0"
        )
    if own is None and not is_research:
        return f"{start}: what that asks of {chosen} cannot be told here; read it"
    return ""


def to_metadata(chosen: str) -> dict[str, Any]:
    """Return what the metadata of a card say of a licence."""
    if not chosen.startswith(OTHER):
        return {"license": chosen}
    name = re.sub(r"[^a-z0-9.]+", "-", chosen.rstrip("/").rpartition("/")[2].lower()).strip("-")
    return {"license": "other", "license_name": name or "other", "license_link": chosen}


def _of(terms: Mapping[str, str]) -> str:
    return ", ".join(f"{name} is under {text!r}" for name, text in terms.items())
