"""Folders: one's own recordings, in a sub-folder for each label.

`angry/a.wav` is labelled angry, at any depth below. Spellings of a known emotion become its
canonical word (`Anger` is `angry`). Speakers are known where a regular expression finds them in
the file's name; without one, a split can only be by clip, and its score may leak.
"""

import logging
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ser_plugins import Corpus, CorpusError, Utterance, canonical, find_audio, hookimpl

log = logging.getLogger(__name__)

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")


def read(root: Path, speaker: re.Pattern[str] | None) -> Iterator[Utterance]:
    """Yield the recordings below the sub-folders of `root`."""
    loose, unnamed = [], []
    for path in find_audio(root, SUFFIXES, key=lambda p: p):
        if len(path.parts) == 1:
            loose.append(path.name)
            continue
        found = speaker.search(path.stem) if speaker else None
        who = (found.group(1) or "") if found else ""
        if speaker and not who:
            unnamed.append(str(path))
        label = canonical(path.parts[0])
        yield Utterance(path.with_suffix("").as_posix(), path, label, speaker=who)
    if loose:
        log.warning(
            "%s: passed over %d files in no sub-folder, such as %s", root, len(loose), loose[0]
        )
    if unnamed:
        raise CorpusError(
            f"{root}: {speaker.pattern!r} finds no speaker in {len(unnamed)} names, {unnamed[0]} "
            "among them; mend --dataset_options.speaker"
        )


def folders(speaker: str = "") -> Corpus:
    """Describe the recordings of a folder.

    Args:
        speaker: a regular expression whose first group is the speaker in a file's name, such as
            `^([^_]+)_` for `anna_01.wav`.
    """
    pattern = re.compile(speaker) if speaker else None
    if pattern and not pattern.groups:
        raise ValueError(f"speaker {speaker!r} needs a group in parentheses, such as ^([^_]+)_")
    return Corpus(partial(read, speaker=pattern), None, None, None, url="", licence="your own")


@hookimpl
def ser_datasets():
    """Register it."""
    return {"folders": folders}
