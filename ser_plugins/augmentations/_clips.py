"""Changes each clip of a batch by itself, so that padding and neighbours say nothing."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ser_plugins import real_frames


def each_clip(
    change: Callable[..., Tensor], wavs: Tensor, lengths: Tensor, *drawn: Iterable
) -> tuple[Tensor, Tensor]:
    """Change the real samples of each row, as float32 on the CPU, in as many threads as torch has.

    Args:
        change: called with the samples of a clip `[L]`, not to be written to, and with its entry
            of each of `drawn`; returns the new samples `[L']`.
        wavs: `[B, T]`.
        lengths: `[B]`, relative.
        drawn: what was drawn for the clips; each has B entries.

    Returns:
        The new waveforms `[B, T']`, where T' is the longest, and their lengths.
    """
    samples = real_frames(lengths, wavs.shape[1]).tolist()
    clips = [wav[:n] for wav, n in zip(wavs.cpu().float(), samples, strict=True)]
    # A clip is too short for the threads within an operation: a pool took half the time.
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        changed = list(pool.map(change, clips, *drawn))
    sizes = torch.tensor([len(clip) for clip in changed]).to(lengths)
    return pad_sequence(changed, batch_first=True).to(wavs), sizes / sizes.max()
