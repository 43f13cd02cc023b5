"""Draws stretches of recordings of noise from a folder."""

from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Generator, Tensor

from ser_plugins import find_audio, read_audio


class NoiseFiles:
    """Finds the recordings, and reads no more of one than is wanted.

    Args:
        folder: searched with what lies under it for .wav and .flac.
        sample_rate: in Hz, of what is drawn.
    """

    def __init__(self, folder: Path, sample_rate: int):
        paths = [folder / path for path in find_audio(folder, key=lambda path: path)]
        if not paths:
            raise ValueError(f"{folder} holds no .wav or .flac: give a folder of noise recordings")
        self.files = [(path, soundfile.info(str(path)).duration) for path in paths]
        self.sample_rate = sample_rate

    def draw(self, n: int, generator: Generator) -> Tensor:
        """Return `n` samples of one of the files, over and over where it is too short."""
        path, there = self.files[int(torch.randint(len(self.files), (1,), generator=generator))]
        place, wanted = float(torch.rand(1, generator=generator)), n / self.sample_rate
        start = place * max(0.0, there - wanted)
        wav = read_audio(path, self.sample_rate, start, start + wanted)
        if there < wanted:
            wav = np.roll(wav, int(place * len(wav)))
        return torch.from_numpy(np.resize(wav, n))
