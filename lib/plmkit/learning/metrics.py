"""How good are predictions: accuracy, MCC, AUROC, average precision, each with a bootstrap interval."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, matthews_corrcoef, roc_auc_score

Integers = NDArray[np.int64]
Floats = NDArray[np.floating]
Metric = Callable[[Integers, Floats], float]

RESAMPLES = 1000
_LEVEL = 0.95
_MANY_GROUPS = 20


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


def average_precision(truth: Integers, probabilities: Floats, positive: int = 1) -> float:
    """Return the average precision of the positive class; several classes: the mean over them.

    Guessing gives the share of the class. NaN unless each class occurs.
    """
    classes = probabilities.shape[1]
    if len(np.unique(truth)) < classes:
        return float("nan")
    wanted = [positive] if classes == 2 else range(classes)
    return float(np.mean([average_precision_score(truth == c, probabilities[:, c]) for c in wanted]))


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "mcc": matthews_correlation,
    "auroc": area_under_roc,
    "average_precision": average_precision,
}


def estimates(
    truth: Integers, probabilities: Floats, groups: Integers, positive: int = 1, seed: int = 0
) -> dict[str, Estimate]:
    """Return each metric with its percentile bootstrap interval.

    truth: (N,) class numbers; probabilities: (N, C); groups: (N,); positive: the class that average precision is of.
    Groups are drawn, not rows: examples of one protein are not independent. Under 20 groups, rows are drawn within
    each group too: too few groups alone give intervals that are too narrow. Source: Davison & Hinkley 1997, Bootstrap
    Methods and their Application, section 3.8.
    """
    metrics = METRICS | {"average_precision": partial(average_precision, positive=positive)}
    draws = _draws(groups, seed)

    def on_rows(metric: Metric) -> Callable[[Integers], float]:
        return lambda rows: metric(truth[rows], probabilities[rows])

    return {name: _estimate(on_rows(metric), len(truth), draws) for name, metric in metrics.items()}


def auroc_difference(truth: Integers, one: Floats, other: Floats, groups: Integers, seed: int = 0) -> Estimate:
    """Return how much larger the area under the ROC curve of one method is, both judged on the same draws."""

    def difference(rows: Integers) -> float:
        return area_under_roc(truth[rows], one[rows]) - area_under_roc(truth[rows], other[rows])

    return _estimate(difference, len(truth), _draws(groups, seed))


def _draws(groups: Integers, seed: int) -> list[Integers]:
    generator = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    whole = len(rows_of) >= _MANY_GROUPS

    def draw() -> Integers:
        drawn = generator.integers(len(rows_of), size=len(rows_of))
        if whole:
            return np.concatenate([rows_of[index] for index in drawn])
        return np.concatenate([generator.choice(rows_of[index], size=len(rows_of[index])) for index in drawn])

    return [draw() for _ in range(RESAMPLES)]


def _estimate(measure: Callable[[Integers], float], count: int, draws: list[Integers]) -> Estimate:
    with warnings.catch_warnings():
        # A draw may hold one class only: the metric is then 0 or NaN by definition, said in its docstring.
        warnings.simplefilter("ignore")
        values = np.array([measure(rows) for rows in draws])
        value = measure(np.arange(count))
    values = values[~np.isnan(values)]
    if np.isnan(value) or len(values) < len(draws) / 2:
        return Estimate(value, float("nan"), float("nan"))
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))
