"""Makes folds for corpora that have none of their own. None of them shares a speaker."""

from collections import Counter
from collections.abc import Sequence

from .errors import ProtocolError
from .manifest import Row
from .types import Fold, Protocol

BY_SPEAKER = "by_speaker"


def by_speaker(rows: Sequence[Row], labels: Sequence[str], most: int = 5) -> Protocol:
    """Return folds by speaker, balanced by sex and by clips; each validates on the next.

    Speakers are dealt out, those with most clips first, each to the fold that has fewest of
    their sex, and among those the fewest clips. The same rows give the same folds.

    Raises:
        ProtocolError: if a recording names no speaker, or there are fewer than three.
    """
    clips = Counter(row["speaker"] for row in rows)
    sexes = {row["speaker"]: row["sex"] for row in rows}
    if clips[""]:
        raise ProtocolError(f"{clips['']} recordings name no speaker, so no fold can be by speaker")
    if len(clips) < 3:
        raise ProtocolError(f"folds by speaker need three speakers or more, not {len(clips)}")
    folds: list[list[str]] = [[] for _ in range(min(most, len(clips)))]
    for speaker in sorted(clips, key=lambda s: (sexes[s], -clips[s], s)):
        fewest = min(
            folds,
            key=lambda fold: (
                sum(sexes[s] == sexes[speaker] for s in fold),
                sum(clips[s] for s in fold),
            ),
        )
        fewest.append(speaker)
    return Protocol(
        BY_SPEAKER,
        tuple(
            Fold({"speaker": sorted(fold)}, {"speaker": sorted(folds[(i + 1) % len(folds)])})
            for i, fold in enumerate(folds)
        ),
        tuple(labels),
        note="made from the speakers at hand, balanced by sex and by clips",
    )
