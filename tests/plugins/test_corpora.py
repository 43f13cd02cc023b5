"""Complete corpora, by their lists of names: counts and folds are the published ones."""

import csv
import itertools
from collections import Counter

import pytest
from places import ROOT

from ser_plugins import EMOTIONS, get_dataset
from ser_plugins.core import labels, leaks, protocols, registry
from ser_plugins.core.protocols import definition_hash
from ser_plugins.core.types import Corpus

WORDS = (ROOT / "tests" / "trees" / "tess_words.list").read_text(encoding="utf-8").split()
# Actors who lack a sentence (of 1019 which one is a guess), and those who lack one clip.
SHORT = {"1008": "WSI", "1009": "MTI", "1019": "TAI"}
ONE_LESS = {"1002": "TIE_NEU", "1076": "TIE_NEU"}


def crema_d():
    for actor in map(str, range(1001, 1092)):
        for sentence in "IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI".split():
            for emotion in "ANG DIS FEA HAP NEU SAD".split():
                is_graded = sentence == "IEO" and emotion != "NEU"
                one_less = ONE_LESS.get(actor) == f"{sentence}_{emotion}"
                if SHORT.get(actor) != sentence and not one_less:
                    for level in ("LO", "MD", "HI") if is_graded else ("XX",):
                        yield f"AudioWAV/{actor}_{sentence}_{emotion}_{level}.wav"


def tess():
    codes = "angry disgust fear happy neutral ps sad".split()
    for speaker, word, code in itertools.product(("OAF", "YAF"), WORDS, codes):
        yield f"{speaker}_{code}/{speaker}_{word}_{code}.wav"


def savee():
    for man, code in itertools.product(("DC", "JE", "JK", "KL"), "a d f h n sa su".split()):
        for number in range(1, 31 if code == "n" else 16):
            yield f"ALL/{man}_{code}{number:02d}.wav"


def ravdess():
    for e, i, s, r, actor in itertools.product(range(1, 9), (1, 2), (1, 2), (1, 2), range(1, 25)):
        if (e, i) != (1, 2):
            yield f"Actor_{actor:02d}/03-01-{e:02d}-{i:02d}-{s:02d}-{r:02d}-{actor:02d}.wav"


def emodb():
    """As many clips of each speaker and each emotion as there are, not who says what."""
    speakers = {"03": 49, "08": 58, "09": 43, "10": 38, "11": 55}
    speakers |= {"12": 35, "13": 61, "14": 69, "15": 56, "16": 71}
    letters = Counter(dict(zip("WLEAFTN", (127, 81, 46, 69, 71, 62, 79), strict=True)))
    letters = [letter for letter, n in letters.items() for _ in range(n)]
    letters = [letters[i * 2 % 535] for i in range(535)]
    who = [speaker for speaker, n in speakers.items() for _ in range(n)]
    for i, (speaker, letter) in enumerate(zip(who, letters, strict=True)):
        yield f"wav/{speaker}{'ab'[i % 2]}{i // 12:02d}{letter}{'abcdef'[i // 2 % 6]}.wav"


def mix4():
    tops = {"Crema": crema_d, "Ravdess": ravdess, "Savee": savee, "Tess": tess}
    for top, names in tops.items():
        for name in names():
            yield f"{top}/{name.removeprefix('AudioWAV/').removeprefix('ALL/')}"


COMPLETE = {f.__name__: f for f in (crema_d, tess, savee, ravdess, emodb, mix4)}


@pytest.fixture(scope="module")
def rows_of(tmp_path_factory):
    """Rows of a complete corpus, its files empty: names are enough for its folds."""
    known = {}

    def rows(name):
        if name not in known:
            root = tmp_path_factory.mktemp(name)
            for path in COMPLETE[name]():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).touch()
            known[name] = [
                {"id": u.id, "label": u.label, "speaker": u.speaker, "sex": u.sex}
                | {"group": u.group, "text": u.text, "path": u.path.as_posix(), **u.extra}
                for u in get_dataset(name).read(root)
            ]
        return known[name]

    return rows


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_corpus_is_read_whole(name, rows_of):
    rows, corpus = rows_of(name), get_dataset(name)
    assert len(rows) == len({row["id"] for row in rows}) == corpus.size
    assert {row["speaker"]: row["sex"] for row in rows} == dict(corpus.sexes)
    assert {row["label"] for row in rows} == set(corpus.labels) <= set(EMOTIONS)


LABELS = {
    "crema_d": {"neutral": 1087} | dict.fromkeys(("angry", "disgusted", "fearful"), 1271)
    | dict.fromkeys(("happy", "sad"), 1271),
    "tess": dict.fromkeys("angry disgusted fearful happy neutral sad surprised".split(), 400),
    "savee": dict.fromkeys("angry disgusted fearful happy sad surprised".split(), 60)
    | {"neutral": 120},
    "emodb": {"angry": 127, "bored": 81, "disgusted": 46, "fearful": 69, "happy": 71}
    | {"sad": 62, "neutral": 79},
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_counted_as_the_corpus_has_them(name, rows_of):
    assert Counter(row["label"] for row in rows_of(name)) == LABELS[name]


def cases():
    for name in COMPLETE:
        for protocol in get_dataset(name).protocols:
            for number in range(1, len(protocol.folds) + 1):
                yield pytest.param(name, protocol, number, id=f"{protocol.name}-{number}")


@pytest.mark.parametrize(("name", "protocol", "number"), list(cases()))
def test_every_fold_of_every_protocol_has_its_sizes_and_leaks_nothing_undeclared(
    name, protocol, number, rows_of
):
    rows, _ = labels.select(rows_of(name), protocol.labels, protocol.merge)
    parts, _ = protocols.split(rows, protocol, number)
    assert not [f for f in leaks.find(parts, protocol) if f.must_not_be]
    if protocol.sizes:
        assert protocols.sizes(parts) == protocol.sizes[number - 1]


def people(parts):
    return {part: protocols.speakers(rows) for part, rows in parts.items()}


def fold_of(rows_of, name, protocol, number):
    found = next(p for p in get_dataset(name).protocols if p.name == protocol)
    return protocols.split(rows_of(name), found, number)[0]


# Who is tested and who validates, fold by fold, as the protocols are published.
FOLDS = {
    "ravdess-luna5": "2 5 14 15 16|3 6, 3 6 7 13 18|10 11, 10 11 12 19 20|8 17, "
    "8 17 21 23 24|1 14, 1 4 9 22|2 5",
    "ravdess-emobox6": "1 11 20 21|4 10, 4 10 12 14|9 8, 8 9 19 23|3 24, 3 5 7 24|15 2, "
    "2 15 16 18|13 6, 6 13 17 22|1 20",
    "savee-loso4": "JE|KL, KL|DC, DC|JK, JK|JE",
    "emodb-loso10": "03|08, 08|10, 09|10, 10|13, 11|13, 12|13, 13|15, 14|15, 15|16, 16|03",
    "emodb-5": "03 08|10 16, 10 16|12 14, 12 14|15 09, 15 09|11 13, 11 13|03 08",
}


@pytest.mark.parametrize("name", FOLDS)
def test_folds_are_those_that_were_published(name):
    found = next(p for n in COMPLETE for p in get_dataset(n).protocols if p.name == name)
    folds = [[side.split() for side in fold.split("|")] for fold in FOLDS[name].split(", ")]
    assert len(folds) == len(found.folds)
    for (test, valid), fold in zip(folds, found.folds, strict=True):
        assert {who.lstrip("0") for who in test} == {w.lstrip("0") for w in fold.test["speaker"]}
        assert {who.lstrip("0") for who in valid} == {w.lstrip("0") for w in fold.valid["speaker"]}


def test_cremad_tests_and_validates_blocks_of_actors(rows_of):
    blocks = [(1001, 1018), (1019, 1036), (1037, 1054), (1055, 1072), (1073, 1091)]
    blocks = [{str(actor) for actor in range(first, last + 1)} for first, last in blocks]
    for number in range(1, 6):
        found = people(fold_of(rows_of, "crema_d", "cremad-5", number))
        assert found["test"] == blocks[number - 1] and found["valid"] == blocks[number % 5]


def test_text2_is_luna5_with_one_statement_to_train_on_and_the_other_to_test():
    luna, text2 = (
        next(p for p in get_dataset("ravdess").protocols if p.name == name)
        for name in ("ravdess-luna5", "ravdess-text2")
    )
    for i, fold in enumerate(text2.folds):
        assert fold.test["speaker"] == luna.folds[i % 5].test["speaker"]
        assert fold.valid["speaker"] == luna.folds[i % 5].valid["speaker"]
        assert (fold.train["text"], fold.test["text"]) == ((["01"], ["02"]), (["02"], ["01"]))[
            i // 5
        ]


# What every score file of these protocols carries: a change makes old and new scores
# incomparable, and must be meant.
HASHES = {
    "cremad-5": "3eb31ad5d703",
    "leaky-cremad-emobox1": "a31afd9c0f44",
    "emodb-loso10": "68d6d2f5f2cc",
    "emodb-5": "d5bc97259f3c",
    "iemocap-4class-5": "7eb5699ec4f2",
    "mix4-5": "d40f2c5f622f",
    "leaky-mix4-random": "5f6b6f410254",
    "ravdess-luna5": "26840f8ef8b1",
    "ravdess-emobox6": "b6e692fec04f",
    "ravdess-text2": "804c2e413c91",
    "leaky-ravdess-random": "5f6b6f410254",
    "savee-loso4": "0557eac9792b",
    "synthetic-5": "833c688dfc34",
    "tess-holdout2": "906889b36bcd",
    "leaky-tess-random": "1112c0e0452d",
}


def test_no_definition_changes_unmeant():
    found = {
        protocol.name: definition_hash(protocol)
        for name in registry.default().names("datasets")
        for protocol in get_dataset(name).protocols
    }
    assert found == HASHES


def test_tess_validates_on_words_that_it_does_not_train_on(rows_of):
    for number, (trained, tested) in enumerate((("OAF", "YAF"), ("YAF", "OAF")), 1):
        parts = fold_of(rows_of, "tess", "tess-holdout2", number)
        assert people(parts) == {"train": {trained}, "valid": {trained}, "test": {tested}}
        words = {part: {row["text"] for row in rows} for part, rows in parts.items()}
        assert len(words["valid"]) == 40 and not words["valid"] & words["train"]
        assert len(words["train"]) == 160 and len(words["test"]) == 200


def test_mix4_is_the_union_of_the_corpora_s_own_folds(rows_of):
    men = ["DC", "JE", "JK", "KL", None]
    for k, man in enumerate(men):
        parts = fold_of(rows_of, "mix4", "mix4-5", k + 1)
        tested = people(parts)["test"]
        for name in ("ravdess", "crema_d"):
            own = people(protocols.split(rows_of(name), get_dataset(name).protocols[0], k + 1)[0])
            for part in ("train", "valid", "test"):
                mixed = {who for who in people(parts)[part] if who.startswith(name)}
                assert mixed == {f"{name}-{who}" for who in own[part]}
        assert {w for w in tested if w.startswith("savee")} == ({f"savee-{man}"} if man else set())
        woman, other = (("OAF", "YAF"), ("YAF", "OAF"))[k % 2]
        sides = {part: {w for w in who if w[:4] == "tess"} for part, who in people(parts).items()}
        trained = {f"tess-{other}"}
        assert sides == {"test": {f"tess-{woman}"}, "valid": trained, "train": trained}
        following = {"DC": "JE", "JE": "JK", "JK": "KL", "KL": "DC", None: "DC"}[man]
        valid = people(parts)["valid"]
        assert {w for w in valid if w[:5] == "savee"} == {f"savee-{following}"}


def test_every_sized_protocol_names_everybody_it_knows():
    for name in registry.default().names("datasets"):
        corpus = get_dataset(name)
        assert isinstance(corpus, Corpus)
        for protocol in corpus.protocols:
            for sizes in protocol.sizes:
                if None not in sizes and "text" not in str(protocol.folds[0].test):
                    assert sum(sizes) == corpus.size


def test_demographics_are_kept_where_the_table_lies_beside(tmp_path):
    (tmp_path / "AudioWAV").mkdir()
    (tmp_path / "AudioWAV" / "1001_DFA_ANG_XX.wav").touch()
    with (tmp_path / "VideoDemographics.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ActorID", "Age", "Sex", "Race", "Ethnicity"])
        table.writerow(["1001", "51", "Male", "Caucasian", "Not Hispanic"])
    (one,) = get_dataset("crema_d").read(tmp_path)
    assert one.extra["age"] == "51" and one.extra["race"] == "Caucasian"


def test_savee_has_the_same_ids_in_both_layouts(tmp_path):
    for path in savee():
        man, name = path.removeprefix("ALL/").split("_")
        (tmp_path / "AudioData" / man).mkdir(parents=True, exist_ok=True)
        (tmp_path / "AudioData" / man / name).touch()
    found = {u.id for u in get_dataset("savee").read(tmp_path)}
    assert found == {path.removeprefix("ALL/").removesuffix(".wav") for path in savee()}
