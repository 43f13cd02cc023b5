"""Writes the part of a card that says how good a model is."""

from ..outcomes import main_scores
from ..words import percent
from .markdown import table
from .publication import CONFUSION, Publication

FIGURES = ("uar", "wa", "macro_f1")


def write(p: Publication) -> str:
    """Return the section."""
    main, n = main_scores(p.scores), len(p.scores["labels"])
    valid = main_scores({"test": p.scores["valid"]})
    leaky = "LEAKY " if p.is_leaky else ""
    mean = ", mean over corpora" if p.scores.get("test_mean_over_corpora") else ""
    figures = table(
        ("", "UAR", "WA", "macro F1"),
        [
            (f"**{leaky}test{mean}**", *(f"**{percent(main[k], 1)}**" for k in FIGURES)),
            ("validation", *(percent(valid[k], 1) for k in FIGURES)),
            ("chance", percent(1 / n, 1), "", ""),
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
        (label, one["support"], *(percent(one[k], 1) for k in ("recall", "precision", "f1")))
        for label, one in found.items()
    ]
    return "### By emotion\n\n" + table(("emotion", "clips", "recall", "precision", "F1"), rows)


def _groups(p: Publication) -> list[str]:
    found = []
    for key, word in (("test_by_sex", "sex"), ("test_by_corpus", "corpus")):
        if groups := p.scores.get(key):
            rows = [
                (name, g["n"], *(percent(g[k], 1) for k in FIGURES)) for name, g in groups.items()
            ]
            head = (f"{word} of the speaker" if word == "sex" else word, "clips", "UAR", "WA",
                    "macro F1")  # fmt: skip
            found.append(f"### By {word}\n\n" + table(head, rows))
    return found


def _calibration(p: Publication) -> str:
    errors = p.scores.get("calibration_error")
    if not errors:
        text = "Its probabilities were not calibrated: do not take them for chances."
    else:
        before, after = (percent(errors["test"][when], 1) for when in ("before", "after"))
        text = (
            f"Its probabilities are softened by a temperature of {p.scores['temperature']:g}, "
            f"fitted on validation. On the test part they are off by {after} on average (expected "
            f"calibration error, 15 bins); without it, by {before}."
        )
    return f"### Calibration\n\n{text}"
