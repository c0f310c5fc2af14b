"""How honest probabilities, sets and intervals are: calibration error, Brier score, coverage.

Axes: P places, C classes or labels, B draws of the bootstrap, K bins.

ece: the expected calibration error, over 15 bins of equal width the mean distance between the mean probability and the
share of right answers (Guo et al. 2017, doi:10.48550/arXiv.1706.04599); of two classes, and of each of several labels,
of the probability of the last one or the label; of more classes of that of the answer. brier: the mean squared distance
between probabilities and truth, of classes summed up over them (Brier 1950,
doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2), of two classes or of labels that of one. coverage: how often a set
or an interval holds the truth. set_size: how many labels a set has; width: how wide an interval is (means). Intervals
without bounds, for want of validation examples, hold everything and tell nothing: they are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning import bootstrap, metrics
from plmkit.learning.conformal import label_sets
from plmkit.learning.metrics import Estimate

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Measure = Callable[[Doubles], Doubles]  # from weights (B, P) to values (B,)

BINS = 15
UNCALIBRATED = "_uncalibrated"


@dataclass(frozen=True)
class Claims:
    """Probabilities that were claimed (P,), and whether what they were claimed of is true (P,)."""

    claimed: Doubles
    is_true: NDArray[np.bool_]
    place: Integers


def claims_of(task: Task, truth: Floats, predicted: Floats) -> Claims:
    """Return what a reliability curve is drawn of: see above; known labels of all places, one after the other.

    truth: (P, K), predicted: (P, C).
    """
    places = np.arange(len(truth))
    if task.kind == "multilabel":
        known = np.isfinite(truth)
        return Claims(predicted[known].astype(np.float64), truth[known] > 0, np.nonzero(known)[0])
    classes = truth[:, 0].astype(np.int64)
    answers = np.ones(len(truth), dtype=np.int64) if task.is_binary else predicted.argmax(axis=1)
    return Claims(predicted[places, answers].astype(np.float64), classes == answers, places)


def measures_of(
    task: Task, truth: Floats, before: Floats, after: Floats, thresholds: Doubles | None, groups: Integers
) -> dict[str, Estimate]:
    """Return the measures that suit the labels, with intervals; see `trust.Trust.measures`."""
    measures: dict[str, Measure] = {}
    if task.kind != "regression":
        for suffix, predicted in (("", after), (UNCALIBRATED, before)):
            measures[f"ece{suffix}"] = _calibration_error(claims_of(task, truth, predicted), len(truth))
            measures[f"brier{suffix}"] = _brier(task, truth, predicted)
    if thresholds is not None and (task.kind != "regression" or np.isfinite(thresholds).any()):
        measures |= _coverage(task, truth, after, thresholds)
    return {name: _estimate(measure, groups) for name, measure in measures.items()}


def covered(task: Task, truth: Floats, predicted: Floats, thresholds: Doubles) -> Doubles:
    """Return 1 where the set or the interval holds the truth, 0 where not, NaN where it is unknown: (P,) or (P, C)."""
    if task.kind == "regression":
        inside = np.abs(truth - predicted) <= thresholds
        return np.where(np.isnan(truth), np.nan, inside)
    sets = label_sets(predicted, thresholds)
    return sets[np.arange(len(truth)), truth[:, 0].astype(np.int64)].astype(np.float64)


def _coverage(task: Task, truth: Floats, predicted: Floats, thresholds: Doubles) -> dict[str, Measure]:
    held = covered(task, truth, predicted, thresholds)
    if task.kind == "regression":
        known = ~np.isnan(held) & np.isfinite(thresholds)
        widths = np.where(known, 2 * thresholds, 0.0)
        return {"coverage": _mean(np.where(known, held, 0.0), known), "width": _mean(widths, known)}
    sizes = label_sets(predicted, thresholds).sum(axis=1).astype(np.float64)
    return {"coverage": _mean(held), "set_size": _mean(sizes)}


def _mean(values: Doubles, counts: NDArray[np.bool_] | None = None) -> Measure:
    """Return a weighted mean of values (P,) or (P, C); counts: which of them do."""
    total = values if values.ndim == 1 else values.sum(axis=1)
    number = np.ones(len(values)) if counts is None else counts.sum(axis=1).astype(np.float64)

    def measure(weights: Doubles) -> Doubles:
        found: Doubles = np.full(len(weights), np.nan)
        return np.divide(weights @ total, weights @ number, out=found, where=weights @ number > 0)

    return measure


def _brier(task: Task, truth: Floats, predicted: Floats) -> Measure:
    if task.kind == "multilabel":
        known = np.isfinite(truth)
        return _mean(np.where(known, (np.nan_to_num(truth) - predicted) ** 2, 0.0).astype(np.float64), known)
    is_class = truth == np.arange(len(task.labels))
    squares = ((is_class - predicted.astype(np.float64)) ** 2).sum(axis=1)
    return _mean(squares / 2 if task.is_binary else squares)


def _calibration_error(claims: Claims, places: int) -> Measure:
    bins = np.minimum((claims.claimed * BINS).astype(np.int64), BINS - 1)
    gaps = np.zeros((places, BINS))  # (P, K) summed up over the labels of a place
    np.add.at(gaps, (claims.place, bins), claims.claimed - claims.is_true)
    counts = np.bincount(claims.place, minlength=places).astype(np.float64)

    def measure(weights: Doubles) -> Doubles:
        return np.asarray(np.abs(weights @ gaps).sum(axis=1) / (weights @ counts), dtype=np.float64)

    return measure


def _estimate(measure: Measure, groups: Integers) -> Estimate:
    whole = float(measure(np.ones((1, len(groups))))[0])
    drawn = np.concatenate([measure(weights) for weights in bootstrap.draws(groups, metrics.RESAMPLES, 0)])
    return Estimate(whole, *((whole, whole) if np.isnan(whole) else bootstrap.interval(drawn)))
