"""Find the metrics whose interval comes from draws of the bootstrap that lose a class, not from the data.

The mean over classes of a draw is that of the classes it holds: of eleven examples of one class and one of another,
each third draw holds one class alone, and may score 1. Axes: P places, C classes or labels, B draws.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Kind
from plmkit.learning import bootstrap, confusion
from plmkit.learning.confusion import ClassAnswers
from plmkit.learning.measures import prepare_by_label
from plmkit.learning.metrics import RESAMPLES
from plmkit.learning.undefined import mean_of_defined, mean_where

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
# from weights (B, P) to each metric of the draws (B,), and to what it would be of the classes of all examples (B,)
_Twice = Callable[[Floats], dict[str, tuple[Floats, Floats]]]

LEEWAY = 0.1  # a bound that is further off tells of lost classes more than of the data
_SURE_GROUPS = 10  # a class in so many groups is lost by less than one draw in two thousand


def carried_by_lost_classes(kind: Kind, truth: Floats, predicted: Floats, groups: Integers, seed: int) -> set[str]:
    """Return the metrics of which a bound of the 95 % interval lies over LEEWAY beyond that of whole sets of classes.

    There, a class that a draw loses keeps the value that it has on all examples; truth (P, K), predicted (P, C).
    """
    if kind == "regression" or _are_never_lost(kind, truth, predicted, groups):
        return set()
    twice = _of_classes(truth, predicted) if kind == "classification" else _of_labels(truth, predicted)
    blocks = [twice(weights) for weights in bootstrap.draws(groups, RESAMPLES, seed)]
    found = set()
    for name in blocks[0]:
        drawn, kept = (np.concatenate([block[name][which] for block in blocks]) for which in (0, 1))
        (low, high), (kept_low, kept_high) = bootstrap.interval(drawn), bootstrap.interval(kept)
        if kept_low - low > LEEWAY or high - kept_high > LEEWAY:
            found.add(name)
    return found


def _are_never_lost(kind: Kind, truth: Floats, predicted: Floats, groups: Integers) -> bool:
    if kind == "classification":
        classes = np.arange(predicted.shape[1])
        marks = (truth == classes) | (predicted.argmax(axis=1)[:, None] == classes)
    else:
        marks = truth == 1
    held = [len(np.unique(groups[column])) for column in marks.T if column.any()]
    return min(held, default=0) >= _SURE_GROUPS


def _of_classes(truth: Floats, predicted: Floats) -> _Twice:
    answers = ClassAnswers(truth[:, 0].astype(np.int64), predicted.argmax(axis=1), predicted.shape[1])
    whole = confusion.f1(answers.counts(np.ones((1, len(truth)))))

    def twice(weights: Floats) -> dict[str, tuple[Floats, Floats]]:
        counts = answers.counts(weights)
        f1, mcc = confusion.f1(counts), confusion.matthews_correlation(counts)
        tells_apart = (counts.true > 0).sum(axis=1) > 1
        return {
            "macro_f1": (mean_of_defined(f1), mean_of_defined(np.where(np.isnan(f1), whole, f1))),
            "mcc": (mcc, np.where(tells_apart, mcc, np.nan)),
        }

    return twice


def _of_labels(truth: Floats, predicted: Floats) -> _Twice:
    of_labels, is_true = prepare_by_label("multilabel", truth, predicted), (truth == 1).astype(np.float64)
    one = np.ones((1, len(truth)))
    whole = {**(known := of_labels(one)), "f1": np.where(one @ is_true > 0, known["f1"], np.nan)}

    def twice(weights: Floats) -> dict[str, tuple[Floats, Floats]]:
        found = of_labels(weights)
        occurs = weights @ is_true > 0
        counted = {name: ~np.isnan(values) & (occurs | (name != "f1")) for name, values in found.items()}
        return {
            "macro_f1" if name == "f1" else name: (
                mean_where(values, counted[name]),
                mean_of_defined(np.where(counted[name], values, whole[name])),
            )
            for name, values in found.items()
        }

    return twice
