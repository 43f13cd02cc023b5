"""The card says what the run is, to the Hub field by field, and to people in words."""

import dataclasses
import json
import re

import pytest
import yaml

from ser_plugins import Fold, Protocol
from ser_plugins.core.errors import InputError
from ser_plugins.core.hub import card, licences
from ser_plugins.core.hub import publication as publications
from ser_plugins.core.hub.publication import Part, check_public, gather
from ser_plugins.core.run import RunFolder

# From github.com/huggingface/hub-docs, modelcard.md: what each field may hold.
TEXT = (str,)
FIELDS = {
    "language": "list", "license": TEXT, "license_name": TEXT, "license_link": TEXT,
    "library_name": TEXT, "pipeline_tag": TEXT, "tags": "list", "datasets": "list",
    "metrics": "list", "base_model": "list", "model-index": "index",
}  # fmt: skip
REQUIRED = {"task": {"type"}, "dataset": {"type", "name"}, "metrics": {"type", "value"}}
ALLOWED = {
    "task": {"type", "name"},
    "dataset": {"type", "name", "config", "split", "revision", "args"},
    "metrics": {"type", "value", "name", "config", "args", "verified"},
}
# docs/hub/repositories-licenses.md there, so far as it is of interest here.
LICENCES = """
    apache-2.0 mit openrail afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause
    bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0
    cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
    agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc mpl-2.0 odc-by odbl unlicense
    zlib pddl other""".split()
METRICS = {"recall", "accuracy", "f1"}  # of hf.co/metrics


@pytest.fixture
def publication(finished):
    return gather(RunFolder(finished), "me/toy-cnn", None)


def metadata(text):
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)[1])


def check_entry(part, entry):
    assert REQUIRED[part] <= set(entry) <= ALLOWED[part]
    assert all(isinstance(value, str) for key, value in entry.items() if key in ("type", "name"))


@pytest.mark.parametrize("languages", [(), ("en",), ("en", "de")])
def test_every_field_is_as_the_hub_documents_it(publication, languages):
    corpus = dataclasses.replace(publication.corpus, languages=languages)
    found = metadata(card.write(dataclasses.replace(publication, corpus=corpus)))
    assert set(found) <= set(FIELDS)
    for key, value in found.items():
        if FIELDS[key] == "list":
            assert isinstance(value, list) and value
            assert all(isinstance(one, str) and one for one in value)
        elif FIELDS[key] is TEXT:
            assert isinstance(value, str)
    assert found.get("language", []) == list(languages)
    assert found["license"] in LICENCES and found["pipeline_tag"] == "audio-classification"
    assert {"audio-classification", "speech-emotion-recognition", "speechbrain"} <= set(
        found["tags"]
    )
    assert set(found["metrics"]) <= METRICS
    (index,) = found["model-index"]
    assert set(index) == {"name", "results"} and index["name"] == "toy-cnn"
    for result in index["results"]:
        assert set(result) == {"task", "dataset", "metrics"}
        check_entry("task", result["task"])
        check_entry("dataset", result["dataset"])
        for metric in result["metrics"]:
            check_entry("metrics", metric)
            assert metric["type"] in METRICS and 0 <= metric["value"] <= 1


def test_the_library_reads_the_card_back_as_it_was_meant(publication):
    from huggingface_hub import ModelCard

    data = ModelCard(card.write(publication)).data
    wanted = card.make_metadata(publication)
    assert data.eval_results == wanted.eval_results
    assert {**data.to_dict(), "model-index": 0} == {**wanted.to_dict(), "model-index": 0}


def test_the_licences_that_can_be_chosen_are_the_hubs():
    assert set(licences.KNOWN) <= set(LICENCES)


def test_scores_stand_under_the_name_and_hash_of_their_protocol(publication):
    (result,) = metadata(card.write(publication))["model-index"][0]["results"]
    scores = publication.scores
    for word in (scores["protocol"], scores["definition_hash"], "fold 1"):
        assert word in result["dataset"]["name"]
    values = {metric["name"].split(",")[0]: metric["value"] for metric in result["metrics"]}
    assert values["UAR"] == round(scores["test"]["uar"], 4)
    assert values["WA"] == round(scores["test"]["wa"], 4)


def test_a_person_finds_all_that_they_should_know(publication):
    text = card.write(publication)
    scores = publication.scores
    for heading in (
        "How to load it", "In SpeechBrain", "How good it is", "By emotion", "By sex",
        "Calibration", "How it was tested", "What it was trained on",
        "What it is for, and what not", "How to cite it",
    ):  # fmt: skip
        assert f"# {heading}\n" in text
    for words in (
        f"| **test** | **{100 * scores['test']['uar']:.1f} %** |",
        "| chance | 33.3 % |",
        f"temperature of {scores['temperature']:g}",
        f"| angry | {scores['test']['per_class']['angry']['support']} |",
        f"| female | {scores['test_by_sex']['female']['n']} |",
        "in no other part",
        "Audit: **passed**",
        "CC0-1.0",
        'from_pretrained("me/toy-cnn")',
        "must not be used for decisions about people",
        "savedir",
        "confusion_matrix.png",
    ):
        assert words in text, words


def test_markdown_links_only_what_is_published(publication):
    shown = re.findall(r"!\[.*?\]\((.*?)\)", card.write(publication))
    assert set(shown) == set(publication.pictures)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scores": {"protocol": "leaky-random"}}, "LEAKY"),
        ({"audit": {"verdict": "leaky", "checks": []}}, "LEAKY"),
        ({"audit": {"verdict": "failed", "checks": []}}, "**failed**"),
        ({"audit": {}}, "**not made**"),
        ({"audit": {"verdict": "may leak", "checks": []}}, "**may leak**"),
        ({"conflicts": ["toy is for research"]}, "toy is for research"),
    ],
)
def test_what_is_wrong_stands_at_the_top(publication, change, words):
    if "scores" in change:
        change = {"scores": {**publication.scores, **change["scores"]}}
    text = card.write(dataclasses.replace(publication, **change))
    top = text[text.index("\n# ") : text.index("## How to load")]
    assert any(line.startswith("> **⚠️") and words in line for line in top.splitlines())


def test_leaky_stands_before_every_test_score(publication):
    scores = {**publication.scores, "protocol": "leaky-random"}
    text = card.write(dataclasses.replace(publication, scores=scores))
    assert "| **LEAKY test** |" in text
    found = metadata(text)
    assert found["model-index"][0]["results"][0]["dataset"]["name"].startswith("LEAKY ")
    assert "leaky-evaluation" in found["tags"]


def test_what_it_was_fine_tuned_from_and_who_else_is_needed_are_named(publication):
    hparams = {**publication.hparams, "features": "ssl"}
    hparams["features_options"] = {"source": "someone/wav2vec2"}
    plugins = {"models": {"borrowed": "ser-more 2.1"}}
    config = {**publication.config, "plugins": plugins}
    text = card.write(dataclasses.replace(publication, hparams=hparams, config=config))
    assert metadata(text)["base_model"] == ["someone/wav2vec2"]
    assert "It also needs ser-more 2.1" in text
    hparams["features_options"] = {"source": "/home/me/wav2vec2"}
    assert "/home/me" not in card.write(dataclasses.replace(publication, hparams=hparams))


def test_speakers_are_counted_and_not_named():
    def rows(*speakers):
        return [{"speaker": who} for who in speakers]

    parts = {"train": rows("Anna", "Anna", "Bert"), "valid": rows("", "Cleo"), "test": rows("Bert")}
    found = publications.count(parts)
    assert found == {"train": Part(3, 2, 1), "valid": Part(2, 1, 0), "test": Part(1, 1, 1)}


def test_a_speaker_that_is_in_two_parts_is_said(publication):
    parts = {**publication.parts, "test": Part(20, 2, 1)}
    text = card.write(dataclasses.replace(publication, parts=parts))
    assert "2, **1 of them in another part too**" in text
    assert "people whom it has heard before" in text
    assert "people whom it has never heard" in card.write(publication)


@pytest.mark.parametrize(
    ("text", "is_private"),
    [
        ("holds 3 of 4: /data/corpora/toy", True),
        ('"folder": "~/corpora"', True),
        ("at C:\\\\Users", True),
        ("https://huggingface.co/me/model", False),
        ("UAR and/or WA, 3/4, me/model, `a`/`b`", False),
        ("</a></b> [x](confusion_matrix.png)", False),
    ],
)
def test_a_path_of_this_machine_is_not_published(text, is_private):
    if is_private:
        with pytest.raises(InputError, match="path of this machine"):
            check_public("README.md", text)
    else:
        check_public("README.md", text)


def test_scores_are_a_selection_and_not_whatever_a_run_wrote(finished, publication):
    written = json.loads((finished / "scores.json").read_text())
    assert set(publication.scores) == set(written) & set(publications.PUBLIC)


def test_what_was_fitted_without_epochs_is_not_said_to_have_any(publication):
    for epochs, words in ((1, "1 epoch"), (2, "2 epochs")):
        scores = {**publication.scores, "epochs": epochs}
        text = card.write(dataclasses.replace(publication, scores=scores))
        assert f"\n{words}, of which" in text
    hparams = {**publication.hparams, "fit": "svm"}
    text = card.write(dataclasses.replace(publication, hparams=hparams))
    assert "candidates of a setting, of which" in text and "epoch, of which" not in text


FOLDS = {
    "people": (
        Fold({"speaker": ["a", "b"]}, {"speaker": ["c"]}),
        "It has 2 folds; in fold 1 the test part is the recordings of 2 speakers, validation is "
        "the recordings of 1 speaker, and training is all others, but for those of speakers and "
        "recorded sessions that are tested.",
    ),
    "words": (
        Fold({"speaker": ["a"]}, {"speaker": ["b"], "text": ["x", "y"]}, {}),
        "validation is the recordings of 1 speaker and 2 sentences or words, and training is all "
        "others.",
    ),
    "chance": (
        Fold({"percent": ["0", "1"]}, {"percent": ["2"]}, {}),
        "the test part is 2 % of the recordings, drawn by chance, validation is 1 % of",
    ),
    "split": (
        Fold({"split": ["test"]}, {"split": ["dev"]}, {"split": ["train"]}),
        "that the corpus itself puts into test, validation is the recordings that the corpus "
        "itself puts into dev, and training is the recordings that the corpus itself puts into "
        "train.",
    ),
    "several": (
        Fold({"speaker": ["a"]}, ({"speaker": ["b"]}, {"group": ["1"]}), {}),
        "validation is the recordings of 1 speaker, and the recordings of 1 recorded session,",
    ),
}


@pytest.mark.parametrize(("fold", "words"), FOLDS.values(), ids=FOLDS)
def test_a_protocol_is_told_in_words(publication, fold, words):
    protocol = Protocol(publication.scores["protocol"], (fold, fold), ("a", "b"), note="a note")
    corpus = dataclasses.replace(publication.corpus, protocols=(protocol,))
    text = card.write(dataclasses.replace(publication, corpus=corpus))
    assert words in text and "Of this protocol its corpus says: a note." in text


def test_a_protocol_that_was_made_from_the_rows_is_told_by_its_speakers(publication):
    scores = {**publication.scores, "protocol": "custom"}
    text = card.write(dataclasses.replace(publication, scores=scores))
    tested, validates = (publication.parts[part].speakers for part in ("test", "valid"))
    assert f"This is fold 1: {tested} speakers tested, {validates} validate." in text


def test_validation_is_said_to_calibrate_only_where_it_did(publication):
    assert "choice of the epoch, and calibration |" in card.write(publication)
    keys = ("temperature", "calibration_error")
    scores = {key: value for key, value in publication.scores.items() if key not in keys}
    text = card.write(dataclasses.replace(publication, scores=scores))
    assert "choice of the epoch |" in text and "were not calibrated" in text


def test_nobody_is_told_to_install_a_package_that_is_not_ours(publication):
    text = card.write(publication)
    assert "pip install ser_plugins" not in text and "from its source, not from PyPI" in text


def test_only_what_is_on_the_hub_is_a_dataset_in_the_metadata(publication):
    assert "datasets" not in metadata(card.write(publication))
    terms = {"toy": "CC0-1.0", "someone/speech": "CC0-1.0"}
    text = card.write(dataclasses.replace(publication, terms=terms))
    assert metadata(text)["datasets"] == ["someone/speech"] and "trained on toy and" in text
