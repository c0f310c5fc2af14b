"""The bootstrap: random draws of groups, as weights of places, and the interval that their values give.

A weight says how often a place was drawn. Axes: P places, B draws of one block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVEL = 0.95
_MANY_GROUPS = 20
_NUMBERS_OF_A_BLOCK = 2**16  # half a megabyte: a block and what is computed from it stay in the processor's cache


def draws(groups: Integers, count: int, seed: int) -> Iterator[Floats]:
    """Yield the weights (B, P) of count draws, block by block; the same ones for the same groups (P,) and seed.

    Groups are drawn, not places: those of one protein are not independent. Under 20 groups, places are drawn within
    each drawn group too: too few groups alone give intervals that are too narrow. Source: Davison & Hinkley 1997,
    Bootstrap Methods and their Application, section 3.8.
    """
    generator = np.random.default_rng(seed)
    group_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    draw_from = _whole_groups if len(sizes) >= _MANY_GROUPS else _places_of_groups
    draw = draw_from(group_of, sizes, generator)
    block = max(1, _NUMBERS_OF_A_BLOCK // len(groups))
    for start in range(0, count, block):
        yield np.stack([draw() for _ in range(min(block, count - start))])


def interval(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the bounds of the percentile interval of the values (B,) of draws; NaN are undefined values.

    Both bounds are NaN if more than half of the values are undefined.
    """
    defined = values[~np.isnan(values)]
    if len(defined) < len(values) / 2:
        return float("nan"), float("nan")
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


def _whole_groups(group_of: Integers, sizes: Integers, generator: np.random.Generator) -> Callable[[], Floats]:
    def draw() -> Floats:
        drawn = generator.integers(len(sizes), size=len(sizes))
        times = np.bincount(drawn, minlength=len(sizes)).astype(np.float64)
        return np.take(times, group_of)

    return draw


def _places_of_groups(group_of: Integers, sizes: Integers, generator: np.random.Generator) -> Callable[[], Floats]:
    members = np.split(np.argsort(group_of, kind="stable"), np.cumsum(sizes)[:-1])

    def draw() -> Floats:
        drawn = generator.integers(len(sizes), size=len(sizes))
        places = [generator.choice(members[group], size=sizes[group]) for group in drawn]
        return np.bincount(np.concatenate(places), minlength=len(group_of)).astype(np.float64)

    return draw
