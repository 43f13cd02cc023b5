"""Tries a system that was opened on a little noise, so that a broken one is refused at once."""

import numpy as np

from . import exits
from .errors import BundleError, InputError
from .systems import System

SECONDS = (0.1, 0.25)  # of the clips, which are heard as one batch
LONGEST = 200  # letters of what a library says


def try_out(system: System, name: object) -> None:
    """Refuse a system that can be built and cannot hear.

    Args:
        system: as it was opened.
        name: what errors call it.

    Raises:
        BundleError: for one that fails, or gives anything but a probability a label and clip.
    """
    random = np.random.default_rng(0)
    sizes = [round(seconds * system.sample_rate) for seconds in SECONDS]
    wavs = [0.1 * random.standard_normal(size).astype(np.float32) for size in sizes]
    try:
        with exits.refused():
            found = system.probabilities(wavs)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  options of others can fail in any way
        why = str(error).partition("\n")[0][:LONGEST]
        raise BundleError(
            f"{name} cannot hear: {type(error).__name__}: {why}. Its options may be of another "
            "version, or damaged; take it as its author published it, or train again"
        ) from error
    expected = (len(wavs), len(system.labels))
    if found.shape != expected:
        raise BundleError(f"{name} answers with {list(found.shape)}, not {list(expected)}")
    if not (np.isfinite(found).all() and np.allclose(found.sum(1), 1, atol=1e-3)):
        raise BundleError(
            f"{name} gives no probabilities for noise, but {found[0].tolist()}: its weights are "
            "damaged"
        )
