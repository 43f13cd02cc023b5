"""Complete corpora, by their lists of names: counts and folds are the published ones."""

import csv
import itertools
from collections import Counter

import pytest
from places import ROOT

from ser_plugins import EMOTIONS, get_dataset
from ser_plugins.core import labels, leaks, protocols, registry
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


def test_emodb_leave_one_out_validates_on_the_next_of_the_other_sex(rows_of):
    valid = [
        people(fold_of(rows_of, "emodb", "emodb-loso10", number))["valid"]
        for number in range(1, 11)
    ]
    assert valid == [{v} for v in "08 10 10 13 13 13 15 15 16 03".split()]


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
        assert f"tess-{('OAF', 'YAF')[k % 2]}" in tested and "calm" in {
            row["label"] for row in parts["test"]
        }


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
