"""The records that cross module borders: utterance, corpus, fold and protocol."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Columns = Mapping[str, Sequence[str]]
Selector = Columns | tuple[Columns, ...]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labelled recording, as its corpus describes it.

    Args:
        id: unique within the corpus.
        path: the audio file, relative to the corpus root.
        label: the emotion, one of the corpus's declared labels; empty where nobody agreed on one.
        speaker: who talks; empty where the corpus does not say.
        group: a wider border that a split must respect, such as a recorded session.
        sex: `"female"`, `"male"` or empty.
        text: what is said, or a code for it; empty where the corpus does not say.
        start: where the clip begins in its file, in seconds; None for the whole file.
        stop: where it ends, in seconds.
        targets: numbers such as valence.
        extra: any other fact worth keeping; becomes columns of the manifest. `corpus` tells the
            corpora of a mix apart, which are then scored one by one; `split` says which part
            the corpus itself puts a clip in.
    """

    id: str
    path: Path
    label: str
    speaker: str = ""
    group: str = ""
    sex: str = ""
    text: str = ""
    start: float | None = None
    stop: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fold:
    """Who is tested and who validates. Test goes before valid, valid before train.

    Besides their own columns rows have `percent`, "0" to "99": where a draw over clips,
    stratified by label, puts them.

    Args:
        test: a mapping from a column of the rows to the values it takes; all must hold. Of
            several mappings in a tuple one must hold.
        valid: the same, for the validation part.
        train: the same, for the training part; None for every other row, except that the rows
            of a tested speaker or group are never trained on; `{}` for every other row.

    >>> Fold(test={"speaker": ["02", "05"]}, valid={"speaker": ["03"]}).train is None
    True
    """

    test: Selector
    valid: Selector
    train: Selector | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named answer to: who is tested, who is trained on, which clips count, what is the label.

    Args:
        name: the name that YAML and tables use; one that shares a speaker with its test
            part is called `leaky-…`.
        folds: the folds, numbered from 1.
        labels: class names in the order of their ids.
        merge: labels to rename before the selection, such as `{"excited": "happy"}`.
        shares: what a fold knowingly has on two sides, as `"<what>:<valid or test>"`; what is
            `speaker`, `group`, `text` or `audio`.
        note: what a reader of its scores should know.
        sizes: clips of train, valid and test in each fold of the complete corpus; None where
            one is not known.
    """

    name: str
    folds: tuple[Fold, ...]
    labels: tuple[str, ...]
    merge: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    note: str = ""
    sizes: tuple[tuple[int | None, int | None, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a dataset plugin hands over: facts, and one function that reads the disk.

    Args:
        read: yields the utterances found under a root folder; opens no audio.
        labels: every emotion `read` may yield; None where that is not known beforehand.
        speakers: how many the published corpus has, or None.
        size: how many utterances the published corpus has, or None.
        url: where a person obtains it.
        licence: the corpus's own terms.
        licences: of a mix, the terms of each `corpus`; empty where there is but one.
        protocols: its named protocols, the first its main one; with none, the clips' own
            `split`, or else five folds by speaker.
        sexes: every speaker of the published corpus, and their sex.
        obtain: downloads or renders the corpus into a folder; called on request only.
        request: how a person asks for a corpus that may not be downloaded.
        parts: of a mix, how many utterances of each `corpus` there should be, where known.
        languages: what is spoken, as ISO 639-1 codes such as `en`; empty where that is not known,
            or no language.
        example: names of a few files as a real copy has them, where `read` needs no more than
            names: relative to its root, with `/`, as `Actor_01/03-01-01-01-01-01-01.wav`.
        embedded: `obtain` renders offline within seconds, so that training may call it unasked.
    """

    read: Callable[[Path], Iterable[Utterance]]
    labels: tuple[str, ...] | None
    speakers: int | None
    size: int | None
    url: str
    licence: str
    protocols: tuple[Protocol, ...] = ()
    sexes: Mapping[str, str] = field(default_factory=dict)
    obtain: Callable[[Path], None] | None = None
    request: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    embedded: bool = False
    languages: tuple[str, ...] = ()
    licences: Mapping[str, str] = field(default_factory=dict)
    example: tuple[str, ...] = ()
