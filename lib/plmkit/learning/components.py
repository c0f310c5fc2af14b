"""Reduce embeddings to their principal components, a block of proteins at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_NUMBERS_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Components:
    """Positions (N, K) along the principal components, and the share of the whole variance that each explains (K,)."""

    positions: Floats
    shares: NDArray[np.float64]


def principal_components(values: Floats, count: int) -> Components:
    """Return the first components of values (N, D), at most count of them and at most N - 1 or D.

    The number with the largest weight in a component has a positive one, so that a map is never mirrored by chance.
    Computed in double precision. Source: Jolliffe 2002, Principal Component Analysis, chapter 2.
    """
    mean = values.mean(axis=0, dtype=np.float64)
    count = min(count, len(values) - 1, values.shape[1])
    weights, variances = _axes(values, mean)
    weights = weights[:, :count]
    largest = np.abs(weights).argmax(axis=0)
    weights = weights * np.where(weights[largest, np.arange(count)] < 0, -1.0, 1.0)
    positions = np.empty((len(values), count), dtype=np.float32)
    for rows in blocks(len(values), values.shape[1]):
        positions[rows] = (values[rows] - mean) @ weights
    return Components(positions, variances[:count] / variances.sum())


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Yield slices of so many rows of this width as are worked on at once."""
    step = max(1, _NUMBERS_AT_ONCE // max(1, width))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def _axes(values: Floats, mean: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (D, K) and variances (K,), largest first."""
    if len(values) <= values.shape[1]:
        _, spreads, axes = np.linalg.svd(values - mean, full_matrices=False)
        return axes.T, spreads**2
    products = np.zeros((values.shape[1], values.shape[1]))
    for rows in blocks(len(values), values.shape[1]):
        centred = values[rows] - mean
        products += centred.T @ centred
    variances, weights = np.linalg.eigh(products)
    return weights[:, ::-1], np.maximum(variances[::-1], 0)
