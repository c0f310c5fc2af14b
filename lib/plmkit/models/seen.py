"""What the head sees of each example while a model predicts: one vector, of residues the mean of their vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.rows import Indices
from plmkit.models.sources import Source
from plmkit.models.tuned import TunedModel

Floats = NDArray[np.float32]


def predict_and_see(
    model: TunedModel,
    source: Source,
    chains: Indices,
    sizes: Sequence[int],
    budget: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[Floats, Floats]:
    """Return what `TunedModel.predict` does, and a vector (N, W) for each example.

    sizes: places of each example, in order; the head is always given whole examples.
    """
    seen: list[Tensor] = []
    left = list(sizes)[::-1]

    def see(head: Any, inputs: tuple[Tensor, ...]) -> None:
        rows, lengths = len(inputs[0]), []
        while rows > 0:
            lengths.append(left.pop())
            rows -= lengths[-1]
        found = inputs[0].detach().float()
        if any(length != 1 for length in lengths):
            found = torch.segment_reduce(found, "mean", lengths=torch.tensor(lengths, device=found.device))
        seen.append(found.cpu())

    handle = model.head.register_forward_pre_hook(see)
    try:
        values = model.predict(source, chains, budget, advance)
    finally:
        handle.remove()
    return values, torch.cat(seen).numpy()
