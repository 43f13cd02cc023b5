"""One's own recordings, by a table or by folders, need no code and no order of columns."""

import numpy as np
import pytest
import soundfile

from recipes import train
from ser_plugins import get_dataset
from ser_plugins.core import protocols
from ser_plugins.core.errors import CorpusError, InputError
from ser_plugins.core.survey import read_corpus, survey


@pytest.fixture
def root(tmp_path):
    for name in ("a", "b", "sub/c", "long"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        tone = np.sin(np.arange(32000 if name == "long" else 8000) * 0.1) * 0.1
        soundfile.write(tmp_path / f"{name}.wav", tone, 16000)
    return tmp_path


def read(root, text, **options):
    (root / "mine.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_corpus("table", get_dataset("table", **options), root)[0]


def test_two_columns_are_enough(root):
    rows = read(root, "path,label\na.wav,sad\nsub/c.wav,Happiness\n")
    assert [(row["id"], row["label"]) for row in rows] == [("a", "sad"), ("sub/c", "happy")]


def test_other_facts_are_read_and_unknown_columns_are_kept(root):
    text = "label,take,speaker,sex,path\nsad,3,anna,F,a.wav\nanger,4,ben,male,b.wav\n"
    anna, ben = read(root, text)
    assert (anna["speaker"], anna["sex"], anna["take"]) == ("anna", "female", "3")
    assert (ben["speaker"], ben["sex"], ben["label"]) == ("ben", "male", "angry")


@pytest.mark.parametrize(
    "text",
    [
        "path;label\na.wav;sad\n",
        "path\tlabel\na.wav\tsad\n",
        b"\xef\xbb\xbfpath,label\r\na.wav,sad",
    ],
)
def test_the_tables_that_programs_write_are_read(root, text):
    assert read(root, text)[0]["label"] == "sad"


def test_names_of_columns_and_the_file_can_be_given(root):
    (root / "other.tsv").write_text("file\temotion\na.wav\tsad\n")
    (root / "mine.csv").write_text("x\n1\n")
    options = {"file": "other.tsv", "path": "file", "label": "emotion"}
    assert read_corpus("table", get_dataset("table", **options), root)[0][0]["label"] == "sad"
    with pytest.raises(CorpusError, match="mine.csv, other.tsv.*dataset_options.file"):
        read_corpus("table", get_dataset("table"), root)


def test_a_named_column_that_is_not_there_is_refused_not_ignored(root):
    """Or a misspelt `speaker` would make an honest split a leaking one."""
    with pytest.raises(CorpusError, match="no column 'speakr', but path, label, speaker"):
        read(root, "path,label,speaker\na.wav,sad,anna\n", speaker="speakr")


def test_ids_are_paths_without_their_ending(root):
    (root / "v1.0").mkdir()
    for name in ("r1.wav", "r2.x.wav"):
        (root / "v1.0" / name).write_bytes((root / "a.wav").read_bytes())
    rows = read(root, "path,label\nv1.0/r1.wav,sad\nv1.0/r2.x.wav,sad\n")
    assert [row["id"] for row in rows] == ["v1.0/r1", "v1.0/r2.x"]


def test_stretches_of_one_file_are_clips_of_their_own(root):
    text = "path,label,start,stop\nlong.wav,sad,0,0.5\nlong.wav,happy,0.5,\nlong.wav,sad,1,\n"
    rows = read(root, text)
    assert len({row["id"] for row in rows}) == 3
    assert [row["seconds"] for row in rows] == [0.5, 1.5, 1.0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,label\na.wav,sad\n", "no column 'path', but file, label"),
        ("path,label\n", "no line below its header"),
        ("path,label\na.wav,sad\n,sad\n", "no 'path' in line 3"),
        ("path,label,start\na.wav,sad,soon\n", "'soon' is not a number of seconds"),
        ("path,label\nx.wav,sad\n", "no such file"),
        ("path,label,start,stop\na.wav,sad,3,9\n", "3 to 9 s of 0.5 s"),
        ("path,label\na.wav,sad\na.wav,happy\n", "several recordings have the id a"),
        ("path,label\na.wav,sad,x,y\n", "line 2 has more cells than the header"),
        ("path,label,label\na.wav,sad,x\n", "a column twice"),
        ("", "is not a table"),
        (b"path,label\n\xff\xfe.wav,sad\n", "is not a table in UTF-8"),
    ],
)
def test_a_bad_table_is_refused_in_words(root, text, words):
    with pytest.raises(CorpusError, match=words):
        read(root, text)


def test_a_line_without_a_label_is_unlabelled_not_lost(root):
    rows = read(root, "path,label\na.wav,sad\nb.wav,\n")
    assert [row["label"] for row in rows] == ["sad", ""]


def test_folders_are_labels_and_a_pattern_finds_speakers(tmp_path):
    for emotion in ("Angry", "sad"):
        for who in ("anna", "ben"):
            (tmp_path / emotion).mkdir(exist_ok=True)
            soundfile.write(tmp_path / emotion / f"{who}_1.wav", np.ones(8000) * 0.1, 16000)
    rows, _ = survey("folders", get_dataset("folders"), tmp_path)
    assert {row["label"] for row in rows} == {"angry", "sad"} and not rows[0]["speaker"]
    corpus = get_dataset("folders", speaker="^([^_]+)_")
    rows, _ = survey("folders", corpus, tmp_path)
    assert {row["speaker"] for row in rows} == {"anna", "ben"}
    for pattern in ("(x)?an", "()"):
        with pytest.raises(CorpusError, match="finds no speaker"):
            list(get_dataset("folders", speaker=pattern).read(tmp_path))
    (tmp_path / "sad" / "nobody.wav").touch()
    with pytest.raises(CorpusError, match="finds no speaker in 1 names"):
        list(corpus.read(tmp_path))


def test_a_loose_file_hides_no_other(tmp_path):
    for path in (tmp_path / "1.wav", tmp_path / "angry" / "1.wav", tmp_path / "sad" / "1.wav"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert {u.id for u in get_dataset("folders").read(tmp_path)} == {"angry/1", "sad/1"}


def test_a_pattern_without_a_group_is_refused():
    with pytest.raises(InputError, match="needs a group"):
        get_dataset("folders", speaker="x")


def mixed(toy_folder, root):
    """The tones of the toy corpus as one's own table, with a split that shares nobody."""
    parts = {**dict.fromkeys("0123", "train"), "4": "dev", "5": "test"}
    lines = ["path,label,speaker,split"]
    for path in sorted(toy_folder.rglob("*.wav")):
        who, emotion, _ = path.stem.split("_")
        lines.append(f"{path},{emotion},{who},{parts[who]}")
    (root / "mine.csv").write_text("\n".join(lines))


def test_a_split_of_ones_own_is_the_main_protocol(toy_folder, tmp_path):
    mixed(toy_folder, tmp_path)
    corpus = get_dataset("table")
    rows, _ = survey("table", corpus, tmp_path)
    protocol = protocols.choose(corpus, rows)
    parts, _ = protocols.split(rows, protocol, 1)
    assert protocol.name == "by_column" and protocols.speakers(parts["test"]) == {"5"}


def test_a_run_on_recordings_of_unknown_people_says_that_it_may_leak(toy_folder, tmp_path, caplog):
    from places import SMALL, YAML

    for path in toy_folder.rglob("*.wav"):
        target = tmp_path / "mine" / path.stem.split("_")[1] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    places = [f"--data_folder={tmp_path / 'mine'}", "--output_folder=run"]
    train.main([str(YAML), "--dataset=folders", *places, *SMALL])
    assert "protocol by_clip" in caplog.text
    assert "72 of 72 recordings name no speaker: the score may leak" in caplog.text


def test_a_mix_refuses_a_part_without_recordings_and_one_that_is_not_whole(voices, tmp_path):
    (tmp_path / "r").mkdir()
    mixed = get_dataset("mix", corpora={"ravdess": "r", "synthetic": str(voices)})
    with pytest.raises(CorpusError, match="holds no recording that 'ravdess' knows"):
        list(mixed.read(tmp_path))
    wav = next(voices.rglob("*.wav"))
    (tmp_path / "r" / "03-01-02-01-01-01-01.wav").write_bytes(wav.read_bytes())
    own = get_dataset("mix", corpora={"ravdess": "r", "folders": str(voices)})
    with pytest.raises(CorpusError, match="1 of 1440 of ravdess. Complete it"):
        read_corpus("mix", own, tmp_path)
    rows, notes = read_corpus("mix", own, tmp_path, allow_partial=True)
    assert len(rows) == 501 and "1 of 1440 of ravdess" in notes[0]
