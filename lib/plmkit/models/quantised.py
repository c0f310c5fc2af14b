"""Hold a model's weights in 4 bits while adapters learn, where the machine can."""

from __future__ import annotations

from importlib.util import find_spec

import torch
from transformers import BitsAndBytesConfig

from plmkit.errors import UserError


def four_bits(device: torch.device) -> BitsAndBytesConfig:
    """Return how transformers loads weights in 4 bits; raises UserError without a GPU or without bitsandbytes.

    Source: Dettmers et al. 2023, QLoRA, doi:10.48550/arXiv.2305.14314.
    """
    check_can_quantise(device)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def check_can_quantise(device: torch.device) -> None:
    """Raise UserError unless there are a GPU and the package bitsandbytes."""
    if device.type != "cuda" or find_spec("bitsandbytes") is None:
        missing = "a GPU" if device.type != "cuda" else "the package bitsandbytes"
        raise UserError(f"--method qlora needs {missing}, which is not here; take --method lora")
