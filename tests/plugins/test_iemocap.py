"""IEMOCAP's label files, by a small tree of two sessions with all that surrounds the labels."""

import numpy as np
import pytest
import soundfile

from ser_plugins import get_dataset
from ser_plugins.core import labels, leaks, protocols
from ser_plugins.core.errors import CorpusError
from ser_plugins.core.findings import NOTE
from ser_plugins.core.survey import survey

HEAD = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
TURNS = {
    "Ses01F_impro01": ["F000 neu", "M000 ang", "F001 exc", "M001 xxx", "F002 oth"],
    "Ses01M_script01_1b": ["M000 hap", "F000 sad", "M001 fru"],
    "Ses02F_impro02": ["F000 sad", "M000 neu", "F001 dis", "M001 fea"],
    "Ses02M_script02_2": ["M000 sur", "F000 ang", "F001 hap", "M002 exc"],
}


def rated(dialog, turn, code, i):
    """A turn's line, and those of single raters, which name other emotions."""
    times = f"[{i}.2901 - {i + 1}.2357]"
    values = f"[{2 + i / 4:.4f}, 2.5000, {3 - i / 4:.4f}]"
    raters = "C-E2:\tAnger;\t()\nC-F1:\tNeutral; Sadness;\t(hm)\nA-E3:\tval 3; act 2; dom  2;\t()\n"
    return f"{times}\t{dialog}_{turn}\t{code}\t{values}\n{raters}\n"


@pytest.fixture
def root(tmp_path):
    for dialog, turns in TURNS.items():
        session = tmp_path / f"Session{dialog[4]}"
        labels_of, texts, wavs = (
            session / "dialog" / "EmoEvaluation",
            session / "dialog" / "transcriptions",
            session / "sentences" / "wav" / dialog,
        )
        for folder in (labels_of / "Categorical", texts, wavs):
            folder.mkdir(parents=True, exist_ok=True)
        lines, said = HEAD, ""
        for i, (turn, code) in enumerate(map(str.split, turns)):
            lines += rated(dialog, turn, code, i)
            said += f"{dialog}_{turn} [00{i}.2901-00{i + 1}.2357]: Excuse me: {i}.\n"
            tone = 0.1 * np.sin(np.arange(16000) * (0.05 + 0.01 * i + 0.003 * len(dialog)))
            soundfile.write(wavs / f"{dialog}_{turn}.wav", tone, 16000)
            (wavs / f"._{dialog}_{turn}.wav").write_bytes(b"\x00\x05\x16\x07")
        (labels_of / f"{dialog}.txt").write_text(lines, encoding="utf-8")
        (labels_of / f"._{dialog}.txt").write_bytes(b"\x00\x05\x16\x07\xff\xb0")
        (labels_of / "Categorical" / f"{dialog}_e2_cat.txt").write_text(f"{dialog}_F000 :Anger; ()")
        (texts / f"{dialog}.txt").write_text(said, encoding="utf-8")
    return tmp_path


def read(root):
    return {u.id: u for u in get_dataset("iemocap").read(root)}


def test_each_turn_is_read_once_with_the_label_that_most_raters_chose(root):
    found = read(root)
    assert len(found) == sum(map(len, TURNS.values())) == 16
    words = {"neu": "neutral", "ang": "angry", "exc": "excited", "oth": "other", "hap": "happy"}
    words |= {"sad": "sad", "fru": "frustrated", "dis": "disgusted", "fea": "fearful"}
    words |= {"sur": "surprised", "xxx": ""}
    for dialog, turns in TURNS.items():
        for turn, code in map(str.split, turns):
            assert found[f"{dialog}_{turn}"].label == words[code]


def test_the_speaker_is_the_letter_of_the_turn_not_of_the_session(root):
    found = read(root)
    one = found["Ses01F_impro01_M000"]
    assert (one.speaker, one.sex, one.group) == ("Ses01M", "male", "Ses01")
    one = found["Ses01M_script01_1b_F000"]
    assert (one.speaker, one.sex, one.extra["scenario"]) == ("Ses01F", "female", "scripted")
    assert found["Ses02F_impro02_F000"].extra["scenario"] == "improvised"


def test_dimensions_and_words_are_kept(root):
    one = read(root)["Ses01F_impro01_F001"]
    assert dict(one.targets) == {"valence": 2.5, "activation": 2.5, "dominance": 2.5}
    assert one.text == "Excuse me: 2."
    assert read(root)["Ses01F_impro01_F000"].targets["dominance"] == 3.0


def test_four_classes_merge_excited_and_account_for_the_rest_by_speaker(root):
    corpus = get_dataset("iemocap")
    rows, findings = survey("iemocap", corpus, root, allow_partial=True)
    assert [f.level for f in findings] == [NOTE] and "16 of 10039" in findings[0].text
    (protocol,) = corpus.protocols
    kept, changes = labels.select(rows, protocol.labels, protocol.merge)
    assert len(kept) == 10 and {row["label"] for row in kept} == set(protocol.labels)
    account = "\n".join(labels.account(changes))
    assert "excited counted as happy" in account and "no label dropped" in account
    assert {c.label: sum(c.speakers.values()) for c in changes if not c.becomes} == {
        "": 1,
        "other": 1,
        "frustrated": 1,
        "disgusted": 1,
        "fearful": 1,
        "surprised": 1,
    }


def session_rows():
    """Turns of every speaker and label, without audio."""
    corpus = get_dataset("iemocap")
    return [
        {"id": f"{who}{label}", "label": label, "speaker": who, "group": who[:5], "text": ""}
        for who in corpus.sexes
        for label in corpus.protocols[0].labels
    ]


def test_a_session_is_left_out_and_the_next_sessions_woman_validates():
    (protocol,) = get_dataset("iemocap").protocols
    for number in range(1, 6):
        parts, notes = protocols.split(session_rows(), protocol, number)
        following = f"Ses0{number % 5 + 1}"
        assert {row["group"] for row in parts["test"]} == {f"Ses0{number}"}
        assert protocols.speakers(parts["valid"]) == {f"{following}F"}
        assert f"{following}M" in protocols.speakers(parts["train"]) and not notes
        assert len(protocols.speakers(parts["train"])) == 7
        assert not [f for f in leaks.find(parts, protocol) if f.must_not_be]


def test_sound_without_label_files_is_refused_in_words(root):
    for path in root.rglob("Ses02M_script02_2.txt"):
        path.unlink()
    with pytest.raises(CorpusError, match="4 turns have no label.*EmoEvaluation"):
        read(root)
