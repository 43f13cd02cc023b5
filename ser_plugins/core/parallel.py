"""One model in several processes: its device, weights, random numbers, gradients, statistics.

Where there is but one process, nothing is done.
"""

import os

import torch
from speechbrain.utils.seed import seed_everything
from torch import nn

from .augment import draw_seed
from .errors import OptionError
from .ranks import add_up, check_alike, from_main, rank, size

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def own_device(device: str) -> str:
    """Return the GPU of this process where GPUs are used, else the CPU.

    Raises:
        OptionError: for one GPU that all would have to share, or fewer GPUs than processes.
    """
    if size() == 1:
        return device
    here = int(os.environ["LOCAL_RANK"])
    kind, _, index = device.partition(":")
    if index:
        raise OptionError(f"--device {device} is one GPU; {size()} processes take --device cuda")
    if kind == "cuda" and here >= torch.cuda.device_count():
        raise OptionError(
            f"this machine has {torch.cuda.device_count()} GPUs, fewer than the processes that "
            "were started on it; take a smaller --nproc_per_node, or --device cpu"
        )
    check_alike(kind, "some processes have a GPU and some have none; take --device cpu")
    return f"cuda:{here}" if kind == "cuda" else kind


def same_weights(module: nn.Module) -> None:
    """Give all processes the parameters and buffers of the main one."""
    if size() > 1:
        module.load_state_dict(from_main({k: v.cpu() for k, v in module.state_dict().items()}))


def draw_apart(seed: int) -> None:
    """Give each process random numbers of its own, for dropout; the main one keeps those it has."""
    if rank():
        seed_everything(draw_seed(seed, "process", rank()) % 2**32, verbose=False)


def share_norms(module: nn.Module, device: str) -> nn.Module:
    """Return a module whose batch normalisation sees the clips of all processes, on GPUs.

    On a CPU, for which torch has none, each process normalises its share by itself, and `merge`
    averages what is kept for validation.
    """
    if size() == 1 or device == "cpu":
        return module
    return nn.SyncBatchNorm.convert_sync_batchnorm(module)


def merge(module: nn.Module, part: float) -> None:
    """Add up the gradients of all processes; average what batch normalisation keeps running.

    Args:
        module: the same in all processes but for that.
        part: of the clips of the batch that was here.
    """
    if size() == 1:
        return
    parameters = [p for p in module.parameters() if p.requires_grad]
    running = [m for m in module.modules() if isinstance(m, BATCH_NORMS) and m.track_running_stats]
    kept = [getattr(m, name) for m in running for name in ("running_mean", "running_var")]
    # A parameter that no process has used gets no gradient, as in one process.
    used = torch.tensor([float(p.grad is not None) for p in parameters])
    mine = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    mine += [*(buffer * part for buffer in kept), used.to(parameters[0].device)]
    flat = torch.cat([tensor.flatten() for tensor in mine])
    add_up(flat)
    sums = [s.view_as(m) for s, m in zip(flat.split([m.numel() for m in mine]), mine, strict=True)]
    for parameter, total, uses in zip(parameters, sums, sums[-1].tolist(), strict=False):
        # In memory as the weights lie: a fused optimiser goes through both side by side.
        parameter.grad = torch.empty_like(parameter).copy_(total) if uses else None
    for buffer, total in zip(kept, sums[len(parameters) :], strict=False):
        buffer.copy_(total)
