"""Divide the examples of a training step into parts that fit into memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]


def parts_of(tokens: Sequence[int], budget: int) -> list[list[int]]:
    """Return lists of examples, the largest first, each of at most `budget` tokens together.

    tokens: those of each example. One larger than the budget stands alone. Largest first: if memory is short, it shows
    at once; and examples of equal length come together, which a CPU computes best.
    """
    parts: list[list[int]] = []
    filled = 0
    for index in sorted(range(len(tokens)), key=lambda index: (-tokens[index], index)):
        if parts and filled + tokens[index] <= budget:
            parts[-1].append(index)
        else:
            parts.append([index])
            filled = 0
        filled += tokens[index]
    return parts
