"""What a protocol's labels keep of a corpus: renaming, dropping, and an account of both."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .manifest import Row

MOST_SPEAKERS = 12  # named one by one in an account


class Change(NamedTuple):
    """What became of the recordings of one label.

    Args:
        label: as the corpus has it; empty where nobody agreed on one.
        becomes: the label it counts as; empty where it is dropped.
        speakers: how many recordings of each speaker.
    """

    label: str
    becomes: str
    speakers: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return how many recordings."""
        return sum(self.speakers.values())


def select(
    rows: Iterable[Row], labels: Sequence[str], merge: Mapping[str, str]
) -> tuple[list[Row], list[Change]]:
    """Rename labels by `merge` and keep those in `labels`; account for what that changed."""
    kept: list[Row] = []
    changed: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        label = row["label"]
        becomes = merge.get(label, label)
        if becomes in labels:
            kept.append({**row, "label": becomes})
        else:
            becomes = ""
        if becomes != label or not label:
            changed[label, becomes][row["speaker"]] += 1
    order = sorted(changed, key=lambda key: (not key[1], not key[0], key))
    return kept, [Change(*key, dict(sorted(changed[key].items()))) for key in order]


def account(changes: Sequence[Change]) -> list[str]:
    """Return the changes as lines of a table: what, how many, and of whom."""
    lines = []
    for change in changes:
        name = change.label or "no label"
        what = f"{name} counted as {change.becomes}" if change.becomes else f"{name} dropped"
        lines.append(f"{what:32} {change.total:5d}  {_by_speaker(change.speakers)}".rstrip())
    return lines


def _by_speaker(speakers: Mapping[str, int]) -> str:
    named = {who: n for who, n in speakers.items() if who}
    if len(named) <= MOST_SPEAKERS:
        return "  ".join(f"{who} {n}" for who, n in named.items())
    least, most = min(named.values()), max(named.values())
    each = f"{least} each" if least == most else f"{least} to {most} each"
    return f"of {len(named)} speakers, {each}"
