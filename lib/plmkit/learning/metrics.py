"""How good are predictions: accuracy, MCC, AUROC, average precision, each with a bootstrap interval."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, matthews_corrcoef, roc_auc_score

Integers = NDArray[np.int64]
Floats = NDArray[np.floating]
Metric = Callable[[Integers, Floats], float]

RESAMPLES = 1000
_LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with the bounds of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def accuracy(truth: Integers, probabilities: Floats) -> float:
    """Return the share of right answers, 0 to 1."""
    return float(accuracy_score(truth, probabilities.argmax(axis=1)))


def matthews_correlation(truth: Integers, probabilities: Floats) -> float:
    """Return the correlation of truth and answers, -1 to 1; 0 if either is constant.

    Source: Matthews 1975, doi:10.1016/0005-2795(75)90109-9; for several classes Gorodkin 2004.
    """
    return float(matthews_corrcoef(truth, probabilities.argmax(axis=1)))


def area_under_roc(truth: Integers, probabilities: Floats) -> float:
    """Return the area under the ROC curve, 0 to 1, 0.5 for guessing; several classes: mean of one against rest.

    NaN unless each class occurs.
    """
    classes = probabilities.shape[1]
    if len(np.unique(truth)) < classes:
        return float("nan")
    if classes == 2:
        return float(roc_auc_score(truth, probabilities[:, 1]))
    return float(roc_auc_score(truth, probabilities, multi_class="ovr", labels=np.arange(classes)))


def average_precision(truth: Integers, probabilities: Floats) -> float:
    """Return the mean over classes of the average precision; compare it with the class's share, not with 0.5."""
    classes = [c for c in range(probabilities.shape[1]) if (truth == c).any()]
    return float(np.mean([average_precision_score(truth == c, probabilities[:, c]) for c in classes]))


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "mcc": matthews_correlation,
    "auroc": area_under_roc,
    "average_precision": average_precision,
}


def estimates(truth: Integers, probabilities: Floats, groups: Integers, seed: int = 0) -> dict[str, Estimate]:
    """Return each metric with its percentile bootstrap interval.

    truth: (N,) class numbers; probabilities: (N, C); groups: (N,). Groups are drawn, and rows within each: examples
    of one protein are not independent. With under 20 groups the intervals are too narrow all the same. Source:
    Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8.
    """
    draws = _draws(groups, seed)
    return {name: _estimate(metric, truth, probabilities, draws) for name, metric in METRICS.items()}


def _draws(groups: Integers, seed: int) -> list[Integers]:
    generator = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]

    def draw() -> Integers:
        drawn = generator.integers(len(rows_of), size=len(rows_of))
        return np.concatenate([generator.choice(rows_of[index], size=len(rows_of[index])) for index in drawn])

    return [draw() for _ in range(RESAMPLES)]


def _estimate(metric: Metric, truth: Integers, probabilities: Floats, draws: list[Integers]) -> Estimate:
    with warnings.catch_warnings():
        # A draw may hold one class only: the metric is then 0 or NaN by definition, said in its docstring.
        warnings.simplefilter("ignore")
        values = np.array([metric(truth[rows], probabilities[rows]) for rows in draws])
        value = metric(truth, probabilities)
    values = values[~np.isnan(values)]
    if np.isnan(value) or not len(values):
        return Estimate(value, float("nan"), float("nan"))
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))
