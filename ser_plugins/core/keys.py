"""The keys at the left margin of every experiment: what each means and which values it takes."""

from collections.abc import Callable, Mapping
from typing import Any

from .errors import OptionError
from .key_kinds import REQUIRED, Key, choice, flag, mapping, number, optional, text, whole, words

UNIT: tuple[str, Callable[[float], bool]] = ("in [0, 1)", lambda v: 0 <= v < 1)

KEYS: Mapping[str, Key] = {
    "seed": whole("of weights, order and augmentation", 0),
    "plugins": words("modules or .py files to load first"),
    "dataset": text("name of the corpus"),
    "dataset_options": mapping("options of the corpus"),
    "data_folder": optional(text("where the corpus lies; null for one that renders itself")),
    "allow_partial": flag("accept an incomplete corpus; recorded in the scores"),
    "allow_copies": flag(
        "accept what sounds like altered copies on two sides; recorded in the scores", default=False
    ),
    "protocol": optional(text("name of the protocol; null for the corpus's main one")),
    "fold": whole("fold of the protocol", 1),
    "labels": optional(words("other labels than the protocol's; renames it `custom`")),
    "merge": optional(
        Key(
            "other merged labels, {from: to}; renames the protocol `custom`",
            "a mapping from label to label",
            lambda v: (
                isinstance(v, Mapping) and all(isinstance(w, str) and w for w in (*v, *v.values()))
            ),
        )
    ),
    "sample_rate": whole("in Hz; every recording is resampled to it", 1000, 192_000),
    "trim_db": optional(
        number(
            "cut ends quieter than the loudest frame by so many dB; null cuts nothing",
            "above 0",
            lambda v: v > 0,
        )
    ),
    "level": text("none, peak, rms or loudness (-23 LUFS)"),
    "features": text("name of the features"),
    "features_options": mapping("options of the features"),
    "normalize": text("global, clip or none"),
    "augment": words("names of augmentations, in order"),
    "augment_options": mapping("options of each augmentation by name"),
    "model": text("name of the model"),
    "model_options": mapping("options of the model"),
    "fit": choice(
        "gradient descent, or svm: scikit-learn's linear SVM for a model that is one linear layer",
        "gradient",
        "svm",
        default="gradient",
    ),
    "number_of_epochs": whole("at most", 1),
    "patience": whole("epochs without a better validation UAR before stopping", 1),
    "batch_size": whole("clips a batch", 1),
    "bucket_batches": whole(
        "so many batches at a time are sorted by length, for little padding; 1: clips meet by "
        "chance alone",
        1,
        default=8,
    ),
    "lr": number("learning rate", "above 0", lambda v: v > 0),
    "max_grad_norm": number(
        "norm to which gradients are clipped; 0 clips none", "from 0", lambda v: v >= 0
    ),
    "label_smoothing": number("part of a target spread over all labels", *UNIT),
    "class_weights": choice(
        "balanced: labels weigh in the loss by the inverse of their counts; none",
        "none",
        "balanced",
        default="none",
    ),
    "copies": whole(
        "augmented copies of each training clip beside the clean one; 0 augments the clip itself",
        0,
        100,
        default=0,
    ),
    "mixup": number(
        "alpha of the Beta distribution by which two clips are blended; 0 blends none",
        "from 0",
        lambda v: v >= 0,
        default=0.0,
    ),
    "weight_average": number(
        "decay a step of the average of the weights that is scored and kept; 0 averages none",
        *UNIT,
        default=0.0,
    ),
    "device": text("auto, cpu, cuda or cuda:1"),
    "precision": choice(
        "of training; auto: bf16 where the hardware has it, else fp32; scores are always fp32",
        "auto",
        "fp32",
        "bf16",
        "fp16",
    ),
    "tf32": flag(
        "on a GPU: multiply numbers of 32 bits in 19, which is faster, in training alone",
        default=True,
    ),
    "channels_last": flag(
        "lay weights of 2-D convolutions out channel by channel of a pixel, which is faster; "
        "numbers round otherwise",
        default=True,
    ),
    "keep_frames": flag(
        "compute frames that no augmentation of the sound changes once, and keep them",
        default=True,
    ),
    "frames_on_disk": number(
        "GiB of such frames that may stay in the cache, those unused for longest going first",
        "from 0",
        lambda v: v >= 0,
        default=8,
    ),
    "keep_memory": flag(
        "keep freed memory for the next step, which is faster and takes more; glibc only",
        default=True,
    ),
    "workers": optional(
        whole(
            "processes that load the next batches beside the step; null: 2 on a GPU, none on a CPU",
            0,
        ),
        default=None,
    ),
    "ckpt_interval_minutes": number(
        "minutes from one checkpoint to the next within an epoch; 0: only between epochs",
        "from 0",
        lambda v: v >= 0,
        default=15,
    ),
    "tensorboard": flag("write TensorBoard events into the run folder"),
    "output_folder": optional(text("the run folder; null for results/<yaml>/<dataset>/…")),
    "ledger": text("CSV file that lists each reading of a test part"),
    "cache_folder": optional(
        text("where decoded audio and frames are kept; null for the user's cache")
    ),
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
