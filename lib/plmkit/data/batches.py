"""Divide things into parts that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]
Thing = TypeVar("Thing")


def filled(things: Iterable[Thing], tokens_of: Callable[[Thing], int], budget: int) -> Iterator[list[Thing]]:
    """Yield parts of at most `budget` tokens in the order of things; one larger than the budget stands alone."""
    part: list[Thing] = []
    held = 0
    for thing in things:
        tokens = tokens_of(thing)
        if part and held + tokens > budget:
            yield part
            part, held = [], 0
        part.append(thing)
        held += tokens
    if part:
        yield part


def parts_of(tokens: Sequence[int], budget: int) -> list[list[int]]:
    """Return lists of examples, the largest first, each of at most `budget` tokens together; see `filled`.

    tokens: those of each example. Largest first: if memory is short, it shows at once; and examples of equal length
    come together, which a CPU computes best.
    """
    order = sorted(range(len(tokens)), key=lambda index: (-tokens[index], index))
    return list(filled(order, tokens.__getitem__, budget))
