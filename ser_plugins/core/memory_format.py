"""How the weights of two-dimensional convolutions lie in memory; what they give lies likewise."""

import torch
from torch import nn

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


def lay_out(module: nn.Module, channels_last: bool = True) -> None:
    """Lay the weights of a module's two-dimensional convolutions out anew; their values stay.

    Args:
        module: any; what is not such a convolution is left as it is.
        channels_last: whether the channels of a pixel lie side by side, with which a convolution
            goes faster; its numbers are rounded otherwise.
    """
    wanted = torch.channels_last if channels_last else torch.contiguous_format
    for one in module.modules():
        if isinstance(one, CONVOLUTIONS):
            for parameter in one.parameters(recurse=False):
                if parameter.ndim == 4:
                    parameter.data = parameter.data.to(memory_format=wanted)
