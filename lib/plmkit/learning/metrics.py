"""How good predictions are, for each kind of task, with bootstrap intervals.

Axes: P places (what bears a label: a protein, a pair, a window, a residue), K columns of the truth, C columns of the
predictions, B draws.

truth (P, K): the class number; for a multi-label task 0, 1 or NaN where unknown; for a regression the value or NaN.
predicted (P, C): probabilities of the classes or of each label; for a regression values.
groups (P,): places of one group, as those of one protein, are drawn together.

accuracy: the share of right answers. mcc: the correlation of truth and answers; 0 if either is constant. macro_f1:
the mean F1 of the classes that occur in truth or answers; of the labels that are somewhere true. micro_f1: F1 of all
labels together. A label is answered by yes from a probability of 0.5. auroc: 0.5 for guessing; of class 1, or the mean
of each class against the rest, or of the labels. average_precision: guessing gives the share; of the positive class, or
the mean of the classes, or of the labels. Both need each class to occur; a label counts where both of its values do.
spearman, pearson, r2, rmse, mae: the mean of the quantities whose truth is known and, but for the errors, not constant.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Kind
from plmkit.learning import bootstrap
from plmkit.learning.measures import ERRORS, FAMILIES, prepare, prepare_by_label
from plmkit.learning.undefined import ratio

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = NDArray[np.floating]
Key = TypeVar("Key", bound=Hashable)

RESAMPLES = 1000
METRICS: Mapping[Kind, tuple[str, ...]] = {
    kind: tuple(chain.from_iterable(families.values())) for kind, families in FAMILIES.items()
}
HIGHER_IS_BETTER: Mapping[str, bool] = {name: name not in ERRORS for names in METRICS.values() for name in names}


@dataclass(frozen=True)
class Estimate:
    """A value with the bounds of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def value(metric: str, kind: Kind, truth: Numbers, predicted: Numbers, positive: int = 1) -> float:
    """Return one metric without an interval; NaN where it is not defined."""
    measure = prepare([metric], kind, truth, predicted, positive)
    return float(measure(np.ones((1, len(truth))))[metric][0])


def estimates(
    kind: Kind, truth: Numbers, predicted: Numbers, groups: Integers, positive: int = 1, seed: int = 0
) -> dict[str, Estimate]:
    """Return each metric of the kind with its interval; positive: the class that average precision is of."""
    return _estimates(prepare(METRICS[kind], kind, truth, predicted, positive), groups, seed)


def estimates_by_label(
    task_labels: Sequence[str], kind: Kind, truth: Numbers, predicted: Numbers, groups: Integers, seed: int = 0
) -> dict[str, dict[str, Estimate]]:
    """Return for each label its own metrics: of a class against the rest, of one label, of one quantity.

    Those of classes and labels are auroc, average_precision and f1. None for two classes or one quantity, of which the
    metrics of the task say all.
    """
    if kind != "multilabel" and len(task_labels) <= (2 if kind == "classification" else 1):
        return {}
    of_columns = prepare_by_label(kind, truth, predicted)

    def measure(weights: Floats) -> dict[tuple[str, str], Floats]:
        found = of_columns(weights)
        return {(label, name): found[name][:, column] for column, label in enumerate(task_labels) for name in found}

    found: dict[str, dict[str, Estimate]] = {label: {} for label in task_labels}
    for (label, name), estimate in _estimates(measure, groups, seed).items():
        found[label][name] = estimate
    return found


def prevalence_by_label(
    task_labels: Sequence[str], kind: Kind, truth: Numbers, groups: Integers, seed: int = 0
) -> dict[str, Estimate]:
    """Return for each class or label the share of the known places that have it: guessing has it as its precision."""
    known = (~np.isnan(truth)).astype(np.float64)
    is_true = (truth == (np.arange(len(task_labels)) if kind == "classification" else 1)).astype(np.float64)

    def measure(weights: Floats) -> dict[str, Floats]:
        shares = ratio(weights @ is_true, np.broadcast_to(weights @ known, (len(weights), len(task_labels))))
        return {label: shares[:, column] for column, label in enumerate(task_labels)}

    return _estimates(measure, groups, seed)


def difference(
    metric: str,
    kind: Kind,
    truth: Numbers,
    one: Numbers,
    other: Numbers,
    groups: Integers,
    positive: int = 1,
    seed: int = 0,
    comparisons: int = 1,
) -> Estimate:
    """Return how much larger a metric of the predictions of one method is, both judged on the same draws.

    comparisons: how many differences are looked at together; all their intervals hold together with 95 % (Bonferroni).
    """
    measures = [prepare([metric], kind, truth, predicted, positive) for predicted in (one, other)]

    def measure(weights: Floats) -> dict[str, Floats]:
        return {metric: measures[0](weights)[metric] - measures[1](weights)[metric]}

    return _estimates(measure, groups, seed, 1 - (1 - bootstrap.LEVEL) / comparisons)[metric]


def _estimates(
    measure: Callable[[Floats], dict[Key, Floats]], groups: Integers, seed: int, level: float = bootstrap.LEVEL
) -> dict[Key, Estimate]:
    whole = {name: float(values[0]) for name, values in measure(np.ones((1, len(groups)))).items()}
    blocks = [measure(weights) for weights in bootstrap.draws(groups, RESAMPLES, seed)]
    drawn = {name: np.concatenate([block[name] for block in blocks]) for name in whole}
    return {name: _estimate(found, drawn[name], level) for name, found in whole.items()}


def _estimate(found: float, drawn: Floats, level: float) -> Estimate:
    # without a value for the data there is no interval round it, even if some draws have one
    low, high = (found, found) if np.isnan(found) else bootstrap.interval(drawn, level)
    return Estimate(found, low, high)
