"""Weighted areas under ROC and precision-recall curves, and weighted ranks, from one sort.

Data are sorted once; then any number of weights can follow. Weights are whole numbers: how often each place counts, as
if its row stood there that many times. Axes: P places, K labels, B weightings, R runs of equal values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.learning.undefined import ratio

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Runs:
    """Places by rising value, in runs of equal values: order (N,) of places; starts (R,) of the runs in it."""

    order: Integers
    starts: Integers

    def totals(self, weights: Floats) -> Floats:
        """Return the weight of each run, (B, R), of weights (B, P)."""
        ordered = np.take(weights, self.order, axis=1)
        if len(self.starts) == len(self.order):
            return ordered
        totals: Floats = np.add.reduceat(ordered, self.starts, axis=1)
        return totals

    def numbers(self) -> Integers:
        """Return the number of the run that each place of `order` lies in, (N,)."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.order)))


def runs(values: Numbers, places: Integers) -> Runs:
    """Sort places (N,) by their values (N,)."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_new = np.ones(len(values), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return Runs(places[order], np.flatnonzero(is_new))


def average_ranks(totals: Floats) -> Floats:
    """Return the rank of each run, (B, R), from their weights (B, R): the mean of the ranks that its rows share."""
    ranks: Floats = np.cumsum(totals, axis=1) - (totals - 1) / 2
    return ranks


@dataclass(frozen=True)
class Ranking:
    """Scores of one label, ready for weights.

    known: the places whose truth is known, from the highest score; positives: those of them where the label is true;
    positions: (R,), which of the runs of `known` each run of `positives` lies in.
    """

    known: Runs
    positives: Runs
    positions: Integers

    def areas(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the area under the ROC curve, (B,), and the average precision, (B,); NaN unless both values occur.

        Ties as in scikit-learn: a pair of equal scores is half in order; equal scores are found together.
        """
        if not len(self.positives.order):
            return np.full(len(weights), np.nan), np.full(len(weights), np.nan)
        among = self.known.totals(weights)
        reached = np.cumsum(among, axis=1)
        count = reached[:, -1]
        # only where positives stand does either curve rise
        hits = self.positives.totals(weights)
        found = np.cumsum(hits, axis=1)
        true = found[:, -1]
        false = count - true
        reached, among = reached[:, self.positions], among[:, self.positions]
        passed = reached - found - (among - hits) / 2
        in_order = true * false - np.einsum("br,br->b", hits, passed)
        precision = found / np.maximum(reached, 1)
        both = (true > 0) & (false > 0)
        mean_precision = np.einsum("br,br->b", hits, precision)
        return ratio(in_order, true * false), ratio(mean_precision, np.where(both, true, 0))


def rank(truth: Numbers, scores: Numbers) -> Ranking:
    """Sort the places where the truth (P,) is known, 0 or 1 and not NaN, by their scores (P,)."""
    places = np.flatnonzero(~np.isnan(truth))
    known = runs(-scores[places], places)
    is_positive = truth[known.order] == 1
    positions, starts = np.unique(known.numbers()[is_positive], return_index=True)
    return Ranking(known, Runs(known.order[is_positive], starts), positions)


class Rankings:
    """Scores of several labels, ready for weights: truth (P, K), NaN where unknown, and scores (P, K)."""

    def __init__(self, truth: Numbers, scores: Numbers) -> None:
        self._labels = [rank(truth[:, label], scores[:, label]) for label in range(truth.shape[1])]

    def areas(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the area under the ROC curve and the average precision of each label, (B, K) both."""
        found = [label.areas(weights) for label in self._labels]
        return np.stack([auroc for auroc, _ in found], axis=1), np.stack([precision for _, precision in found], axis=1)
