"""Which proteins resemble each other most, and which resemble none: neighbours, duplicates, outliers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import NearestNeighbors

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_PAIRS = 10_000
_FEW = 10
_MOST_DIMENSIONS_OF_A_TREE = 15
_TO_SPREAD = 0.6745  # a normal distribution's median absolute deviation is this part of its standard deviation
_FAR = 3.5


@dataclass(frozen=True)
class Neighbours:
    """The K nearest others of each protein, nearest first: rows (N, K) and distances (N, K)."""

    rows: Integers
    distances: NDArray[np.float64]


def first_of_equals(values: Floats) -> Integers:
    """Return for each row of values (N, D) the first row with the very same numbers, (N,)."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in values)
    return np.array([first.setdefault(digest, row) for row, digest in enumerate(digests)], dtype=np.int64)


def nearest_neighbours(points: Floats, count: int) -> Neighbours:
    """Return the nearest others (at most count, at most N - 1) of points (N, K) by Euclidean distance; exact."""
    method = "kd_tree" if points.shape[1] <= _MOST_DIMENSIONS_OF_A_TREE else "brute"
    search = NearestNeighbors(n_neighbors=min(count, len(points) - 1), algorithm=method).fit(points)
    distances, rows = search.kneighbors()
    return Neighbours(rows.astype(np.int64), distances.astype(np.float64))


def typical_distance(values: Floats, seed: int) -> float:
    """Return the median Euclidean distance between two proteins drawn at random, of 10,000 pairs."""
    generator = np.random.default_rng(seed)
    one = generator.integers(len(values), size=_PAIRS)
    other = (one + generator.integers(1, len(values), size=_PAIRS)) % len(values)
    return float(np.median(distances_of_pairs(values, one, other)))


def distances_of_pairs(values: Floats, one: Integers, other: Integers) -> NDArray[np.float64]:
    """Return the Euclidean distances (P,) of pairs of rows of values (N, D)."""
    return np.array(
        [
            np.linalg.norm(values[left].astype(np.float64) - values[right])
            for left, right in zip(one.tolist(), other.tolist(), strict=True)
        ]
    )


def first_of_alike(values: Floats, neighbours: Neighbours, largest: float) -> Integers:
    """Return for each protein the first one of its group of near duplicates, itself if there is none, (N,).

    Two are near duplicates whose embeddings values (N, D) are no farther apart than largest; a group is linked by such
    pairs. neighbours may be those in fewer dimensions, where distances are never larger.
    """
    one, column = np.nonzero(neighbours.distances <= largest * 1.001)  # rounding
    other = neighbours.rows[one, column]
    close = distances_of_pairs(values, one, other) <= largest
    links = coo_array((np.ones(close.sum()), (one[close], other[close])), shape=(len(values), len(values)))
    _, groups = connected_components(links, directed=False)
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    found: Integers = first[group].astype(np.int64)
    return found


def far_from_all(neighbours: Neighbours) -> NDArray[np.bool_]:
    """Say of each protein whether its neighbours are unusually far: an outlier, (N,).

    The distance to the tenth neighbour, on a logarithmic scale, is more than 3.5 robust standard deviations above the
    median. With ten proteins or fewer there are none. Source: Iglewicz & Hoaglin 1993, How to Detect and Handle
    Outliers (modified z-score); Ramaswamy et al. 2000, doi:10.1145/342009.335437 (distance to the k-th neighbour).
    """
    farthest = neighbours.distances[:, min(_FEW, neighbours.distances.shape[1]) - 1]
    if len(farthest) <= _FEW:
        return np.zeros(len(farthest), dtype=np.bool_)
    logarithms = np.log(np.maximum(farthest, np.finfo(np.float32).tiny))
    above = logarithms - np.median(logarithms)
    spread = np.median(np.abs(above)) / _TO_SPREAD
    found: NDArray[np.bool_] = above > _FAR * max(float(spread), 1e-9)
    return found


def agreement(neighbours: Neighbours, categories: Sequence[str | None], count: int = _FEW) -> tuple[float, float]:
    """Return the share of neighbours with a protein's own category, and that share if neighbours were drawn by chance.

    Proteins without a category (None) are left out. NaN where none has a neighbour with one.
    """
    names, numbers = np.unique([name or "" for name in categories], return_inverse=True)
    numbers[np.array([name is None for name in categories])] = -1
    around = numbers[neighbours.rows[:, :count]]
    counted = (numbers[:, None] >= 0) & (around >= 0)
    sizes = np.bincount(numbers[numbers >= 0], minlength=len(names)).astype(float)
    total = sizes.sum()
    if not counted.any() or total <= 1:
        return float("nan"), float("nan")
    by_chance = (sizes * (sizes - 1)).sum() / (total * (total - 1))
    return float((around == numbers[:, None])[counted].mean()), float(by_chance)
