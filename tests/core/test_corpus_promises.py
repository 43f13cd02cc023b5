"""A corpus that misreads its files is caught by the promise that names what it does wrong."""

import dataclasses
import itertools
import os
from functools import partial
from pathlib import Path

import pytest
import soundfile
import toy
from places import RAVDESS, ROOT
from trials import broken, broken_by

from ser_plugins import Corpus, Fold, Protocol, Utterance, find_audio
from ser_plugins.core import promises, registry
from ser_plugins.core.errors import InputError

FILES = [f"{w}/{e}_{t}.wav" for w, e, t in itertools.product("abc", ("sad", "angry"), "12")]


def utterance(path, /, **changes):
    """Return a recording of the layout above."""
    label, take = path.stem.split("_")
    facts = {"id": f"{path.parent.name}_{path.stem}", "label": label, "text": take}
    return Utterance(**{"path": path, "speaker": path.parent.name, **facts, **changes})


def honest(root):
    key = lambda path: path.parts[-2:]  # noqa: E731
    return (utterance(path) for path in find_audio(root, key=key))


def by_walking(root, order=sorted, **changes):
    """Read as one would who knows of no second copies."""
    for path in order(p for p in root.rglob("[!.]*.wav")):
        yield utterance(path.relative_to(root), **changes)


def named_by_path(root):
    for u in by_walking(root):
        yield utterance(u.path, id=u.path.as_posix())


def with_what_nests_alone_left_out(root):
    for path in find_audio(root):
        if path.parent.name in "abc":
            yield utterance(path, id=path.as_posix())


def named_by_place(root):
    for path in find_audio(root, key=lambda path: path.parts[-2:]):
        yield utterance(path, id=str(root / path))


def named_by_number(root):
    for number, path in enumerate(p for p in root.glob("[a-c]/*.wav")):
        yield utterance(path.relative_to(root), id=str(number))


def in_any_order(root):
    known = {path.name: path for path in root.glob("[a-c]/*.wav")}
    for path in known.values():
        yield utterance(path.relative_to(root))


def shouting(root):
    for u in honest(root):
        yield utterance(u.path, label=u.label.upper())


def anywhere(root):
    for u in honest(root):
        yield utterance(u.path, path=root / u.path)


def nowhere(root):
    for u in honest(root):
        yield utterance(u.path, path=u.path.with_suffix(".flac"))


def outside(root):
    for u in honest(root):
        yield utterance(u.path, path=Path("..", root.name, u.path))


def with_stray_files(root):
    for path in sorted(root.rglob("*.wav")):
        if path.parent.name in "abc":
            yield utterance(path.relative_to(root))
        elif path.name.startswith("._"):
            yield Utterance(path.name, path.relative_to(root), "sad", "a")


def opening(root):
    for u in honest(root):
        yield utterance(u.path, stop=soundfile.info(root / u.path).duration)


def twins(root):
    for u in honest(root):
        yield utterance(u.path, id=u.path.stem)


def corpus(read=honest, labels=("sad", "angry"), size=12, protocols=(), **facts):
    given = {"speakers": 3, "url": "https://x.org", "licence": "CC0", "example": tuple(FILES)}
    return Corpus(read, labels, size=size, protocols=protocols, **{**given, **facts})


def protocol(train=None, valid=None, test=None, name="p", **facts):
    """Return a protocol that names one speaker as tested; by default another validates."""
    fold = Fold(test or {"speaker": ["a"]}, valid or {"speaker": ["b"]}, train)
    given = {"labels": ("sad", "angry"), "shares": ("text:test", "text:valid"), **facts}
    return Protocol(name, (fold,), **given)


@pytest.fixture
def report(monkeypatch):
    """Report on a corpus; return the outcomes by promise."""

    def run(corpus, **where):
        found = registry.default().found["datasets"]
        monkeypatch.setitem(found, "a test", {"files": corpus})
        return {one.promise: one for one in promises.report("datasets", "files", **where)}

    return run


def states(outcomes, state):
    return {name for name, one in outcomes.items() if one.state == state}


def test_an_honest_corpus_breaks_nothing_and_is_tried_on_all_but_its_sound(report):
    sizes = ((4, 4, 4),)
    found = report(corpus(protocols=(protocol(sizes=sizes),)))
    assert not states(found, promises.BROKEN)
    assert states(found, promises.UNTRIED) == {
        "what_is_embedded_is_complete",
        "files_are_read_as_the_tree_says",
        "recordings_can_be_opened",
    }
    assert all(found[name].hint for name in states(found, promises.UNTRIED))


# Every other row is trained on, so that the tested speaker is too: no name in the fold tells.
ON_BOTH_SIDES = protocol(train={}, valid={"text": ["1"]})
IN_NO_PART = protocol(train={"speaker": ["d"]})


def of(*protocols, **facts):
    """Return a corpus with one protocol, or with those that are given."""
    return corpus(protocols=protocols or (protocol(**facts),))


def sexes_of(speakers):
    return dict.fromkeys(speakers, "male")


BY_TWO = protocol(test={"speaker": ["a"], "text": ["1"]}, train={"speaker": ["a"], "text": ["2"]})


@pytest.mark.parametrize(
    ("mutant", "promise", "words"),
    [
        (corpus(labels=("sad", "sad")), "facts_are_sane", "sad stands twice"),
        (corpus(labels=("sad",)), "facts_are_sane", "expected two or more"),
        (corpus(size=2), "facts_are_sane", "2 recordings of 3 speakers"),
        (corpus(size=0, speakers=None), "facts_are_sane", "size is 0; expected 1 or more"),
        (corpus(size=-3), "facts_are_sane", "size is -3"),
        (corpus(size=None, speakers=0), "facts_are_sane", "speakers is 0"),
        (corpus(url=""), "facts_are_sane", "url is ''"),
        (corpus(licence=""), "facts_are_sane", "licence is empty"),
        (corpus(sexes=sexes_of("a")), "facts_are_sane", "names 1 of 3 speakers"),
        (corpus(embedded=True), "facts_are_sane", "obtain is None"),
        (corpus(lambda root: [utterance(Path("a/sad_1.wav"))]), "an_empty_folder_yields_nothing",
         "an empty folder gave a_sad_1"),
        (of(valid={"speaker": ["a"]}), "protocols_are_sound", "['a'] in test and valid"),
        (of(train={"speaker": ["a", "c"]}), "protocols_are_sound", "['a'] in test and train"),
        (of(train={"speaker": ["b", "c"]}), "protocols_are_sound", "['b'] in valid and train"),
        (of(BY_TWO), "protocols_are_sound", "['a'] in test and train"),
        (of(shares=("speakers:valid",)), "protocols_are_sound", "shares ['speakers:valid']"),
        (of(shares=("speaker:test",)), "protocols_are_sound", "go together"),
        (of(name="leaky-p"), "protocols_are_sound", "go together"),
        (of(sizes=((1, 1, 2), (1, 1, 2))), "protocols_are_sound", "1 folds and sizes of 2"),
        (of(labels=("sad", "bored")), "protocols_are_sound", "has labels ['bored']"),
        (of(labels=("sad", "sad")), "protocols_are_sound", "expected two or more different"),
        (of(protocol(), protocol()), "protocols_are_sound", "p stands twice"),
        (of(name="ravdess-luna5"), "protocols_are_sound", "another protocol, of ravdess;"),
        (of(Protocol("p", (), ("sad", "angry"))), "protocols_are_sound", "p has no fold"),
        *[(corpus(sexes=sexes_of(known), protocols=(protocol(train={"speaker": ["c"]}),)),
           "protocols_are_sound", f"names speakers ['{missing}']")
          for known, missing in (("bcd", "a"), ("acd", "b"), ("abd", "c"))],
        (corpus(embedded=True, obtain=lambda root: None, url=""),
         "what_is_embedded_is_complete", "holds no"),
    ],
)  # fmt: skip
def test_a_mutant_is_caught_by_what_it_says_of_itself(mutant, promise, words):
    assert words in broken_by("datasets", lambda: mutant)[promise]


def test_shared_speakers_that_are_declared_break_nothing():
    leaky = protocol(name="leaky-p", test={"speaker": ["a"], "text": ["1"]},
                     valid={"speaker": ["a"], "text": ["2"]}, train={"speaker": ["a"]},
                     shares=("speaker:test", "speaker:valid"))  # fmt: skip
    assert not broken_by("datasets", lambda: of(leaky))


def test_a_protocol_may_be_taken_over_as_it_is():
    ravdess = registry.default().get("datasets", "ravdess")
    mine = dataclasses.replace(ravdess, protocols=ravdess.protocols[:1])
    assert not broken_by("datasets", lambda: mine)


def read_by_keyword(root):
    """Read as one may who names every argument, as `os` allows."""
    for folder in sorted(os.listdir(path=root)):  # noqa: PTH208
        if folder in "abc":
            with os.scandir(path=root / folder) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.name[0] != ".":
                        yield utterance(Path(folder, entry.name))


def test_folders_may_be_listed_in_any_honest_way(report):
    found = report(corpus(read_by_keyword))
    assert not states(found, promises.BROKEN)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (corpus(named_by_path), "a_nested_copy_counts_nothing_twice"),
        (corpus(with_what_nests_alone_left_out), "a_nested_copy_counts_nothing_twice"),
        (corpus(by_walking), "a_nested_copy_counts_nothing_twice"),
        (corpus(named_by_place), "reading_again_gives_the_same"),
        (corpus(named_by_number), "reading_again_gives_the_same"),
        (corpus(in_any_order), "reading_again_gives_the_same"),
        (corpus(partial(by_walking, order=list)), "reading_again_gives_the_same"),
        (corpus(shouting), "labels_are_declared"),
        (corpus(partial(by_walking, label="Anger"), labels=None), "labels_are_declared"),
        (corpus(twins), "ids_are_unique"),
        (corpus(partial(by_walking, id="")), "ids_are_unique"),
        (corpus(anywhere), "paths_lie_in_the_folder"),
        (corpus(nowhere), "paths_lie_in_the_folder"),
        (corpus(outside), "paths_lie_in_the_folder"),
        (corpus(with_stray_files), "stray_files_change_nothing"),
        (corpus(opening), "files_are_read_by_name"),
        (corpus(lambda root: ()), "files_are_read_by_name"),
        (corpus(size=11), "no_more_than_published"),
        (corpus(sexes={"a": "male", "b": "male", "d": "male"}), "no_more_than_published"),
        (corpus(protocols=(protocol(sizes=((4, 5, 3),)),)), "folds_have_the_sizes_they_say"),
        (corpus(protocols=(IN_NO_PART,)), "folds_have_the_sizes_they_say"),
        (corpus(protocols=(protocol(shares=("text:valid",)),)), "folds_share_nothing_undeclared"),
        (corpus(protocols=(ON_BOTH_SIDES,)), "folds_share_nothing_undeclared"),
    ],
)
def test_a_mutant_is_caught_on_files(mutant, promise, report):
    assert promise in states(report(mutant), promises.BROKEN)


def snapshot(root):
    return {
        path.relative_to(root): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in (root, *root.rglob("*"))
    }


def test_a_real_copy_is_tried_and_left_as_it_is(toy_folder):
    registry.use_plugins(str(ROOT / "tests" / "toy.py"))
    before = snapshot(toy_folder)
    found = {one.promise: one for one in promises.report("datasets", "toy", folder=toy_folder)}
    assert snapshot(toy_folder) == before
    assert states(found, promises.UNTRIED) == {
        "what_is_embedded_is_complete",
        "files_are_read_as_the_tree_says",
    }
    assert not states(found, promises.BROKEN)


def test_a_damaged_recording_is_found(tmp_path, report):
    copy = toy.write(tmp_path / "copy")
    (copy / "s0" / "0_sad_0.wav").write_bytes(b"no sound")
    registry.use_plugins(str(ROOT / "tests" / "toy.py"))
    ((promise, hint),) = broken("datasets", "toy", folder=copy).items()
    assert promise == "recordings_can_be_opened" and "0_sad_0.wav" in hint


def test_what_is_needed_is_said(report, tmp_path):
    found = report(corpus(example=()))
    assert "--data_folder, --tree, or an `example`" in found["ids_are_unique"].hint
    found = report(corpus(size=13, protocols=(protocol(),)))
    hint = "needs a complete copy (--data_folder): 12 of 13 recordings are here"
    assert found["folds_have_the_sizes_they_say"].hint == hint
    with pytest.raises(InputError, match="is not a folder"):
        report(corpus(), folder=tmp_path / "missing")


TREE = "# names\na/sad_1.wav\tsad a  1\n0 copy/a/sad_1.wav\t-\n\nnotes.txt\t-\ttext: x\\ty\n"


def test_a_golden_tree_is_what_a_corpus_is_held_to(report, tmp_path):
    tree = tmp_path / "files.txt"
    tree.write_text(TREE, encoding="utf-8")
    found = report(corpus(protocols=(protocol(),)), tree=tree)
    assert not states(found, promises.BROKEN)
    for right, wrong in (
        ("sad a", "sad b"),
        ("\tsad a  1", "\t-"),
        ("copy/a/sad_1.wav\t-", "copy/a/sad_1.wav\tsad a  1"),
    ):
        tree.write_text(TREE.replace(right, wrong), encoding="utf-8")
        outcome = report(corpus(), tree=tree)["files_are_read_as_the_tree_says"]
        assert outcome.state == promises.BROKEN and "sad_1.wav is read as" in outcome.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.wav\n", "line 1: 1 fields; expected a path"),
        ("../a.wav\t-\n", "'../a.wav' is no path under the root"),
        ("/a.wav\t-\n", "'/a.wav' is no path under the root"),
    ],
)
def test_a_bad_tree_is_refused(text, words, report, tmp_path):
    (tmp_path / "bad.txt").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        report(corpus(), tree=tmp_path / "bad.txt")


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_keeps_every_promise_of_a_copy():
    assert not broken("datasets", "ravdess", folder=RAVDESS)
