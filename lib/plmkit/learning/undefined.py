"""Arithmetic where a value may be undefined, which is NaN, without warnings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return numerator / denominator, of one shape, and NaN where the denominator is 0."""
    ratios: Floats = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=ratios, where=denominator != 0)
    return ratios


def mean_where(values: Floats, counted: NDArray[np.bool_]) -> Floats:
    """Return the mean of the counted values of each row, (B,), of values (B, K); NaN if none is counted."""
    return ratio(np.where(counted, values, 0).sum(axis=1), counted.sum(axis=1).astype(np.float64))


def mean_of_defined(values: Floats) -> Floats:
    """Return the mean of each row, (B,), of values (B, K) without those that are NaN; NaN if all are."""
    return mean_where(values, ~np.isnan(values))
