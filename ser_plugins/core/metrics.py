"""Scores of a list of predictions."""

from collections.abc import Sequence
from typing import Any

MAIN = ("uar", "wa", "macro_f1")  # of the scores, those that tables show


def scores(
    targets: Sequence[int], predictions: Sequence[int], labels: Sequence[str]
) -> dict[str, Any]:
    """Compute what every table of this toolkit shows.

    Args:
        targets: class ids, positions in `labels`.
        predictions: class ids, one for each target; -1 for one outside the labels.
        labels: class names.

    Returns:
        `n`, `uar` (unweighted average recall: the mean over classes of the recall), `wa`
        (weighted accuracy: the part that is right), `macro_f1`, `per_class` and `confusion`
        (rows are targets). A label without targets counts in no average.

    >>> scores([0, 0, 0, 1], [0, 0, 1, 1], ["sad", "angry"])["uar"]
    0.8333333333333333
    """
    from sklearn import metrics  # here: it takes seconds to load

    ids = list(range(len(labels)))
    per_class = metrics.precision_recall_fscore_support(
        targets, predictions, labels=ids, zero_division=0
    )
    precision, recall, f1, support = (column.tolist() for column in per_class)
    present = [i for i in ids if support[i]]
    return {
        "n": len(targets),
        "uar": sum(recall[i] for i in present) / len(present),
        "wa": sum(t == p for t, p in zip(targets, predictions, strict=True)) / len(targets),
        "macro_f1": sum(f1[i] for i in present) / len(present),
        "per_class": {
            label: {
                "precision": precision[i],
                "recall": recall[i],
                "f1": f1[i],
                "support": int(support[i]),
            }
            for i, label in enumerate(labels)
        },
        "confusion": metrics.confusion_matrix(targets, predictions, labels=ids).tolist(),
    }
