"""The keys at the left margin of every experiment: what each means and which values it takes."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NamedTuple

from .errors import OptionError

REQUIRED = object()


class Key(NamedTuple):
    """One key.

    Args:
        about: what it sets, for `--help`.
        expected: the legal values in words, for errors.
        accepts: tells whether a value is legal.
        is_text: whether a command line gives it as it stands, unparsed.
        default: what it is where a YAML does not have it; most keys must be there.
    """

    about: str
    expected: str
    accepts: Callable[[Any], bool]
    is_text: bool = False
    default: Any = REQUIRED


def _text(about: str) -> Key:
    return Key(about, "text", lambda v: isinstance(v, str) and v != "", is_text=True)


def _optional_text(about: str) -> Key:
    return Key(about, "text or null", lambda v: v is None or isinstance(v, str), is_text=True)


def _whole(about: str, least: int, most: int = 2**32 - 1, default: Any = REQUIRED) -> Key:
    return Key(
        about,
        f"a whole number from {least}" + (f" to {most}" if most < 2**32 - 1 else ""),
        lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= most,
        default=default,
    )


def _number(
    about: str, expected: str, accepts: Callable[[float], bool], default: Any = REQUIRED
) -> Key:
    return Key(
        about, f"a number {expected}", lambda v: _is_number(v) and accepts(v), False, default
    )


def _choice(about: str, *names: str, default: Any = REQUIRED) -> Key:
    expected = " or ".join((", ".join(names[:-1]), names[-1]))
    return Key(about, expected, lambda v: v in names, is_text=True, default=default)


def _flag(about: str, default: Any = REQUIRED) -> Key:
    return Key(about, "True or False", lambda v: isinstance(v, bool), default=default)


def _mapping(about: str) -> Key:
    return Key(about, "a mapping", lambda v: isinstance(v, Mapping))


def _words(about: str, optional: bool = False) -> Key:
    def accepts(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, list) and all(isinstance(w, str) and w for w in value)

    return Key(about, "a list of words" + (" or null" if optional else ""), accepts)


UNIT: tuple[str, Callable[[float], bool]] = ("in [0, 1)", lambda v: 0 <= v < 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


KEYS: Mapping[str, Key] = {
    "seed": _whole("of weights, order and augmentation", 0),
    "plugins": _words("modules or .py files to load first"),
    "dataset": _text("name of the corpus"),
    "dataset_options": _mapping("options of the corpus"),
    "data_folder": _optional_text("where the corpus lies; null for one that renders itself"),
    "allow_partial": _flag("accept an incomplete corpus; recorded in the scores"),
    "allow_copies": _flag(
        "accept what sounds like altered copies on two sides; recorded in the scores", default=False
    ),
    "protocol": _optional_text("name of the protocol; null for the corpus's main one"),
    "fold": _whole("fold of the protocol", 1),
    "labels": _words("other labels than the protocol's; renames it `custom`", optional=True),
    "merge": Key(
        "other merged labels, {from: to}; renames the protocol `custom`",
        "a mapping from label to label, or null",
        lambda v: (
            v is None
            or (isinstance(v, Mapping) and all(isinstance(w, str) and w for w in (*v, *v.values())))
        ),
    ),
    "sample_rate": _whole("in Hz; every recording is resampled to it", 1000, 192_000),
    "trim_db": Key(
        "cut ends quieter than the loudest frame by so many dB; null cuts nothing",
        "a number above 0, or null",
        lambda v: v is None or (_is_number(v) and v > 0),
    ),
    "level": _text("none, peak, rms or loudness (-23 LUFS)"),
    "features": _text("name of the features"),
    "features_options": _mapping("options of the features"),
    "normalize": _text("global, clip or none"),
    "augment": _words("names of augmentations, in order"),
    "augment_options": _mapping("options of each augmentation by name"),
    "model": _text("name of the model"),
    "model_options": _mapping("options of the model"),
    "fit": _choice(
        "gradient descent, or svm: scikit-learn's linear SVM for a model that is one linear layer",
        "gradient",
        "svm",
        default="gradient",
    ),
    "number_of_epochs": _whole("at most", 1),
    "patience": _whole("epochs without a better validation UAR before stopping", 1),
    "batch_size": _whole("clips a batch", 1),
    "bucket_batches": _whole(
        "so many batches at a time are sorted by length, for little padding; 1: clips meet by "
        "chance alone",
        1,
        default=8,
    ),
    "lr": _number("learning rate", "above 0", lambda v: v > 0),
    "max_grad_norm": _number(
        "norm to which gradients are clipped; 0 clips none", "from 0", lambda v: v >= 0
    ),
    "label_smoothing": _number("part of a target spread over all labels", *UNIT),
    "class_weights": _choice(
        "balanced: labels weigh in the loss by the inverse of their counts; none",
        "none",
        "balanced",
        default="none",
    ),
    "copies": _whole(
        "augmented copies of each training clip beside the clean one; 0 augments the clip itself",
        0,
        100,
        default=0,
    ),
    "mixup": _number(
        "alpha of the Beta distribution by which two clips are blended; 0 blends none",
        "from 0",
        lambda v: v >= 0,
        default=0.0,
    ),
    "weight_average": _number(
        "decay a step of the average of the weights that is scored and kept; 0 averages none",
        *UNIT,
        default=0.0,
    ),
    "device": _text("auto, cpu, cuda or cuda:1"),
    "precision": _choice(
        "of training; auto: bf16 where the hardware has it, else fp32; scores are always fp32",
        "auto",
        "fp32",
        "bf16",
        "fp16",
    ),
    "tf32": _flag(
        "on a GPU: multiply numbers of 32 bits in 19, which is faster, in training alone",
        default=True,
    ),
    "channels_last": _flag(
        "lay weights of 2-D convolutions out channel by channel of a pixel, which is faster; "
        "numbers round otherwise",
        default=True,
    ),
    "keep_frames": _flag(
        "compute frames that no augmentation of the sound changes once, and keep them",
        default=True,
    ),
    "keep_memory": _flag(
        "keep freed memory for the next step, which is faster and takes more; glibc only",
        default=True,
    ),
    "workers": Key(
        "processes that load the next batches beside the step; null: 2 on a GPU, none on a CPU",
        "a whole number from 0, or null",
        lambda v: v is None or (isinstance(v, int) and not isinstance(v, bool) and v >= 0),
        default=None,
    ),
    "ckpt_interval_minutes": _number(
        "minutes from one checkpoint to the next within an epoch; 0: only between epochs",
        "from 0",
        lambda v: v >= 0,
        default=15,
    ),
    "tensorboard": _flag("write TensorBoard events into the run folder"),
    "output_folder": _optional_text("the run folder; null for results/<yaml>/<dataset>/…"),
    "ledger": _text("CSV file that lists each reading of a test part"),
    "cache_folder": _optional_text("where decoded audio is kept; null for the user's cache"),
}

OBJECTS = ("opt_class", "lr_schedule")  # keys whose values SpeechBrain's YAML builds
DEFAULTS = {name: key.default for name, key in KEYS.items() if key.default is not REQUIRED}
# What belongs to a choice, and what it falls back to when another choice is made.
OWNED: Mapping[str, Mapping[str, Any]] = {
    "dataset": {
        "dataset_options": {},
        "data_folder": None,
        "protocol": None,
        "fold": 1,
        "labels": None,
        "merge": None,
    },
    "protocol": {"fold": 1, "labels": None, "merge": None},
    "features": {"features_options": {}},
    "model": {"model_options": {}},
}
# What a tool that reads a corpus takes for the keys that it is not given.
CORPUS_DEFAULTS: Mapping[str, Any] = {
    **OWNED["dataset"],
    **DEFAULTS,
    "plugins": [],
    "allow_partial": False,
    "sample_rate": 16000,
    "cache_folder": None,
}


def check(hparams: Mapping[str, Any], source: str) -> None:
    """Refuse an experiment that lacks a key, or has a value or an object that cannot serve.

    Raises:
        OptionError: naming the keys, what was found and what was expected.
    """
    check_keys(hparams, source)
    if not callable(hparams.get("opt_class")):
        raise OptionError(f"{source}: opt_class must be !name:torch.optim.Adam or the like")
    schedule = hparams.get("lr_schedule")
    if schedule is not None and not callable(schedule):
        raise OptionError(f"{source}: lr_schedule must be null or !name:torch.optim.lr_scheduler…")


def check_keys(hparams: Mapping[str, Any], source: str) -> None:
    """Refuse keys that are missing, or whose value is out of range.

    Raises:
        OptionError: naming the keys, what was found and what was expected.
    """
    if missing := [name for name in KEYS if name not in hparams]:
        raise OptionError(f"{source} lacks {', '.join(missing)}; the YAMLs in hparams/ have them")
    for name, key in KEYS.items():
        if not key.accepts(hparams[name]):
            raise OptionError(f"{name} must be {key.expected}, not {hparams[name]!r}")
