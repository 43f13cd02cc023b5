"""Tells one trained system from another, wherever it lies."""

import hashlib
import json
from pathlib import Path
from typing import Any

from .systems import GRAPH, System


def fingerprint(system: System, source: str | Path) -> str:
    """Return what tells a trained system from others: its model's name, and eight digits."""
    name, path = system.config["model"]["name"], Path(source).expanduser()
    digest = hashlib.sha256(json.dumps(dict(system.config), sort_keys=True).encode())
    if path.suffix == GRAPH:
        digest.update(path.read_bytes())
    else:
        weights: Any = system  # a bundle
        for key, tensor in sorted(weights.classifier.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return f"{name}-{digest.hexdigest()[:8]}"
