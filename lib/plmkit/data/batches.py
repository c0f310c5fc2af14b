"""Group token rows into batches of similar length under a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return index lists, longest rows first, each at most `budget` tokens after padding.

    A row longer than the budget stands alone. Longest first: if memory is short, it shows at once.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    batches: list[list[int]] = []
    for index in order:
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
