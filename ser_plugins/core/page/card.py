"""What the page says of the model: what it knows, how well it was tested, what it is not for."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .. import protocols
from ..errors import BundleError
from ..limits import LIMITS
from ..words import percent


def read_scores(source: Path) -> dict[str, Any]:
    """Return the scores of a run folder; nothing for a bundle or graph alone.

    Raises:
        BundleError: for scores that are damaged.
    """
    path = source.expanduser() / "scores.json"
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    try:
        found = json.loads(text)
        _tested(found)
        _recalls(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path} does not hold the scores of a run: {error!r}") from None
    return dict(found)


def warning(scores: Mapping[str, Any]) -> str:
    """Return what must be known before anything that a leaky run says is believed."""
    if not scores or not protocols.is_leaky(scores["protocol"]):
        return ""
    return (
        "<p class='ser-leaky'><b>LEAKY</b> This model was tested on speakers that it had learned "
        f"from (protocol {escape(scores['protocol'])}). Its scores are far too high: expect much "
        "less from a voice that it does not know.</p>"
    )


def card(config: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Return the card of a model, as HTML.

    Args:
        config: of the bundle.
        scores: of its run; empty where they are not known.
    """
    rows = {
        "Emotions": escape(", ".join(config["labels"])),
        **(_tested(scores) if scores else UNKNOWN),
        "Model": _parts(config),
        "Hears": f"{config['sample_rate']} samples a second; other rates are converted",
        "Made with": escape(
            ", ".join(f"{name} {version}" for name, version in config.get("made_with", {}).items())
        ),
    }
    table = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows.items() if text)
    limits = "".join(f"<p>{text}</p>" for text in LIMITS)
    return (
        f"<dl class='ser-card'>{table}</dl>{_recalls(scores)}"
        f"<h3>What it is not for</h3><div class='ser-limits'>{limits}</div>"
    )


UNKNOWN = {"Tested": "not known here: start the page with a run folder to see its scores"}


def _tested(scores: Mapping[str, Any]) -> dict[str, str]:
    test, mark = scores["test"], protocols.mark(scores["protocol"])
    guess = 1 / len(test["per_class"])
    shares = (share.partition(":") for share in scores.get("shares", ()))
    shared = [column for column, _, part in shares if part == "test"]
    return {
        "Learned from": escape(str(scores["dataset"])),
        "Tested": f"{mark}fold {scores['fold']} of {escape(scores['protocol'])}, {test['n']} clips"
        + (f" that share the {escape(', '.join(shared))} with what it learned from" * bool(shared)),
        "Scores": f"{mark}UAR {test['uar']:.3f} (guessing: {guess:.3f}), "
        f"WA {test['wa']:.3f}, macro F1 {test['macro_f1']:.3f}",
    }


def _parts(config: Mapping[str, Any]) -> str:
    names = [config[part]["name"] for part in ("model", "features") if part in config]
    return escape(" on ".join(names))


def _recalls(scores: Mapping[str, Any]) -> str:
    """Return a bar for each emotion: how many of its test clips were recognised."""
    if not scores:
        return ""
    bars = "".join(
        f"<li><span>{escape(label)}</span><i aria-hidden='true'>"
        f"<i style='width:{100 * found['recall']:.1f}%'></i></i>"
        f"<span>{percent(found['recall'])} of {found['support']}</span></li>"
        for label, found in scores["test"]["per_class"].items()
    )
    mark = protocols.mark(scores["protocol"])
    return f"<h3>{mark}Recognised in the test</h3><ul class='ser-bars'>{bars}</ul>"
