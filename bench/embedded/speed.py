"""How fast a model of a shape learns, beside what the processor can do at most."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench.embedded.features import untrained

from plmkit.data.fasta import read_fasta
from plmkit.learning.pretraining import PretrainingSettings, pretrain
from plmkit.models.masked import MaskedModel, load_masked_model
from plmkit.models.source import ModelFiles

_WARM_UP_STEPS = 3
_STEP_TOKENS, _LONGEST, _MASK_SHARE = 8192, 256, 0.15
_PROTEINS = 4000
_PEAK_SIZE, _PEAK_TIMES = 2048, 8


@dataclass(frozen=True)
class Speed:
    """tokens_per_second: residues, starts and ends; flops and peak: floating-point operations a second."""

    precision: str
    tokens_per_second: float
    flops: float
    peak: float

    def describe(self) -> dict[str, Any]:
        """Return the fields, and the share of the peak."""
        return asdict(self) | {"share_of_peak": self.flops / self.peak}


def training_speeds(files: ModelFiles, fasta: Path, device: torch.device, steps: int) -> list[Speed]:
    """Train a model of the same shape from random weights for some steps in each precision."""
    sequences = read_fasta(fasta, "train").sequences[:_PROTEINS]
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        start = untrained(files, Path(temporary), 1)
        return [_speed(start, sequences, device, precision, steps) for precision in (torch.bfloat16, torch.float32)]


def _speed(
    files: ModelFiles, sequences: Sequence[str], device: torch.device, precision: torch.dtype, steps: int
) -> Speed:
    model = load_masked_model(files, device, precision)
    pretrain(model, sequences, sequences[:1], _settings(_WARM_UP_STEPS), None)
    before = peak(precision, device)
    found = pretrain(model, sequences, sequences[:1], _settings(steps), None).tokens_per_second
    # the better of two: the processor may be shared
    best = max(before, peak(precision, device))
    flops = found * operations_of_a_token(model, sequences)
    return Speed(str(precision).removeprefix("torch."), found, flops, best)


def _settings(steps: int) -> PretrainingSettings:
    return PretrainingSettings(
        steps=steps,
        step_tokens=_STEP_TOKENS,
        batch_tokens=_STEP_TOKENS,
        longest=_LONGEST,
        learning_rate=0.003,
        warm_up=0.05,
        mask_share=_MASK_SHARE,
        evaluations=1,
        muon=True,
        seed=1,
    )


def operations_of_a_token(model: MaskedModel, sequences: Sequence[str]) -> float:
    """Return the operations of forward and backward: 6 for each weight of the matrices, 12 L D a layer in attention.

    The head works on hidden residues alone. The optimiser (Muon multiplies matrices too), norms and activations are
    not counted: this is what the model needs, not what the program does. Source: Kaplan et al. 2020, arXiv:2001.08361.
    """
    config = model.files.config
    width, layers, wider, letters = (
        int(config[key]) for key in ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size")
    )
    inner = layers * (4 * width * width + 2 * width * wider)
    head = width * width + width * letters
    lengths = np.array([min(len(sequence), _LONGEST) + 2 for sequence in sequences])
    seen = float((lengths**2).sum() / lengths.sum())  # tokens which a token attends to, on average
    return 6 * (inner + _MASK_SHARE * head) + 12 * seen * width * layers


def peak(precision: torch.dtype, device: torch.device) -> float:
    """Return the operations a second of the fastest of some products of two large matrices."""
    one, other = (torch.randn(_PEAK_SIZE, _PEAK_SIZE, device=device).to(precision) for _ in range(2))
    seconds = []
    for _ in range(_PEAK_TIMES):
        began = time.perf_counter()
        product = one @ other
        float(product[0, 0])  # waits for a GPU
        seconds.append(time.perf_counter() - began)
    return 2 * _PEAK_SIZE**3 / min(seconds)
