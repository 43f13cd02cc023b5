"""SAVEE: four men, 120 clips each, seven acted emotions, British English.

Haq S, Jackson PJB (2010), in Wang W (ed.), Machine Audition, IGI Global, ch. 17. For research
only, on registration (see `request`). The label is the intended emotion.

Both layouts are read: `ALL/DC_a01.wav` and `AudioData/DC/a01.wav`. The code of the emotion and
a number tell the sentence. JK and DC have many clipped samples and KL none, so that the level of
clipping tells the speaker.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from ser_plugins import Corpus, Protocol, Utterance, find_audio, hookimpl, next_validates

EMOTIONS = {
    "a": "angry",
    "d": "disgusted",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
MEN = ("JE", "KL", "DC", "JK")
# Two letters before one, or "sa01" would be read as "s".
CLIP = re.compile(rf"({'|'.join(MEN)})[_/]((sa|su|[adfhn])\d\d)")


def fields_of(path: PurePath) -> tuple[str, str, str] | None:
    """Return speaker, sentence and emotion code, from the name or from folder and name."""
    folder_and_name = f"{path.parent.name}/{path.stem}"
    found = CLIP.fullmatch(path.stem) or CLIP.fullmatch(folder_and_name)
    return found.groups() if found else None


def read(root: Path) -> Iterator[Utterance]:
    """Yield the recordings, wherever they lie under `root`."""
    for path in find_audio(root, key=lambda p: fields_of(p) or p):
        if fields := fields_of(path):
            speaker, text, emotion = fields
            yield Utterance(
                id=f"{speaker}_{text}",
                path=path,
                label=EMOTIONS[emotion],
                speaker=speaker,
                sex="male",
                text=text,
            )


LOSO = Protocol(
    "savee-loso4",
    next_validates([[man] for man in MEN]),
    tuple(EMOTIONS.values()),
    shares=("text:test", "text:valid"),
    note="leave one speaker out",
    sizes=((240, 120, 120),) * 4,
)
SAVEE = Corpus(
    read=read,
    labels=tuple(EMOTIONS.values()),
    speakers=4,
    size=480,
    url="http://kahlan.eps.surrey.ac.uk/savee/",
    licence="research only, on registration",
    languages=("en",),
    protocols=(LOSO,),
    sexes=dict.fromkeys(MEN, "male"),
    example=("ALL/DC_a01.wav", "ALL/DC_sa01.wav", "ALL/KL_n30.wav"),
    request="Register at personal.ee.surrey.ac.uk/Personal/P.Jackson/SAVEE/Register.html.",
)


@hookimpl
def ser_datasets():
    """Register SAVEE."""
    return {"savee": SAVEE}
