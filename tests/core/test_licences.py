"""A model's licence must not allow what the corpus forbids."""

from dataclasses import replace

import pytest

from ser_plugins import get_dataset
from ser_plugins.core.errors import InputError
from ser_plugins.core.hub.licences import choose, find_conflicts, identify, to_metadata
from ser_plugins.core.hub.publication import terms_of

NC_SA, RESEARCH = "CC BY-NC-SA 4.0", "research only, on request, never redistributed"


@pytest.mark.parametrize(
    ("terms", "chosen", "reason"),
    [
        (NC_SA, "apache-2.0", "same licence, cc-by-nc-sa-4.0"),
        (NC_SA, "cc-by-nc-4.0", "same licence"),
        (NC_SA, "cc-by-nc-sa-4.0", ""),
        ("CC BY-NC 4.0", "mit", "not for commercial use"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0", ""),
        ("CC BY-NC 4.0", "https://example.org/terms", "not for commercial use"),
        ("CC BY-NC-ND 4.0", "cc-by-nc-nd-4.0", "ask its owners"),
        (RESEARCH, "mit", "not for commercial use"),
        (RESEARCH, "cc-by-nc-4.0", ""),
        ("ODbL-1.0", "apache-2.0", ""),
        ("CC0-1.0", "mit", ""),
        ("CC BY 4.0", "mit", ""),
        ("your own", "mit", ""),
        ("terms of a company", "mit", "read it"),
    ],
)
def test_what_speaks_against_a_licence_is_said(terms, chosen, reason):
    found = find_conflicts(chosen, {"corpus": terms})
    assert bool(found) == bool(reason)
    assert not reason or (reason in found[0] and found[0].startswith("corpus is licensed"))


def test_of_a_mix_the_terms_of_every_corpus_count():
    mixed = {"a": NC_SA, "b": "ODbL-1.0", "c": RESEARCH}
    assert not find_conflicts("cc-by-nc-sa-4.0", mixed)
    assert [text[0] for text in find_conflicts("mit", mixed)] == ["a", "c"]


def test_without_a_choice_it_is_the_licence_of_the_corpora_if_they_have_one():
    assert choose(None, {"a": NC_SA, "b": "cc by-nc-sa 4.0"}) == "cc-by-nc-sa-4.0"
    assert choose("MIT", {"a": NC_SA}) == "mit"
    for terms in ({"a": NC_SA, "b": "CC0-1.0"}, {"a": "your own"}, {"a": RESEARCH}):
        with pytest.raises(InputError, match="--licence"):
            choose(None, terms)


def test_a_licence_that_the_hub_does_not_know_needs_an_address():
    with pytest.raises(InputError, match=r"none of the Hub's.*https://"):
        choose("apache", {"a": "CC0-1.0"})
    address = "https://example.org/Our Terms-1.0/"
    assert choose(address, {"a": "CC0-1.0"}) == address
    named = {"license": "other", "license_name": "our-terms-1.0", "license_link": address}
    assert to_metadata(address) == named


@pytest.mark.parametrize("name", ["ravdess", "crema_d", "tess", "emodb"])
def test_the_published_corpora_have_licences_that_are_understood(name):
    assert identify(get_dataset(name).licence)


def test_the_terms_of_a_mix_are_those_of_its_corpora_whatever_their_words_and_size():
    mix = get_dataset("mix", corpora={"ravdess": "r", "folders": "f"})
    parts = {name: get_dataset(name).licence for name in ("ravdess", "folders")}
    assert get_dataset("folders").size is None
    assert terms_of("mix", mix) == parts
    odd = replace(mix, licences={**parts, "folders": "on request; ask: the owner"})
    assert terms_of("mix", odd)["folders"] == "on request; ask: the owner"
    assert terms_of("ravdess", get_dataset("ravdess")) == {"ravdess": parts["ravdess"]}
