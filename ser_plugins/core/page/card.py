"""What the page says of the model: what it knows, how well it was tested, what it is not for."""

from collections.abc import Mapping
from html import escape
from typing import Any

from ..errors import BundleError
from ..limits import LIMITS
from ..past import Past
from ..words import percent_in_words

FAILED = "failed"  # a verdict of the audit


def check(past: Past, source: object) -> None:
    """Refuse scores that cannot be shown.

    Raises:
        BundleError: naming where they are from.
    """
    try:
        _tested(past)
        _recalls(past)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{source} does not hold the scores of a run: {error!r}") from None


def warning(past: Past) -> str:
    """Return what must be known before anything that a leaky or faulty system says is believed."""
    if past.mark:
        why = (
            "This model was tested on speakers that it had learned from (protocol "
            f"{escape(past.protocol)}). Its scores are far too high: expect much less from a voice "
            "that it does not know."
        )
    elif past.facts.get("audit") == FAILED:
        why = "The audit of this model failed: its scores cannot be trusted."
    else:
        return ""
    return f"<p class='ser-leaky'><b>{past.mark.strip() or 'FAILED'}</b> {why}</p>"


def card(config: Mapping[str, Any], past: Past) -> str:
    """Return the card of a model, as HTML.

    Args:
        config: of the bundle.
        past: what is known of its training and test.
    """
    rows = {
        "Emotions": escape(", ".join(config["labels"])),
        "Learned from": escape(str(past.facts.get("dataset", ""))),
        **_tested(past),
        "Audit": escape(str(past.facts.get("audit", ""))),
        "Model": _parts(config),
        "Hears": f"{config['sample_rate']} samples a second; other rates are converted",
        "Made with": escape(
            ", ".join(f"{name} {version}" for name, version in config.get("made_with", {}).items())
        ),
    }
    table = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows.items() if text)
    limits = "".join(f"<p>{text}</p>" for text in LIMITS)
    return (
        f"<dl class='ser-card'>{table}</dl>{_recalls(past)}"
        f"<h3>What it is not for</h3><div class='ser-limits'>{limits}</div>"
    )


def _tested(past: Past) -> dict[str, str]:
    if not past.scores:
        name = escape(past.protocol)
        known = (
            f"{past.mark}fold {escape(str(past.facts.get('fold', '?')))} of {name}; "
            if name
            else ""
        )
        return {"Tested": f"{known}start the page with a run folder to see its scores"}
    scores, mark = past.scores, past.mark
    fold = escape(str(scores["fold"]))
    test, guess = scores["test"], 1 / len(scores["test"]["per_class"])
    shares = (share.partition(":") for share in scores.get("shares", ()))
    shared = [column for column, _, part in shares if part == "test"]
    return {
        "Tested": f"{mark}fold {fold} of {escape(scores['protocol'])}, {test['n']:d} clips"
        + (f" that share the {escape(', '.join(shared))} with what it learned from" * bool(shared)),
        "Scores": f"{mark}UAR {test['uar']:.3f} (guessing: {guess:.3f}), "
        f"WA {test['wa']:.3f}, macro F1 {test['macro_f1']:.3f}",
    }


def _parts(config: Mapping[str, Any]) -> str:
    names = [config[part]["name"] for part in ("model", "features") if part in config]
    return escape(" on ".join(names))


def _recalls(past: Past) -> str:
    """Return a bar for each emotion: how many of its test clips were recognised."""
    if not past.scores:
        return ""
    bars = "".join(
        f"<li><span>{escape(label)}</span><i aria-hidden='true'>"
        f"<i style='width:{100 * found['recall']:.1f}%'></i></i>"
        f"<span>{percent_in_words(found['recall'])} of {found['support']:d}</span></li>"
        for label, found in past.scores["test"]["per_class"].items()
    )
    return f"<h3>{past.mark}Recognised in the test</h3><ul class='ser-bars'>{bars}</ul>"
