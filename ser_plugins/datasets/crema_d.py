"""CREMA-D: 91 actors, twelve sentences, six acted emotions, North American English.

Cao H, Cooper DG, Keutmann MK, Gur RC, Nenkova A, Verma R (2014), IEEE Transactions on Affective
Computing 5(4), doi 10.1109/TAFFC.2014.2336244. From github.com/CheyneyComputerScience/CREMA-D
under the Open Database License 1.0; the audio there is in Git LFS. The label is the intended
emotion, from the file name: what raters heard by voice alone agrees with it for 41.6 % of clips.

Names are actor_sentence_emotion_level; old copies write the level XX as X. Sex is from the
corpus's table of actors; where `VideoDemographics.csv` lies beside, age, race and ethnicity are
kept too. Known faults: 1076_MTI_SAD_XX is digital silence; 1006_TIE, 1013_WSI and 1017_IWW each
have the same audio under two emotions.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from ser_plugins import (
    Corpus,
    CorpusError,
    Protocol,
    Utterance,
    fetch,
    fetch_all,
    find_audio,
    hookimpl,
    next_validates,
    random_folds,
    random_protocol,
)

EMOTIONS = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fearful",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
LABELS = tuple(EMOTIONS.values())
SENTENCES = "IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI".split()
WOMEN = """
    1002 1003 1004 1006 1007 1008 1009 1010 1012 1013 1018 1020 1021 1024 1025 1028 1029 1030
    1037 1043 1046 1047 1049 1052 1053 1054 1055 1056 1058 1060 1061 1063 1072 1073 1074 1075
    1076 1078 1079 1082 1084 1089 1091
""".split()
ACTORS = [str(actor) for actor in range(1001, 1092)]
SEXES = {actor: "female" if actor in WOMEN else "male" for actor in ACTORS}
CLIP = re.compile(
    rf"(10[0-8][1-9]|10[1-9]0|1091)_({'|'.join(SENTENCES)})_({'|'.join(EMOTIONS)})_(XX?|LO|MD|HI)"
)
BLOCKS = [ACTORS[:18], ACTORS[18:36], ACTORS[36:54], ACTORS[54:72], ACTORS[72:]]
SIZES = (
    (4509, 1470, 1463),
    (4496, 1476, 1470),
    (4490, 1476, 1476),
    (4409, 1557, 1476),
    (4422, 1463, 1557),
)
URL = "https://github.com/CheyneyComputerScience/CREMA-D"
# Tables come from the first address, audio, which is in Git LFS, from the second; neither has
# been tried from here.
TABLES = "https://raw.githubusercontent.com/CheyneyComputerScience/CREMA-D/master"
AUDIO = "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/AudioWAV"


def name_of(path: PurePath) -> str:
    """Return a file's name as the corpus writes it today: old copies say X for XX."""
    return f"{path.stem}X" if path.stem.endswith("_X") else path.stem


def read(root: Path) -> Iterator[Utterance]:
    """Yield the recordings, wherever they lie under `root`."""
    people = demographics(root)
    for path in find_audio(root, key=name_of):
        if fields := CLIP.fullmatch(name_of(path)):
            actor, sentence, emotion, level = fields.groups()
            yield Utterance(
                id=name_of(path),
                path=path,
                label=EMOTIONS[emotion],
                speaker=actor,
                sex=SEXES[actor],
                text=sentence,
                extra={"intensity": level} | people.get(actor, {}),
            )


def demographics(root: Path) -> dict[str, dict[str, str]]:
    """Return age, race and ethnicity by actor, where the corpus's table lies under `root`."""
    for path in sorted(root.rglob("VideoDemographics.csv"))[:1]:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return {
                row["ActorID"]: {key.lower(): row[key] for key in ("Age", "Race", "Ethnicity")}
                for row in csv.DictReader(file)
            }
    return {}


def obtain(root: Path) -> None:
    """Download the corpus's tables and, one by one, its recordings, 0.6 GB in all."""
    fetch(f"{TABLES}/VideoDemographics.csv", root)
    table = fetch(f"{TABLES}/SentenceFilenames.csv", root)
    text = table.read_text(encoding="utf-8-sig", errors="replace")
    names = [row.get("Filename", "") for row in csv.DictReader(text.splitlines())]
    if not names or not all(CLIP.match(name or "") for name in names):
        table.unlink()  # the next call asks for it anew
        raise CorpusError(f"{TABLES}/SentenceFilenames.csv is not the list of recordings it was")
    fetch_all([f"{AUDIO}/{name}.wav" for name in names], root / "AudioWAV")


EMOBOX = random_protocol(
    "leaky-cremad-emobox1",
    LABELS,
    "a draw in the proportions of EmoBox, not EmoBox's own list",
    random_folds(test=25)[:1],
)
CREMA_D = Corpus(
    read=read,
    labels=LABELS,
    speakers=91,
    size=7442,
    url=URL,
    licence="ODbL-1.0",
    languages=("en",),
    protocols=(
        Protocol(
            "cremad-5",
            next_validates(BLOCKS),
            LABELS,
            shares=("text:test", "text:valid"),
            note="the label is the intended emotion",
            sizes=SIZES,
        ),
        EMOBOX,
    ),
    sexes=SEXES,
    obtain=obtain,
    example=(
        "AudioWAV/1001_DFA_ANG_XX.wav",
        "AudioWAV/1001_IEO_ANG_HI.wav",
        "AudioWAV/1091_WSI_SAD_XX.wav",
    ),
)


@hookimpl
def ser_datasets():
    """Register CREMA-D."""
    return {"crema_d": CREMA_D}
