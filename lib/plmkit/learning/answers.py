"""What a threshold gives: how often yes is said, rightly and wrongly, and the measures that follow.

Axes: P places, K columns of the truth, C classes or labels, S thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning.undefined import ratio

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """How often yes is said to positives (true) and to negatives (false), (S,) or () each, and how many there are.

    Measures are NaN where they divide by nothing; MCC is then 0, as in `metrics`.
    """

    true: Doubles
    false: Doubles
    positives: int
    negatives: int

    @property
    def sensitivity(self) -> Doubles:
        """The share of the positives that are found (recall)."""
        return ratio(self.true, np.full_like(self.true, self.positives))

    @property
    def false_positive_rate(self) -> Doubles:
        """The share of the negatives to which yes is said."""
        return ratio(self.false, np.full_like(self.true, self.negatives))

    @property
    def precision(self) -> Doubles:
        """The share of the answers yes that are right."""
        return ratio(self.true, self.true + self.false)

    @property
    def mcc(self) -> Doubles:
        """The Matthews correlation of truth and answers."""
        yes, no = self.true + self.false, self.positives + self.negatives - self.true - self.false
        above = self.true * (self.negatives - self.false) - self.false * (self.positives - self.true)
        return np.nan_to_num(ratio(above, np.sqrt(yes * no * self.positives * self.negatives)))


def answers_at(is_true: Flags, calibrated: Floats, threshold: float) -> Answers:
    """Return what a threshold gives on places (P,) whose truth is known."""
    yes = np.asarray(calibrated, dtype=np.float64) >= threshold
    true, false = (np.array((yes & of).sum(), dtype=np.float64) for of in (is_true, ~is_true))
    return Answers(true, false, int(is_true.sum()), int((~is_true).sum()))


def truth_of_labels(
    task: Task, positive: int, truth: Floats, probabilities: Floats
) -> dict[str, tuple[Flags, Doubles]]:
    """Return for each label that has thresholds the known truth (P,) and its probabilities (P,).

    Those are the positive class of two, or every label of a multi-label task; else none. positive: see
    `data.negatives.positive_class`; truth: (P, K), NaN where nothing is known; probabilities: (P, C).
    """
    columns = {"classification": [positive] if task.is_binary else [], "regression": []}
    found = {}
    for column in columns.get(task.kind, range(len(task.labels))):
        answers = truth[:, 0 if task.is_binary else column]
        known = ~np.isnan(answers)
        is_true = answers[known] == (positive if task.is_binary else 1)
        found[task.labels[column]] = is_true, np.asarray(probabilities[known, column], dtype=np.float64)
    return found
