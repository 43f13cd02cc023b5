"""Writes the part of a card that says how good a model is, and how that was found out."""

from collections.abc import Iterable

from ..outcomes import main_scores
from .markdown import percent, table
from .publication import CONFUSION, Part, Publication

SHARED = {"speaker": "speakers", "group": "recorded sessions", "text": "sentences",
          "audio": "recordings"}  # fmt: skip
PARTS = {
    "train": ("training", "weights, and statistics of the features"),
    "valid": ("validation", "choice of the epoch, and calibration"),
    "test": ("test", "the scores above, and nothing else"),
}
FIGURES = ("uar", "wa", "macro_f1")
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
    return f"{_scores(p)}\n\n{_protocol(p)}"


def _scores(p: Publication) -> str:
    main, n = main_scores(p.scores), len(p.scores["labels"])
    valid = main_scores({"test": p.scores["valid"]})
    leaky = "LEAKY " if p.is_leaky else ""
    mean = ", mean over corpora" if p.scores.get("test_mean_over_corpora") else ""
    figures = table(
        ("", "UAR", "WA", "macro F1"),
        [
            (f"**{leaky}test{mean}**", *(f"**{percent(main[k])}**" for k in FIGURES)),
            ("validation", *(percent(valid[k]) for k in FIGURES)),
            ("chance", percent(1 / n), "", ""),
        ],
    )
    return "\n\n".join(
        [
            "## How good it is",
            figures,
            "UAR is the mean of the recalls of the classes, WA the part of the clips that is "
            f"right. {_one_run(p)}",
            _per_class(p),
            f"![Confusion matrix of the test part: rows are what was meant, columns what was heard]"
            f"({CONFUSION})",
            *_groups(p),
            _calibration(p),
        ]
    )


def _one_run(p: Publication) -> str:
    of = f" of {p.folds}" if p.folds else ""
    return (
        f"One run: fold {p.scores['fold']}{of}, seed {p.scores['seed']}. Other folds have other "
        "speakers, and can be some points off: compare systems over all folds."
    )


def _per_class(p: Publication) -> str:
    found = p.scores["test"]["per_class"]
    rows = [
        (label, one["support"], *(percent(one[k]) for k in ("recall", "precision", "f1")))
        for label, one in found.items()
    ]
    return "### By emotion\n\n" + table(("emotion", "clips", "recall", "precision", "F1"), rows)


def _groups(p: Publication) -> list[str]:
    found = []
    for key, word in (("test_by_sex", "sex"), ("test_by_corpus", "corpus")):
        if groups := p.scores.get(key):
            rows = [(name, g["n"], *(percent(g[k]) for k in FIGURES)) for name, g in groups.items()]
            head = (f"{word} of the speaker" if word == "sex" else word, "clips", "UAR", "WA",
                    "macro F1")  # fmt: skip
            found.append(f"### By {word}\n\n" + table(head, rows))
    return found


def _calibration(p: Publication) -> str:
    errors = p.scores.get("calibration_error")
    if not errors:
        text = "Its probabilities were not calibrated: do not take them for chances."
    else:
        before, after = (percent(errors["test"][when]) for when in ("before", "after"))
        text = (
            f"Its probabilities are softened by a temperature of {p.scores['temperature']:g}, "
            f"fitted on validation. On the test part they are off by {after} on average (expected "
            f"calibration error, 15 bins); without it, by {before}."
        )
    return f"### Calibration\n\n{text}"


def _protocol(p: Publication) -> str:
    scores = p.scores
    rows = [(PARTS[name][0], part.clips, _speakers(part), PARTS[name][1])
            for name, part in p.parts.items()]  # fmt: skip
    note = f", {p.note}," if p.note else ""
    lines = [
        "## How it was tested",
        f"Protocol **{scores['protocol']}**{note} (`{scores['definition_hash']}`; its rows "
        f"`{scores['rows_hash']}`), fold {scores['fold']}. {_in_words(p.parts['test'])}".strip(),
        table(("part", "clips", "speakers", "what for"), rows),
        *[f"- {line}" for line in _facts(p)],
    ]
    return "\n\n".join(lines[:3]) + "\n\n" + "\n".join(lines[3:])


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
            f"As it declares, {SHARED.get(what, what)} of the {PARTS.get(part, (part,))[0]} part "
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
