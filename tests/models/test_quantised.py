import pytest
import torch

from plmkit.errors import UserError
from plmkit.models import quantised
from plmkit.models.quantised import check_can_quantise, four_bits


def test_without_a_gpu_four_bits_are_refused() -> None:
    with pytest.raises(UserError, match="--method qlora needs a GPU, which is not here; take --method lora"):
        check_can_quantise(torch.device("cpu"))


def test_without_bitsandbytes_four_bits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="needs the package bitsandbytes, which is not here"):
        four_bits(torch.device("cuda"))
