"""Say beside an answer how sure it is: sets of labels or bounds, the asked prevalence, the distance to the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning.asking import Answers
from plmkit.learning.conformal import label_sets
from plmkit.learning.prevalence import at_prevalence, wanted_shares
from plmkit.learning.trust import Trust, far_flags, prevalence_of, thresholds_of

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Hedged:
    """Answers (P, C) of tuned models with what the models know of their own errors; None: they know nothing of it.

    sets: (P, C), which labels the answer may be; bounds: (P, C) each, between which the true values lie. domain: of
    each example its distance to the training examples and whether that is far.
    """

    values: Floats
    sets: NDArray[np.bool_] | None
    bounds: tuple[Floats, Floats] | None
    domain: list[tuple[float, str]] | None
    notes: list[str]


def hedged(
    task: Task, positive: int, trusts: Sequence[Trust], answers: Answers, level: float, prevalence: Sequence[str]
) -> Hedged:
    """Return answers as they are to be told.

    level: the share of cases in which sets and bounds hold the truth. prevalence: see `wanted_shares`. Sets are made of
    probabilities before these are moved to another prevalence: those of each class stay right.
    """
    values, notes = answers.values, _level_notes(task, trusts, level)
    thresholds = thresholds_of(trusts, level)
    sets = label_sets(values, thresholds) if thresholds is not None and task.kind == "classification" else None
    bounds = (values - thresholds, values + thresholds) if thresholds is not None and sets is None else None
    if prevalence and (before := prevalence_of(trusts)) is not None:
        values = at_prevalence(values, before, wanted_shares(task, positive, before, prevalence)).astype(values.dtype)
        if thresholds is not None and len(thresholds) == 1:
            sets = None
            notes.append("prevalence: no sets of labels, the validation examples of each class were too few for it")
    farther = answers.farther
    domain = None if farther is None else list(zip(farther.tolist(), far_flags(trusts, farther), strict=True))
    return Hedged(values, sets, bounds, domain, notes)


def _level_notes(task: Task, trusts: Sequence[Trust], level: float) -> list[str]:
    thresholds = thresholds_of(trusts, level)
    if thresholds is None or np.isfinite(thresholds).all():
        return []
    instead = "sets hold every label" if task.kind == "classification" else "intervals without bounds are NA"
    return [f"level: too few validation examples to hold the truth in {100 * level:g} % of cases; {instead}"]
