"""TESS, the Toronto emotional speech set: two women, 200 words, seven acted emotions, English.

Pichora-Fuller MK, Dupuis K (2020), Borealis, doi 10.5683/SP2/E8H2MF; CC BY-NC-ND 4.0 by most
statements. OAF is 64 years old, YAF 26; each says «Say the word …». The label is the intended
emotion, `ps` being a pleasant surprise.

Names are speaker_word_emotion. Folders are spelt in several ways, so that the name alone counts;
one file, OA_bite_neutral, lacks its F. Some .wav files are AIFF inside and one is at 96 kHz among
24,414 Hz. Popular downloads nest a second copy of the whole tree.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from ser_plugins import (
    Corpus,
    Fold,
    Protocol,
    Utterance,
    fetch,
    find_audio,
    hookimpl,
    random_protocol,
)

EMOTIONS = {
    "neutral": "neutral",
    "happy": "happy",
    "sad": "sad",
    "angry": "angry",
    "fear": "fearful",
    "disgust": "disgusted",
    "ps": "surprised",
}
LABELS = tuple(EMOTIONS.values())
SEXES = {"OAF": "female", "YAF": "female"}
CLIP = re.compile(rf"(OAF?|YAF)_([a-z]+)_({'|'.join(EMOTIONS)})", re.IGNORECASE)
# Every fifth of the 200 words, in alphabetic order.
VALID_WORDS = """
    bean book came chat cool deep dog far gap gin half haze hurl judge keg knock lease loaf love
    mess mood name numb pearl pike raid read room said shack should sour take thin tip turn wag
    when wire youth
""".split()
URL = "https://doi.org/10.5683/SP2/E8H2MF"
# Named by several projects; not tried from here. Borealis makes the zip at each request.
ARCHIVE = (
    "https://borealisdata.ca/api/access/dataset/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF"
)


def fields_of(path: PurePath) -> tuple[str, str, str] | None:
    """Return speaker, word and emotion code of a file name, or None for another file."""
    if not (fields := CLIP.fullmatch(path.stem)):
        return None
    speaker, word, emotion = fields.groups()
    return speaker.upper().ljust(3, "F"), word.lower(), emotion.lower()


def read(root: Path) -> Iterator[Utterance]:
    """Yield the recordings, wherever they lie under `root`."""
    for path in find_audio(root, key=lambda p: fields_of(p) or p):
        if fields := fields_of(path):
            speaker, word, emotion = fields
            yield Utterance(
                id="_".join(fields),
                path=path,
                label=EMOTIONS[emotion],
                speaker=speaker,
                sex="female",
                text=word,
            )


def obtain(root: Path) -> None:
    """Download the whole dataset from Borealis, and unpack it."""
    fetch(ARCHIVE, root, unpack=True, name="TESS.zip")


HOLDOUT = Protocol(
    "tess-holdout2",
    tuple(
        Fold({"speaker": [tested]}, {"speaker": [trained], "text": VALID_WORDS})
        for trained, tested in (("OAF", "YAF"), ("YAF", "OAF"))
    ),
    LABELS,
    shares=("speaker:valid", "text:test"),
    note="validation is 40 words of the woman who is trained on; two speakers give no interval",
    sizes=((1120, 280, 1400), (1120, 280, 1400)),
)
TESS = Corpus(
    read=read,
    labels=LABELS,
    speakers=2,
    size=2800,
    url=URL,
    licence="CC BY-NC-ND 4.0",
    languages=("en",),
    protocols=(HOLDOUT, random_protocol("leaky-tess-random", LABELS)),
    sexes=SEXES,
    obtain=obtain,
    example=(
        "OAF_angry/OAF_back_angry.wav",
        "OAF_neutral/OA_bite_neutral.wav",
        "YAF_pleasant_surprised/YAF_youth_ps.wav",
    ),
)


@hookimpl
def ser_datasets():
    """Register TESS."""
    return {"tess": TESS}
