"""Whether a corpus folder holds as much as was published."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .findings import FAULT, NOTE, Finding
from .types import Corpus, Utterance
from .words import shorten


def check_complete(
    root: Path, corpus: Corpus, utterances: Sequence[Utterance], allow_partial: bool
) -> list[Finding]:
    """Compare the number of recordings with the published one."""
    if corpus.size in (None, len(utterances)):
        return []
    found = f"{root} holds {len(utterances)} of {corpus.size} recordings"
    if corpus.speakers:
        found += _short_speakers(corpus.speakers, corpus.size or 0, utterances)
    return [_incomplete(found, allow_partial)]


def check_mix(
    root: Path, corpus: Corpus, utterances: Sequence[Utterance], allow_partial: bool
) -> list[Finding]:
    """Compare the number of recordings of each part of a mix with the published one."""
    found = Counter(u.extra.get("corpus", "") for u in utterances)
    short = [f"{found[n]} of {size} of {n}" for n, size in corpus.parts.items() if found[n] != size]
    if not short:
        return []
    return [_incomplete(f"{root} holds {', '.join(short)}", allow_partial)]


def _incomplete(found: str, allow_partial: bool) -> Finding:
    if allow_partial:
        return Finding("count", NOTE, found)
    return Finding("count", FAULT, f"{found}. Complete it, or accept it with --allow_partial True")


def _short_speakers(speakers: int, size: int, utterances: Sequence[Utterance]) -> str:
    """Say how many speakers there are and, where all should have as many clips, who has fewer."""
    per_speaker = Counter(u.speaker for u in utterances)
    full = -(-size // speakers)
    short = [f"{s} ({n})" for s, n in sorted(per_speaker.items()) if n < full]
    found = f" and {len(per_speaker)} of {speakers} speakers"
    is_even = max(per_speaker.values()) == full
    return found + (f"; fewer than {full} from {shorten(short)}" if short and is_even else "")
