"""Weighted agreement of predicted with measured numbers: correlations, explained variance, errors.

Weights are whole numbers: how often each place counts. Axes: P places, K quantities, B weightings, N known places.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plmkit.learning.ranking import average_ranks, runs
from plmkit.learning.undefined import ratio

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating]

_MEASURES = ("spearman", "pearson", "r2", "rmse", "mae")


class Quantities:
    """Measured quantities, ready for weights: truth (P, K), NaN where unknown, and predicted (P, K)."""

    def __init__(self, truth: Numbers, predicted: Numbers) -> None:
        self._columns = [Quantity(truth[:, column], predicted[:, column]) for column in range(truth.shape[1])]

    def agreement(self, weights: Floats) -> dict[str, Floats]:
        """Return each measure of each quantity, (B, K) each, by weights (B, P)."""
        found = [column.agreement(weights) for column in self._columns]
        return {name: np.stack([each[name] for each in found], axis=1) for name in _MEASURES}


class Quantity:
    """One measured quantity, ready for weights: truth (P,), NaN where unknown, and predicted (P,)."""

    def __init__(self, truth: Numbers, predicted: Numbers) -> None:
        self._known = np.flatnonzero(~np.isnan(truth))
        one, other = (values[self._known].astype(np.float64) for values in (truth, predicted))
        self._truth, self._predicted, self._errors = Variable(one), Variable(other), np.abs(other - one)

    def agreement(self, weights: Floats) -> dict[str, Floats]:
        """Return each measure, (B,) each, by weights (B, P).

        spearman, pearson: -1 to 1, NaN if truth or prediction is constant. r2: the share of the variance of the truth
        that is explained, at most 1, NaN if the truth is constant. rmse, mae: root mean squared and mean absolute
        error, in the unit of the quantity. All are NaN where no truth is known.
        """
        if not len(self._known):
            return dict.fromkeys(_MEASURES, np.full(len(weights), np.nan))
        weights = np.take(weights, self._known, axis=1)
        total = weights.sum(axis=1)
        truth, true_ranks = self._truth.deviations(weights, total)
        predicted, predicted_ranks = self._predicted.deviations(weights, total)
        squares = weights @ self._errors**2
        return {
            "spearman": _correlation(weights, true_ranks, predicted_ranks),
            "pearson": _correlation(weights, truth, predicted),
            "r2": 1 - ratio(squares, _product(weights, truth, truth)),
            "rmse": np.sqrt(ratio(squares, total)),
            "mae": ratio(weights @ self._errors, total),
        }


class Variable:
    """Numbers (N,), none of them NaN, ready for weights."""

    def __init__(self, values: Floats) -> None:
        self._values = values
        self._runs = runs(values, np.arange(len(values)))
        self._run_of = self._runs.numbers()[np.argsort(self._runs.order)]

    def deviations(self, weights: Floats, total: Floats) -> tuple[Floats, Floats]:
        """Return how far values and ranks lie from their means, (B, N) both; exactly 0 if all drawn are equal.

        weights: (B, N); total: their sums, (B,). Ties share the mean of their ranks.
        """
        totals = self._runs.totals(weights)
        ranks = np.take(average_ranks(totals), self._run_of, axis=1) - (total[:, None] + 1) / 2
        varies = (totals > 0).sum(axis=1, keepdims=True) > 1
        means = (weights @ self._values) / np.maximum(total, 1)
        # rounding would leave a spread to equal values, and a correlation of noise
        return np.where(varies, self._values - means[:, None], 0), ranks


def _product(weights: Floats, one: Floats, other: Floats) -> Floats:
    product: Floats = np.einsum("bn,bn,bn->b", weights, one, other)
    return product


def _correlation(weights: Floats, one: Floats, other: Floats) -> Floats:
    spreads = np.sqrt(_product(weights, one, one)) * np.sqrt(_product(weights, other, other))
    found: Floats = np.clip(ratio(_product(weights, one, other), spreads), -1, 1)
    return found
