"""How much each label counts in the loss, so that a rare one is not drowned by the others."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .manifest import Row


def label_weights(mode: str, rows: Sequence[Row], labels: Sequence[str]) -> Tensor | None:
    """Return the weight of each label, `[C]`, or None where all count alike.

    Args:
        mode: `balanced` for n / (C * n_c) (King G, Zeng L, 2001, Political Analysis 9,
            137-163), whose mean over the clips is 1; `none`.
        rows: the training part.
        labels: class names in the order of their ids, each of some training clip.

    >>> label_weights("balanced", [{"label": "sad"}, {"label": "sad"}, {"label": "happy"}],
    ...     ["happy", "sad"])
    tensor([1.5000, 0.7500])
    """
    if mode == "none":
        return None
    from sklearn.utils.class_weight import compute_class_weight  # here: it takes a second to load

    found = [row["label"] for row in rows]
    weights = compute_class_weight("balanced", classes=np.array(labels), y=np.array(found))
    return torch.tensor(weights, dtype=torch.float32)
