"""A system trains on a device that is here, in a precision that it computes in."""

from contextlib import nullcontext

import pytest
import torch

from ser_plugins.core.devices import choose_device, choose_precision
from ser_plugins.core.errors import OptionError


@pytest.mark.parametrize(
    ("has", "takes"),
    [({"amx_bf16": True}, "bf16"), ({"avx512_bf16": True}, "bf16"), ({"amx_bf16": False}, "fp32")],
)
def test_auto_takes_bf16_where_the_processor_has_it(monkeypatch, has, takes):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    assert choose_precision("auto", "cpu") == takes


@pytest.mark.parametrize(("has", "takes"), [(True, "bf16"), (False, "fp32")])
def test_auto_takes_bf16_where_the_gpu_has_it_and_does_not_count_emulation(monkeypatch, has, takes):
    def is_supported(including_emulation=True):
        return has or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_supported)
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    assert choose_precision("auto", "cuda:1") == takes


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_precision_that_is_named_is_taken(monkeypatch, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert choose_precision(precision, "cpu") == precision


def test_half_precision_on_a_processor_is_refused():
    with pytest.raises(OptionError, match="fp16 needs a GPU"):
        choose_precision("fp16", "cpu")


@pytest.mark.parametrize("device", ["tpu", "cpu:", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(device):
    with pytest.raises(OptionError, match="device must be|GPU"):
        choose_device(device)
