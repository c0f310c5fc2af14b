"""Which sequences are read for which examples: each distinct one once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """The distinct sequences, and for each example the numbers (N, 1) of its own, or (N, 2) of the two of a pair."""

    sequences: tuple[str, ...]
    chains: Indices

    def __len__(self) -> int:
        return len(self.chains)


def rows_of(examples: Sequence[tuple[str, ...]]) -> Rows:
    """Number the distinct sequences of examples in the order in which they first occur."""
    number: dict[str, int] = {}
    chains = [[number.setdefault(sequence, len(number)) for sequence in example] for example in examples]
    return Rows(tuple(number), np.array(chains, dtype=np.int64).reshape(len(examples), -1))
