"""Writes the card of a published model: metadata that the Hub reads, above a text for people."""

from typing import Any

from ..metrics import MAIN
from ..outcomes import main_scores
from ..protocols import mark
from . import card_text, licences
from .names import is_name
from .publication import Publication

TASK = "audio-classification"
TAGS = (TASK, "speech-emotion-recognition", "speechbrain")
# Of the Hub's metrics, hf.co/metrics: UAR is the mean recall of the classes.
METRICS: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "uar": ("recall", "UAR, unweighted average recall", {"average": "macro"}),
    "wa": ("accuracy", "WA, weighted accuracy", None),
    "macro_f1": ("f1", "macro F1", {"average": "macro"}),
}


def write(publication: Publication) -> str:
    """Return the README.md of a model."""
    from huggingface_hub import ModelCard

    metadata = make_metadata(publication).to_yaml()
    # Through the library, which refuses metadata that it cannot read back.
    return str(ModelCard(f"---\n{metadata}\n---\n\n{card_text.write(publication)}"))


def make_metadata(publication: Publication) -> Any:
    """Return what the Hub's filters, widgets and leaderboards read, as its ModelCardData."""
    from huggingface_hub import ModelCardData

    name = publication.id.partition("/")[2]
    return ModelCardData(
        language=list(publication.corpus.languages) or None,
        **licences.to_metadata(publication.licence),
        library_name="speechbrain",
        pipeline_tag=TASK,
        tags=[*TAGS, *(["leaky-evaluation"] if publication.is_leaky else [])],
        datasets=list(filter(is_name, publication.terms)) or None,  # those that are on the Hub
        metrics=[METRICS[name][0] for name in MAIN],
        base_model=publication.base_models or None,
        model_name=name,
        eval_results=make_results(publication),
    )


def make_results(publication: Publication) -> list[Any]:
    """Return the scores of the test part, under the protocol's name and hash."""
    from huggingface_hub import EvalResult

    scores = publication.scores
    protocol, digest, fold = scores["protocol"], scores["definition_hash"], scores["fold"]
    main = main_scores(scores)
    said = "LEAKY " if publication.is_leaky else mark(protocol)
    return [
        EvalResult(
            task_type=TASK,
            task_name="Speech emotion recognition",
            dataset_type=scores["dataset"],
            dataset_name=f"{said}{scores['dataset']}, protocol {protocol} ({digest}), fold {fold}",
            dataset_config=protocol,
            dataset_split="test",
            dataset_args={"protocol": protocol, "definition_hash": digest, "fold": fold},
            metric_type=METRICS[name][0],
            metric_name=METRICS[name][1],
            metric_value=round(main[name], 4),
            metric_args=METRICS[name][2],
        )
        for name in MAIN
    ]
