"""The loop of a public student's script: what `cnn_bigru` cost before, on the same clips.

Files are decoded and turned into 40 MFCC one by one, normalised over the clip and cut or padded to
100 frames; then the network runs as frameworks run it by default: 32 bits, channels first.
"""

import contextlib
import itertools
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from ser_plugins.core.manifest import Row

from .stopwatch import Stopwatch

RATE, HOP, N_FFT = 48_000, 512, 2048  # Hz, samples, samples
COEFFICIENTS, FRAMES, BATCH = 40, 100, 32
CHANNELS, HIDDEN, HEAD = (32, 64, 128, 256, 512), 128, (64, 512)
# The same work for the toolkit: the same frames of the same clips, through the same network.
SAME_WORK = {
    "sample_rate": RATE,
    "trim_db": "null",
    "level": "none",
    "features": "mfcc",
    "features_options": f"{{n_mfcc: {COEFFICIENTS}, hop: {HOP}, n_fft: {N_FFT}}}",
    "features_options.win_length": N_FFT,
    "normalize": "clip",
    "augment": "[]",
    "mixup": "0.0",
    "label_smoothing": "0.0",
    "batch_size": BATCH,
    "model": "cnn_bigru",
    "model_options.original": "true",
    "protocol": "leaky-by_clip",
}


class PublishedNetwork(nn.Module):
    """Five convolutional blocks, a GRU in both directions, attention, and four linear layers.

    Shape:
        - input: `[B, 1, 40, 100]`
        - output: `[B, C]`, logits
    """

    def __init__(self, n_classes: int):
        super().__init__()
        widths = (1, *CHANNELS)
        blocks = [
            (nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))
            for i, o in zip(widths, widths[1:], strict=False)
        ]
        layers = itertools.chain.from_iterable(blocks)
        self.blocks, self.dropout = nn.Sequential(*layers), nn.Dropout(0.3)
        self.gru = nn.GRU(CHANNELS[-1], HIDDEN, batch_first=True, bidirectional=True)
        self.score = nn.Linear(2 * HIDDEN, 1)
        sizes = (2 * HIDDEN, *HEAD, n_classes)
        linear = [nn.Linear(i, o) for i, o in zip(sizes, sizes[1:], strict=False)]
        self.head = nn.Sequential(*linear)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = self.dropout(self.blocks(x))
        steps, _ = self.gru(x.reshape(len(x), x.shape[3], -1))
        weights = self.score(steps).softmax(1)
        return self.head(self.dropout((weights * steps).sum(1)))


def read_mfcc(root: Path, rows: Sequence[Row]) -> Tensor:
    """Return the coefficients of each clip, `[clips, 1, 40, 100]`."""
    import librosa  # here: only the script's process needs it

    found = []
    for row in rows:
        start, stop = row.get("start"), row.get("stop")
        seconds = None if stop is None else stop - (start or 0)
        wav, _ = librosa.load(root / row["path"], sr=RATE, offset=start or 0, duration=seconds)
        mfcc = librosa.feature.mfcc(
            y=wav, sr=RATE, n_mfcc=COEFFICIENTS, hop_length=HOP, n_fft=N_FFT
        )
        mfcc = (mfcc - mfcc.mean()) / mfcc.std()
        found.append(np.pad(mfcc, ((0, 0), (0, FRAMES)))[:, :FRAMES])
    return torch.from_numpy(np.stack(found)[:, None]).float()


class PublishedLoop:
    """Trains the network on coefficients in memory.

    Args:
        inputs: `[clips, 1, 40, 100]`.
        targets: `[clips]`, ids of labels.
        device: where it trains.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, device: str = "cpu"):
        torch.manual_seed(0)
        self.network = PublishedNetwork(int(targets.max()) + 1).to(device).train()
        self.optimizer = torch.optim.Adam(self.network.parameters(), 4e-4, weight_decay=8e-5)
        self.loader = DataLoader(TensorDataset(inputs, targets), BATCH, shuffle=True)
        self.device = device

    def epoch(self, watch: Stopwatch) -> float:
        """Train one epoch; return its seconds."""
        watch.start()
        for batch in self.loader:
            self.step(*(each.to(self.device) for each in batch))
        return watch.stop()

    def step(self, inputs: Tensor, targets: Tensor) -> None:
        """Train on one batch."""
        self.optimizer.zero_grad()
        F.cross_entropy(self.network(inputs), targets).backward()
        self.optimizer.step()


def serve(pipe: Connection, root: Path, parts: Sequence[Sequence[Row]], device: str) -> None:
    """Send the seconds of reading all clips, then those of an epoch for each message.

    Args:
        pipe: answers what comes in until it is closed.
        root: of the corpus.
        parts: rows of the training part, then those of the others.
        device: where it trains.
    """
    watch = Stopwatch(device)
    read_mfcc(root, parts[0][:1])  # librosa loads some of its packages when it is used
    watch.start()
    inputs = read_mfcc(root, [row for part in parts for row in part])
    pipe.send(watch.stop())
    words = [row["label"] for row in parts[0]]
    targets = torch.tensor([sorted(set(words)).index(word) for word in words])
    loop = PublishedLoop(inputs[: len(words)], targets, device)
    with contextlib.suppress(EOFError):
        while True:
            pipe.recv()
            pipe.send(loop.epoch(watch))
