"""Mix4: RAVDESS, CREMA-D, TESS and SAVEE as one, eight emotions, with protocols of its own.

`mix4-5` is the union of the corpora's own folds; `leaky-mix4-random` splits over clips, as the
figures that are published for this mix do. Its folders are those of `mix`.
"""

from collections.abc import Mapping
from dataclasses import replace

from ser_plugins import Corpus, Fold, Protocol, get_dataset, hookimpl, random_protocol

FOUR = ("ravdess", "crema_d", "tess", "savee")
# In each fold: who of SAVEE is tested and who validates, and which woman of TESS is tested.
SAVEE = (("DC", "JE"), ("JE", "JK"), ("JK", "KL"), ("KL", "DC"), ("", "DC"))
TESS = (("OAF", "YAF"), ("YAF", "OAF"), ("OAF", "YAF"), ("YAF", "OAF"), ("OAF", "YAF"))


def fold(k: int) -> Fold:
    """Return fold k, from 0: what the corpora hold out in their own fold k, together."""
    main = {name: get_dataset(name).protocols[0].folds for name in FOUR[:3]}
    test, valid = [], []
    for name in ("ravdess", "crema_d"):
        test += [f"{name}-{who}" for who in main[name][k].test["speaker"]]
        valid += [f"{name}-{who}" for who in main[name][k].valid["speaker"]]
    (man, next_man), (woman, trained) = SAVEE[k], TESS[k]
    test += [f"tess-{woman}", *([f"savee-{man}"] if man else [])]
    words = [f"tess-{word}" for word in main["tess"][0].valid["text"]]
    of_tess = {"speaker": [f"tess-{trained}"], "text": words}
    return Fold({"speaker": test}, ({"speaker": [*valid, f"savee-{next_man}"]}, of_tess))


def sizes() -> tuple[tuple[int, int, int], ...]:
    """Return the clips of train, valid and test: the sums of what the corpora's own folds have."""
    ravdess, crema_d, tess, savee = (get_dataset(name).protocols[0].sizes for name in FOUR)
    nobody_tested = (savee[0][0] + savee[0][2], savee[0][1], 0)
    each = [(ravdess[k], crema_d[k], tess[0], (*savee, nobody_tested)[k]) for k in range(5)]
    return tuple(tuple(map(sum, zip(*parts, strict=True))) for parts in each)


def mix4(corpora: Mapping[str, str] | None = None) -> Corpus:
    """Describe the mix of four.

    Args:
        corpora: folder of each of the four by name; None for those of the combined download.
    """
    if corpora is not None and set(corpora) != set(FOUR):
        raise ValueError(f"corpora must name the folders of {', '.join(FOUR)}, not {corpora!r}")
    corpus = get_dataset("mix", **({} if corpora is None else {"corpora": corpora}))
    labels = get_dataset("ravdess").labels
    union = Protocol(
        "mix4-5",
        tuple(fold(k) for k in range(5)),
        labels,
        shares=("speaker:valid", "text:test", "text:valid"),
        sizes=sizes(),
        note="scores are per corpus, and their mean; the pooled figure only beside them",
    )
    return replace(corpus, protocols=(union, random_protocol("leaky-mix4-random", labels)))


@hookimpl
def ser_datasets():
    """Register it."""
    return {"mix4": mix4}
