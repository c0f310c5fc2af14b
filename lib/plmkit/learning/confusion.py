"""Weighted counts of right and wrong answers, and what follows from them: accuracy, MCC, F1.

Weights are whole numbers: how often each place counts. Axes: P places, C classes or labels, B weightings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.learning.undefined import ratio

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = NDArray[np.floating]

_THRESHOLD = 0.5


@dataclass(frozen=True)
class Counts:
    """For each class: where it is true, where it is the answer, and where it is both; (B, C) each."""

    true: Floats
    answered: Floats
    right: Floats


class ClassAnswers:
    """One true class and one answer for each place: truth (P,) and answers (P,), class numbers."""

    def __init__(self, truth: Integers, answers: Integers, classes: int) -> None:
        self._truth, self._answers, self._classes = truth, answers, classes
        self._right = np.flatnonzero(truth == answers)

    def counts(self, weights: Floats) -> Counts:
        """Count by weights (B, P)."""
        right = np.take(weights, self._right, axis=1)
        return Counts(
            self._sums(self._truth, weights),
            self._sums(self._answers, weights),
            self._sums(self._truth[self._right], right),
        )

    def _sums(self, numbers: Integers, weights: Floats) -> Floats:
        return np.stack([np.bincount(numbers, row, self._classes) for row in weights])


class LabelAnswers:
    """Any number of true labels for each place: truth (P, C) of 0, 1 and NaN; the answer is yes from 0.5 (P, C)."""

    def __init__(self, truth: Numbers, probabilities: Numbers) -> None:
        true, answered = truth == 1, (probabilities >= _THRESHOLD) & ~np.isnan(truth)
        self._true, self._answered, self._right = (
            part.astype(np.float64) for part in (true, answered, true & answered)
        )

    def counts(self, weights: Floats) -> Counts:
        """Count by weights (B, P)."""
        return Counts(weights @ self._true, weights @ self._answered, weights @ self._right)


def accuracy(counts: Counts) -> Floats:
    """Return the share of right answers, 0 to 1, (B,)."""
    return ratio(counts.right.sum(axis=1), counts.true.sum(axis=1))


def matthews_correlation(counts: Counts) -> Floats:
    """Return the correlation of truth and answers, -1 to 1, (B,); 0 if either is constant.

    Source: Matthews 1975, doi:10.1016/0005-2795(75)90109-9; for several classes Gorodkin 2004,
    doi:10.1016/j.compbiolchem.2004.09.006.
    """
    true, answered = counts.true, counts.answered
    total = true.sum(axis=1)
    together = counts.right.sum(axis=1) * total - (true * answered).sum(axis=1)
    spreads = [total**2 - (sums**2).sum(axis=1) for sums in (true, answered)]
    return np.nan_to_num(ratio(together, np.sqrt(spreads[0]) * np.sqrt(spreads[1])))


def f1(counts: Counts) -> Floats:
    """Return the harmonic mean of precision and recall of each class, 0 to 1, (B, C).

    NaN where a class is neither true nor an answer.
    """
    return ratio(2 * counts.right, counts.true + counts.answered)


def micro_f1(counts: Counts) -> Floats:
    """Return F1 of all answers to all labels together, (B,); NaN if nothing is true nor an answer."""
    return ratio(2 * counts.right.sum(axis=1), (counts.true + counts.answered).sum(axis=1))
