"""IEMOCAP: five sessions of a woman and a man each, scripted and improvised dialogues, English.

Busso C, Bulut M, Lee CC, Kazemzadeh A, Mower E, Kim S, Chang JN, Lee S, Narayanan SS (2008),
Language Resources and Evaluation 42(4), 335-359, doi 10.1007/s10579-008-9076-6. On request from
USC, for research; never redistributed. The label is what most of three raters chose; turns without
agreement (`xxx`) are read without a label. Valence, activation and dominance are means over
raters, from 1 to 5.

A turn's speaker is its session and the letter before the turn's number (`F000` is the woman),
not the letter after the session, which says whose motion was captured.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ser_plugins import Corpus, CorpusError, Fold, Protocol, Utterance, find_audio, hookimpl

EMOTIONS = {
    "ang": "angry",
    "hap": "happy",
    "exc": "excited",
    "sad": "sad",
    "neu": "neutral",
    "fru": "frustrated",
    "fea": "fearful",
    "sur": "surprised",
    "dis": "disgusted",
    "oth": "other",
    "xxx": "",
}
LABELS = tuple(filter(None, EMOTIONS.values()))
SESSIONS = ("Ses01", "Ses02", "Ses03", "Ses04", "Ses05")
SEXES = {f"{s}{sex[0].upper()}": sex for s in SESSIONS for sex in ("female", "male")}
TURN = re.compile(r"(Ses0[1-5])[FM]_(impro|script)\w+_([FM])\w*\d+")
NUMBER = r"(\d+\.\d+)"
RATED = re.compile(rf"\[{NUMBER} - {NUMBER}\]\t(\w+)\t(\w+)\t\[{NUMBER}, {NUMBER}, {NUMBER}\]\s*")


class Rating(NamedTuple):
    """What the raters made of a turn: the code of its emotion, and means from 1 to 5."""

    code: str
    targets: dict[str, float]


def lines_of(root: Path, folder: str) -> Iterator[str]:
    """Yield the lines of the text files in every folder of a name."""
    for path in find_audio(root, (".txt",), key=lambda p: p.parts[-2:]):
        if path.parent.name == folder:
            yield from (root / path).read_text(encoding="utf-8", errors="replace").splitlines()


def ratings(root: Path) -> dict[str, Rating]:
    """Return the rating of each turn; the lines of single raters are passed over."""
    found = {}
    for line in lines_of(root, "EmoEvaluation"):
        if fields := RATED.fullmatch(line):
            _, _, turn, code, *numbers = fields.groups()
            names = ("valence", "activation", "dominance")
            found[turn] = Rating(code, dict(zip(names, map(float, numbers), strict=True)))
    return found


def transcripts(root: Path) -> dict[str, str]:
    """Return what is said in each turn, where the transcriptions lie beside."""
    said = {}
    for line in lines_of(root, "transcriptions"):
        turn, bracket, text = line.partition(" [")
        if bracket and TURN.fullmatch(turn):
            said[turn] = text.partition("]: ")[2].strip()
    return said


def read(root: Path) -> Iterator[Utterance]:
    """Yield the turns that have a sound file and a label file.

    Raises:
        CorpusError: for turns that no label file rates.
    """
    rated, said = ratings(root), transcripts(root)
    turns = {
        path: fields
        for path in find_audio(root, key=lambda p: p.stem)
        if (fields := TURN.fullmatch(path.stem))
    }
    if missing := [path for path in turns if path.stem not in rated]:
        raise CorpusError(
            f"{root}: {len(missing)} turns have no label, {missing[0]} among them; expected a line "
            "in SessionN/dialog/EmoEvaluation/<dialog>.txt. Copy these folders too"
        )
    for path, fields in turns.items():
        session, kind, letter = fields.groups()
        code = rated[path.stem].code
        if code not in EMOTIONS:
            raise CorpusError(
                f"{path.stem} is rated {code!r}; expected one of {', '.join(EMOTIONS)}"
            )
        yield Utterance(
            id=path.stem,
            path=path,
            label=EMOTIONS[code],
            speaker=session + letter,
            group=session,
            sex=SEXES[session + letter],
            text=said.get(path.stem, ""),
            targets=rated[path.stem].targets,
            extra={"scenario": "improvised" if kind == "impro" else "scripted"},
        )


def four_classes() -> Protocol:
    """Return leave-one-session-out over four classes; the next session's woman validates."""
    following = SESSIONS[1:] + SESSIONS[:1]
    return Protocol(
        "iemocap-4class-5",
        tuple(
            Fold({"group": [tested]}, {"speaker": [f"{after}F"]})
            for tested, after in zip(SESSIONS, following, strict=True)
        ),
        ("angry", "happy", "neutral", "sad"),
        merge={"excited": "happy"},
        # Turns of one dialogue overlap in time: a word of his may stand in a recording of hers.
        shares=("audio:valid", "group:valid", "text:test", "text:valid"),
        note="leave one session out, improvised and scripted both",
        sizes=tuple((None, None, tested) for tested in (1085, 1023, 1151, 1031, 1241)),
    )


IEMOCAP = Corpus(
    read=read,
    labels=LABELS,
    speakers=10,
    size=10039,
    url="https://sail.usc.edu/iemocap/iemocap_release.htm",
    licence="research only, on request, never redistributed",
    languages=("en",),
    protocols=(four_classes(),),
    sexes=SEXES,
    request="Fill in the release form at the address; USC sends a link.",
)


@hookimpl
def ser_datasets():
    """Register IEMOCAP."""
    return {"iemocap": IEMOCAP}
