"""Writes what people read on the page of a published model, in Markdown."""

from ..extras import SOURCE
from ..limits import DECISIONS, LIMITS
from . import card_protocol, card_scores, speechbrain_page
from .markdown import join, table
from .publication import CURVES, Publication

LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "it": "Italian", "es": "Spanish",
    "zh": "Chinese", "tr": "Turkish", "fa": "Persian", "el": "Greek",
}  # fmt: skip
USE = "It is meant for research, for teaching, and for comparison on the same protocol."


def write(p: Publication) -> str:
    """Return the text, from the heading on."""
    sections = (_opening(p), _load(p), card_scores.write(p), card_protocol.write(p), _training(p),
                _use(p), _cite(p))  # fmt: skip
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _opening(p: Publication) -> str:
    config, labels = p.config, p.config["labels"]
    features, model = config["features"]["name"], config["model"]["name"]
    lines = [
        f"# {p.id.partition('/')[2]}",
        *_warnings(p),
        f"Recognises {len(labels)} emotions in speech: {join(labels)}. A `{model}` network on "
        f"`{features}` features ({p.scores['parameters']:,} parameters, "
        f"{config['sample_rate'] / 1000:g} kHz), trained on {join(p.terms)} with "
        f"[SpeechBrain](https://speechbrain.github.io) and ser_plugins "
        f"{p.scores['versions']['ser_plugins']}.",
    ]
    return "\n\n".join(lines)


def _warnings(p: Publication) -> list[str]:
    found = []
    if p.is_leaky:
        found.append(
            "**⚠️ LEAKY.** In this protocol the model is tested on speakers that it was trained on. "
            "Its scores say nothing of how it does on people whom it has never heard: they are too "
            "high, often by far."
        )
    elif p.verdict != "passed":
        found.append(
            f"**⚠️ The audit of this run: {card_protocol.VERDICTS.get(p.verdict, p.verdict)}.**"
        )
    if p.conflicts:
        found.append(
            f"**⚠️ Licence.** Published as {p.licence} by decision of who published it, although "
            + "; ".join(p.conflicts)
            + "."
        )
    return [f"> {text}" for text in found]


def _load(p: Publication) -> str:
    needs = "".join(f"\n\nIt also needs {source}, which is not part of ser_plugins."
                    for source in p.strangers)  # fmt: skip
    return f"""## How to load it

Install ser_plugins from its source, not from PyPI: `pip install .` in {SOURCE}.

```python
from ser_plugins import EmotionClassifier
classifier = EmotionClassifier.from_pretrained("{p.id}")
print(classifier.predict("clip.wav").label)
```

`revision="…"` holds on to one commit. Only `config.json` and `model.safetensors` are downloaded,
once; both are data, and nothing of this repository is executed.{needs}

{speechbrain_page.explain(p.id)}"""


def _training(p: Publication) -> str:
    rows = [(name, terms) for name, terms in p.terms.items()]
    where = f" It is to be had from {p.corpus.url}." if p.corpus.url else ""
    n, by_epochs = p.scores["epochs"], p.hparams["fit"] == "gradient"
    steps = ("epoch" if n == 1 else "epochs") if by_epochs else "candidates of a setting"
    augment = join(f"`{name}`" for name in p.hparams["augment"]) or "none"
    base = "".join(f" Its features come from [{name}](https://huggingface.co/{name}), which has a "
                   "licence of its own." for name in p.base_models)  # fmt: skip
    parts = [
        "## What it was trained on",
        table(("corpus", "its terms"), rows),
        f"{p.parts['train'].clips} recordings of the training part.{where} The model is licensed "
        f"as {p.licence}.{base}",
        f"{n} {steps}, of which validation chose number "
        f"{p.scores['best_epoch']}; augmentation: {augment}; seed {p.scores['seed']}.",
    ]
    if CURVES in p.pictures:
        parts.append(f"![Loss and recall over the epochs]({CURVES})")
    return "\n\n".join(parts)


def _use(p: Publication) -> str:
    spoken = join(LANGUAGES.get(code, code) for code in p.corpus.languages)
    heard = f"It has heard {spoken} only." if spoken else "What language it has heard is not known."
    limits = (f"**{text}**" if text == DECISIONS else text for text in LIMITS)
    lines = "\n".join(f"- {text}" for text in limits)
    return f"## What it is for, and what not\n\n{USE} {heard}\n\n{lines}"


def _cite(p: Publication) -> str:
    owner, _, name = p.id.partition("/")
    corpora = join(p.terms)
    return f"""## How to cite it

Name the commit, the protocol with its hash, and the corpus ({corpora}) as its authors ask.

```bibtex
@misc{{{name.replace("-", "_").replace(".", "_")},
  author       = {{{owner}}},
  title        = {{{name}: speech emotion recognition, trained on {corpora}}},
  howpublished = {{\\url{{https://huggingface.co/{p.id}}}}},
  note         = {{Protocol {p.scores["protocol"]} ({p.scores["definition_hash"]}), fold \
{p.scores["fold"]}}}
}}
```"""
