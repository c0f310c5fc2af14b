"""Sets of labels, and intervals of quantities, that hold the truth as often as was asked for.

Split conformal prediction: the errors of the validation examples say how far to go. It holds for examples that are like
those (exchangeable) and were not used to fit the model; the validation examples also chose the epoch and calibrated the
probabilities, so it holds nearly, not exactly.

Sources: Angelopoulos and Bates 2021, doi:10.48550/arXiv.2107.07511; the smallest sets, and sets that hold each class as
often as asked for, Sadinle et al. 2019, doi:10.1080/01621459.2017.1395341.

Axes: P places, C labels or quantities.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning.calibration import MANY_OF_EACH, MOST_CLASSES

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

_MOST_SCORES = 200
_DIGITS = 9


@dataclass(frozen=True)
class Scores:
    """How wrong validation predictions were: how many there were, and some of them in rising order, (S,).

    Those kept are of equally spaced ranks, the largest among them; between two, the larger one counts.
    """

    count: int
    kept: Doubles

    def threshold(self, level: float) -> float:
        """Return what a score exceeds with probability 1 - level at most; infinite when there are too few."""
        rank = math.ceil((self.count + 1) * level - 1e-9)
        if rank > self.count:
            return math.inf
        return float(self.kept[np.searchsorted(_ranks(self.count), rank)])


@dataclass(frozen=True)
class Conformal:
    """Scores of all places together (one), of the places of each class alone, or of each quantity."""

    scores: tuple[Scores, ...]

    @property
    def by_label(self) -> bool:
        """Whether each class, or each quantity, has its own."""
        return len(self.scores) > 1

    def thresholds(self, level: float) -> Doubles:
        """Return the threshold of each class or quantity, (C,), or (1,) for all of them."""
        return np.array([scores.threshold(level) for scores in self.scores])

    def to_json(self) -> dict[str, Any]:
        """Return it for plmkit.json."""
        return {"scores": [{"count": each.count, "kept": each.kept.tolist()} for each in self.scores]}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], task: Task) -> Conformal:
        """Return what to_json wrote; raises ValueError, KeyError or TypeError."""
        found = tuple(Scores(int(each["count"]), np.array(each["kept"], dtype=np.float64)) for each in saved["scores"])
        if len(found) != len(task.labels) and not (len(found) == 1 and task.kind == "classification"):
            raise ValueError(f"{len(found)} lists of conformal scores")
        for scores in found:
            if scores.count < 0 or scores.kept.shape != _ranks(scores.count).shape or (np.diff(scores.kept) < 0).any():
                raise ValueError("conformal scores that do not fit their count")
        return cls(found)


def fit_conformal(task: Task, truth: Floats, predicted: Floats) -> Conformal | None:
    """Return the scores of validation places: truth (P, K), predicted (P, C) calibrated; None for several labels.

    Classes: one minus the probability of the true one; of each class alone where all (at most 20) have 100 places, so
    that a rare class is held as often as a frequent one. Quantities: the distance from the true value.
    """
    if task.kind == "multilabel" or not len(truth):
        return None
    if task.kind == "regression":
        errors = np.abs(truth - predicted)
        return Conformal(tuple(_scores(column[np.isfinite(column)]) for column in errors.T))
    classes = truth[:, 0].astype(np.int64)
    wrong = 1 - predicted[np.arange(len(classes)), classes]
    counts = np.bincount(classes, minlength=len(task.labels))
    if counts.min() >= MANY_OF_EACH and len(counts) <= MOST_CLASSES:
        return Conformal(tuple(_scores(wrong[classes == c]) for c in range(len(counts))))
    return Conformal((_scores(wrong),))


def label_sets(predicted: Floats, thresholds: Doubles) -> NDArray[np.bool_]:
    """Return which classes each set holds, (P, C); the most probable one is always in it."""
    inside: NDArray[np.bool_] = 1 - predicted <= thresholds + 10.0**-_DIGITS
    inside[np.arange(len(predicted)), predicted.argmax(axis=1)] = True
    return inside


def _scores(found: Floats) -> Scores:
    rising = np.sort(found.astype(np.float64))
    return Scores(len(rising), np.round(rising[_ranks(len(rising)) - 1], _DIGITS))


def _ranks(count: int) -> NDArray[np.int64]:
    """Return the ranks, from 1, of the scores that are kept."""
    most = min(count, _MOST_SCORES)
    return -(-np.arange(1, most + 1) * count // max(1, most))
