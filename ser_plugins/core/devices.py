"""Chooses the device that a system runs on, and the precision that it trains in."""

import torch

from .errors import OptionError

BF16 = ("amx_bf16", "avx512_bf16")  # of x86; ARM's have not been measured


def choose_device(device: str) -> str:
    """Return the device to run on; `auto` takes a GPU where there is one.

    Raises:
        OptionError: for a device that is not here.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.split(":")[0] not in ("cpu", "cuda"):
        raise OptionError(f"device must be auto, cpu, cuda or cuda:1, not {device!r}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise OptionError("this machine has no GPU that torch can use; take --device cpu")
    _, colon, index = device.partition(":")
    if colon and not (index.isdigit() and int(index) < torch.cuda.device_count()):
        raise OptionError(f"device {device!r}: this machine has {torch.cuda.device_count()} GPUs")
    return device


def choose_precision(precision: str, device: str) -> str:
    """Return the precision to train in; `auto` takes bf16 where the hardware computes in it.

    Elsewhere bf16 is computed by way of fp32, which takes longer than fp32 alone.

    Args:
        precision: auto, bf16, fp16 or fp32.
        device: that trains.

    Raises:
        OptionError: for fp16 on a CPU.
    """
    if precision == "fp16" and device == "cpu":
        raise OptionError("fp16 needs a GPU; on a CPU take --precision auto, bf16 or fp32")
    if precision == "auto":
        return "bf16" if _computes_bf16(device) else "fp32"
    return precision


def _computes_bf16(device: str) -> bool:
    if device == "cpu":
        return any(torch.cpu.get_capabilities().get(name) for name in BF16)
    with torch.cuda.device(device):
        return torch.cuda.is_bf16_supported(including_emulation=False)
