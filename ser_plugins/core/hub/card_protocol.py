"""Writes the part of a card that says how a model was tested: on what, held out from what."""

from collections.abc import Iterable

from ..types import Columns, Selector
from .markdown import join, table
from .parts import Part
from .publication import Publication

SHARED = {"speaker": "speakers", "group": "recorded sessions", "text": "sentences",
          "audio": "recordings"}  # fmt: skip
PARTS = {"train": "training", "valid": "validation", "test": "test"}
COLUMNS = {"speaker": "speaker", "group": "recorded session", "text": "sentence or word",
           "corpus": "corpus"}  # fmt: skip
PLURALS = {"sentence or word": "sentences or words", "corpus": "corpora"}
VERDICTS = {
    "passed": "**passed**; no check found speakers, recordings or copies of them on two sides",
    "may leak": "**may leak**: the corpus does not say who speaks, so the same people may be in "
    "training and test",
    "leaky": "**leaky**, as the protocol itself declares",
    "failed": "**failed**",
    "none": "**not made**: nothing is known of leaks",
}


def write(p: Publication) -> str:
    """Return the section."""
    scores = p.scores
    rows = [
        (PARTS[name], part.clips, _speakers(part), _use(p, name)) for name, part in p.parts.items()
    ]
    lines = [
        "## How it was tested",
        f"Protocol **{scores['protocol']}** (`{scores['definition_hash']}`; its rows "
        f"`{scores['rows_hash']}`). {_explain(p)} {_in_words(p.parts['test'])}",
        *([f"Of this protocol its corpus says: {p.note}."] if p.note else []),
        table(("part", "clips", "speakers", "what for"), rows),
    ]
    return "\n\n".join(lines) + "\n\n" + "\n".join(f"- {line}" for line in _facts(p))


def _use(p: Publication, part: str) -> str:
    if part != "valid":
        return {
            "train": "weights, and statistics of the features",
            "test": "the scores above, and nothing else",
        }[part]
    chosen = "choice of the " + ("epoch" if p.hparams["fit"] == "gradient" else "setting")
    return f"{chosen}, and calibration" if "temperature" in p.scores else chosen


def _explain(p: Publication) -> str:
    """Say what is held out, how often, and who validates."""
    number = p.scores["fold"]
    if not p.fold:
        tested, validates = (p.parts[part].speakers for part in ("test", "valid"))
        held = f": {_count(tested, 'speaker')} tested, {validates} validate" if tested else ""
        return f"This is fold {number}{held}."
    one = f"It has {p.folds} folds; in fold {number}" if p.folds != 1 else "It has one fold: in it"
    if p.fold.train is None:
        train = "all others, but for those of speakers and recorded sessions that are tested"
    else:
        train = _describe(p.fold.train) if p.fold.train else "all others"
    return (
        f"{one} the test part is {_describe(p.fold.test)}, validation is "
        f"{_describe(p.fold.valid)}, and training is {train}."
    )


def _describe(selector: Selector) -> str:
    each = selector if isinstance(selector, tuple) else (selector,)
    return ", and ".join(map(_describe_one, each))


def _describe_one(columns: Columns) -> str:
    of = [_count(len(columns[key]), word) for key, word in COLUMNS.items() if key in columns]
    found = "the recordings" + (f" of {join(of)}" if of else "")
    if "percent" in columns:
        found = f"{len(columns['percent'])} % of {found}, drawn by chance"
    if "split" in columns:
        found += f" that the corpus itself puts into {join(columns['split'])}"
    others = [
        f"{key} {join(values)}"
        for key, values in columns.items()
        if key not in (*COLUMNS, "percent", "split")
    ]
    return found + (f" with {join(others)}" if others else "")


def _count(n: int, word: str) -> str:
    return f"{n} {word if n == 1 else PLURALS.get(word, word + 's')}"


def _in_words(test: Part) -> str:
    if not test.speakers:
        return (
            "Who speaks is not known, so that people of the test part may have been heard before."
        )
    if test.shared:
        return "It is tested on people whom it has heard before."
    return "It is tested on people whom it has never heard."


def _facts(p: Publication) -> Iterable[str]:
    for share in p.scores["shares"]:
        what, _, part = share.partition(":")
        yield (
            f"As it declares, {SHARED.get(what, what)} of the {PARTS.get(part, part)} part "
            "occur in another part too."
        )
    yield f"Audit: {VERDICTS.get(p.verdict, p.verdict)}."
    for check in p.audit.get("checks", ()):
        if check["result"] in ("leak", "fault"):
            yield f"The audit found {check['about']}."
    times = p.scores["test_readings"]
    yield (
        "The test part was read once, for these scores."
        if times == 1
        else f"The test part had been read {times} times by the time of these scores, counting "
        "other systems on the same machine."
    )


def _speakers(part: Part) -> str:
    if not part.speakers:
        return "unknown"
    if part.shared:
        return f"{part.speakers}, **{part.shared} of them in another part too**"
    return f"{part.speakers}, in no other part"
