"""Where "yes" begins: thresholds of calibrated probabilities by rules that have names, learned from validation places.

mcc: the highest Matthews correlation; of equal ones the highest threshold. fpr_X: the lowest threshold that says yes to
at most X % of the negatives. precision_X: the lowest threshold from which on at least X % of the answers yes are right.

What a rule promises shall hold for other places, not for these alone, among which the threshold was chosen. So of n
negatives with k above the threshold the rate is taken as (k + 1) / (n + 1), its expectation for the next negative
(Vovk et al. 2005, doi:10.1007/b106715): 1 % needs 99 negatives. A precision counts from 20 answers yes, and as its
lower bound of one-sided 90 % (Wilson 1927, doi:10.1080/01621459.1927.10502953): a lucky few do not reach a rule.

Axes: P places, K columns of the truth, C classes or labels, S different scores, falling.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning.answers import Answers, truth_of_labels

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]

RULES = ("mcc", "fpr_1", "fpr_5", "fpr_10", "precision_50", "precision_80", "precision_90")
FEWEST_YES = 20  # answers, fewer do not tell a precision
_SURE = 1.2815515655446004  # deviations of a normal distribution below which 90 % lie


@dataclass(frozen=True)
class Threshold:
    """A calibrated probability from which on the answer is yes, and what it gave on the validation places.

    NaN: not defined there.
    """

    rule: str
    value: float
    sensitivity: float
    false_positive_rate: float
    precision: float
    mcc: float


Thresholds = Mapping[str, Mapping[str, Threshold]]  # label -> rule -> threshold; a rule out of reach is absent


def fit_thresholds(task: Task, positive: int, truth: Floats, calibrated: Floats) -> Thresholds | None:
    """Return the thresholds of the positive class, or of each label; None for more classes and for quantities.

    See `truth_of_labels`. A rule that no threshold keeps, or only one that never says yes, is absent.
    """
    found = truth_of_labels(task, positive, truth, calibrated)
    return {label: _of_label(*of) for label, of in found.items()} or None


def to_json(thresholds: Thresholds) -> dict[str, Any]:
    """Return them for plmkit.json; what is not defined is None."""
    return {
        label: {
            rule: {name: _or_none(value) for name, value in asdict(threshold).items() if name != "rule"}
            for rule, threshold in rules.items()
        }
        for label, rules in thresholds.items()
    }


def from_json(saved: Mapping[str, Any], task: Task) -> Thresholds:
    """Return what to_json wrote; raises ValueError, KeyError or TypeError. Rules of later versions are left out."""
    if unknown := [label for label in dict(saved) if label not in task.labels]:
        raise ValueError(f"thresholds of {unknown[0]}")
    return {
        label: {rule: _threshold(rule, rules[rule]) for rule in RULES if rule in rules}
        for label, rules in saved.items()
    }


def _threshold(rule: str, saved: Mapping[str, Any]) -> Threshold:
    names = ("value", "sensitivity", "false_positive_rate", "precision", "mcc")
    numbers = {name: math.nan if saved[name] is None else float(saved[name]) for name in names}
    if not 0 <= numbers["value"] <= 1:
        raise ValueError(f"threshold {numbers['value']}")
    return Threshold(rule, **numbers)


def _of_label(is_true: Flags, calibrated: Doubles) -> dict[str, Threshold]:
    """Return the thresholds of one label; none where it is always true, or never."""
    if is_true.all() or not is_true.any():
        return {}
    # predictions are kept as float32: what is the same there must not be divided
    scores, place = np.unique(-calibrated.astype(np.float32).astype(np.float64), return_inverse=True)
    trues = np.cumsum(np.bincount(place, is_true)).astype(np.float64)
    falses = np.cumsum(np.bincount(place, ~is_true)).astype(np.float64)
    above = Answers(trues, falses, int(trues[-1]), int(falses[-1]))
    chosen = {rule: _chosen(rule, above) for rule in RULES}
    return {rule: _at(rule, -scores, last, above) for rule, last in chosen.items() if last is not None}


def _chosen(rule: str, above: Answers) -> int | None:
    """Return the number of the lowest score, of those falling, to which a rule says yes; None: out of reach."""
    name, _, percent = rule.partition("_")
    if name == "mcc":
        best = int(np.argmax(above.mcc))
        return best if above.mcc[best] > 0 else None
    wanted = float(percent or 0) / 100
    if name == "fpr":
        keeps = (above.false + 1) / (above.negatives + 1) <= wanted
    else:
        keeps = (_at_least(above) >= wanted) & (above.true + above.false >= FEWEST_YES)
    return int(np.flatnonzero(keeps)[-1]) if keeps.any() else None


def _at_least(above: Answers) -> Doubles:
    """Return the lower bound of the precision, (S,)."""
    count, share, square = above.true + above.false, above.precision, _SURE**2
    spread = _SURE * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return np.asarray((share + square / (2 * count) - spread) / (1 + square / count))


def _at(rule: str, scores: Doubles, last: int, above: Answers) -> Threshold:
    """Return the threshold between a score and the next lower one, or zero, and what it gives."""
    lower = scores[last + 1] if last + 1 < len(scores) else 0.0
    measures = (above.sensitivity, above.false_positive_rate, above.precision, above.mcc)
    return Threshold(rule, _between(float(lower), float(scores[last])), *(float(values[last]) for values in measures))


def _between(low: float, high: float) -> float:
    """Return the middle in as few digits as keep it above the one and not above the other; `high` if they are equal."""
    middle = (low + high) / 2
    rounded = (round(middle, digits) for digits in range(4, 17))
    return next((value for value in rounded if low < value <= high), high)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
