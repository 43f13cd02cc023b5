"""The tables of a cross-validation: Markdown that can be read on a screen, and CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .metrics import MAIN
from .protocols import mark

NONE = "–"


def scores_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return a row of scores for each experiment and protocol."""
    sexes = sorted({sex for cell in cells for sex in cell.get("uar_by_sex", {})})
    head = ["experiment", "protocol", "validation UAR", "UAR", "WA", "macro F1", "pooled UAR"]
    head += ["95 % interval"]
    rows = []
    for cell in cells:
        shown = ("valid_uar", *MAIN)
        found = [_mean_std(cell[name]) for name in shown] if "uar" in cell else [_state(cell)]
        pooled = cell.get("pooled")
        found += [_figure(pooled["uar"]), _range(pooled["interval"])] if pooled else []
        found += [_figure(cell.get("uar_by_sex", {}).get(sex)) for sex in sexes] if pooled else []
        found += [NONE] * (len(head) - 2 + len(sexes) - len(found))
        rows.append([cell["yaml"], _protocol(cell), *found])
    return markdown([*head, *(f"UAR {sex}" for sex in sexes)], rows)


def runs_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return what was run: corpus, folds, seeds, size, time, readings and audit."""
    head = ["experiment", "protocol", "corpus", "definition", "folds", "seeds"]
    head += ["spread over seeds", "parameters", "seconds", "readings", "audit"]
    rows = []
    for cell in cells:
        n = cell["folds_of_protocol"]
        folds = str(n) if len(cell["folds"]) == n else f"{_list(cell['folds'])} of {n}"
        found = [NONE] * 5
        if "uar" in cell:
            size, seconds = _list(cell["parameters"]), f"{cell['seconds']:.0f}"
            found = [_figure(cell["uar_std_over_seeds"]), size, seconds]
            found += [str(cell["test_readings"]), ", ".join(cell["audit"])]
        which = [cell["dataset"], cell["definition_hash"], folds, _list(cell["seeds"])]
        rows.append([cell["yaml"], _protocol(cell), *which, *found])
    return markdown(head, rows)


def corpora_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the pooled scores of a mix corpus by corpus; nothing where there is no mix."""
    rows = [
        [cell["yaml"], _protocol(cell), corpus, *(_figure(found[name]) for name in MAIN)]
        + [_range(found["interval"])]
        for cell in cells
        for corpus, found in cell.get("pooled_by_corpus", {}).items()
    ]
    scores = ["pooled UAR", "pooled WA", "pooled macro F1", "95 % interval"]
    return markdown(["experiment", "protocol", "corpus", *scores], rows) if rows else ""


def differences_table(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Return the differences between experiments; nothing where there are none."""
    rows = [
        [pair["protocol"], pair["first"], pair["second"], f"{pair['difference']:+.3f}"]
        + [_range(pair["interval"], "+.3f"), _p(pair.get("p"))]
        for pair in pairs
        if "difference" in pair
    ]
    for row in rows:
        row[0] = mark(row[0]) + row[0]
    head = ["protocol", "first", "second", "difference", "95 % interval", "p"]
    return markdown(head, rows) if rows else ""


def remarks(
    cells: Sequence[Mapping[str, Any]],
    pairs: Sequence[Mapping[str, Any]],
    leaks: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Return what must be said beside the tables: what leaks, is missing or has no interval."""
    lines = [
        f"{leak['yaml']}: LEAKY {leak['leaky']} shows {leak['points']:+.1f} points of UAR against "
        f"{leak['honest']}" + ("" if leak["same_labels"] else " (their labels differ)")
        for leak in leaks
    ]
    for cell in cells:
        name = f"{cell['yaml']}, {_protocol(cell)}"
        if len(cell["folds"]) < cell["folds_of_protocol"]:
            lines.append(
                f"{name}: of {cell['folds_of_protocol']} folds, {_list(cell['folds'])} only"
            )
        if cell["missing"]:
            each = (f"fold {run['fold']} seed {run['seed']}" for run in cell["missing"])
            lines.append(f"{name}: INCOMPLETE, nothing is averaged; missing: {', '.join(each)}")
        if n := cell.get("clips_tested_twice"):
            lines.append(f"{name}: {n} of {cell['clips']} tests are of a clip tested before")
    reasons = [why for cell in cells for why in _reasons(cell)]
    reasons += [pair["why_no_interval"] for pair in pairs if "why_no_interval" in pair]
    lines += [f"no interval: {why}" for why in dict.fromkeys(reasons)]
    lines += [
        f"{pair['first']} and {pair['second']} are not compared under {pair['protocol']}: "
        f"{pair['why_not']}"
        for pair in pairs
        if "why_not" in pair
    ]
    return lines


def _reasons(cell: Mapping[str, Any]) -> Iterator[str]:
    for found in (cell.get("pooled", {}), *cell.get("pooled_by_corpus", {}).values()):
        if "why_no_interval" in found:
            yield found["why_no_interval"]


def as_csv(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the cells as CSV, one row each, every figure in full."""
    flat = [_flat(cell) for cell in cells]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(flat)
    return text.getvalue()


def _flat(cell: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: cell[key] for key in ("yaml", "dataset", "protocol", "definition_hash", "leaky")}
    row |= {key: _list(cell[key]) for key in ("folds", "seeds")}
    row |= {"runs": len(cell["runs"]), "missing": len(cell["missing"])}
    if "uar" not in cell:
        return row
    for name in ("valid_uar", *MAIN):
        row |= {name: cell[name]["mean"], f"{name}_std_over_folds": cell[name]["std_over_folds"]}
    for name in MAIN:
        row[f"pooled_{name}"] = cell["pooled"][name]
    low, high = cell["pooled"]["interval"] or (None, None)
    row |= {"pooled_uar_low": low, "pooled_uar_high": high}
    row |= {f"uar_{sex}": value for sex, value in cell["uar_by_sex"].items()}
    row |= {key: cell[key] for key in ("uar_std_over_seeds", "clips", "seconds", "test_readings")}
    return row | {"parameters": _list(cell["parameters"]), "audit": ", ".join(cell["audit"])}


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns stand below each other.

    >>> print(markdown(["a", "b"], [["1", "long"]]), end="")
    | a | b    |
    |---|------|
    | 1 | long |
    """
    table = [[text.replace("|", r"\|") for text in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = [
        "| " + " | ".join(text.ljust(n) for text, n in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    rule = "|" + "|".join("-" * (n + 2) for n in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _protocol(cell: Mapping[str, Any]) -> str:
    return mark(cell["protocol"]) + cell["protocol"]


def _state(cell: Mapping[str, Any]) -> str:
    done = len(cell["runs"])
    return f"INCOMPLETE: {done} of {done + len(cell['missing'])} runs"


def _mean_std(found: Mapping[str, Any]) -> str:
    std = found["std_over_folds"]
    return _figure(found["mean"]) + ("" if std is None else f" ± {std:.3f}")


def _figure(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _p(value: float | None) -> str:
    return "< 0.001" if value is not None and value < 0.001 else _figure(value)


def _range(ends: Sequence[float] | None, form: str = ".3f") -> str:
    return NONE if ends is None else f"{ends[0]:{form}} to {ends[1]:{form}}"


def _list(items: Sequence[object]) -> str:
    return " ".join(str(item) for item in items)
