"""Probabilities where labels are more frequent, or rarer, than among the examples of the tuning.

Source: Saerens et al. 2002, doi:10.1162/089976602753284446. It holds when the examples of each class look the same as
in training and only their shares differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import Examples
from plmkit.data.splits import Split
from plmkit.data.task import Task
from plmkit.errors import UserError

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

_OPTION = "--prevalence"


def shares_of(task: Task, truth: Floats, balanced: bool) -> tuple[float, ...] | None:
    """Return the share of each class that probabilities stand for: that of the truth (P, 1), or all the same.

    None for other kinds of labels than classes.
    """
    if task.kind != "classification":
        return None
    if balanced:
        return (1 / len(task.labels),) * len(task.labels)
    known = truth[:, 0][~np.isnan(truth[:, 0])].astype(np.int64)
    counts = np.bincount(known, minlength=len(task.labels))
    return tuple(round(float(count) / max(1, len(known)), 9) for count in counts)


def at_prevalence(predicted: Floats, stands_for: Sequence[float], wanted: Sequence[float]) -> Doubles:
    """Return probabilities (P, C) for classes of the wanted shares (C,) in place of those that they stand for."""
    before = np.asarray(stands_for, dtype=np.float64)
    factors = np.divide(np.asarray(wanted, dtype=np.float64), before, out=np.zeros(len(before)), where=before > 0)
    odds = np.asarray(predicted, dtype=np.float64) * factors
    total = odds.sum(axis=1, keepdims=True)
    found: Doubles = np.array(predicted, dtype=np.float64)
    return np.asarray(np.divide(odds, total, out=found, where=total > 0))


def learned_and_natural(examples: Examples, split: Split) -> tuple[Doubles, Doubles] | None:
    """Return the share of each class among what is learned from, and on the whole training side, (C,) each.

    None where nothing is left out, see `data.negatives`.
    """
    if not len(split.left_out):
        return None
    sides = (split.train, split.training_side)
    learned, natural = (shares_of(examples.task, examples.truth_of(side), balanced=False) for side in sides)
    return np.array(learned), np.array(natural)


def shift_to_nature(examples: Examples, split: Split) -> tuple[float, ...] | None:
    """Return by how much the scores (C,) of what learned from a split rise for the shares of its whole training side.

    None where nothing is left out.
    """
    shares = learned_and_natural(examples, split)
    if shares is None:
        return None
    learned, natural = shares
    return tuple(np.round(np.log(natural / learned), 9).tolist())


def as_in_nature(examples: Examples, split: Split, predicted: Floats) -> Floats:
    """Return probabilities (P, C) of what learned from a split for the shares that its whole training side has."""
    shares = learned_and_natural(examples, split)
    if shares is None:
        return predicted
    learned, natural = shares
    return at_prevalence(predicted, learned.tolist(), natural.tolist()).astype(np.float32)


def wanted_shares(
    task: Task, positive: int, stands_for: Sequence[float] | None, given: Sequence[str]
) -> tuple[float, ...]:
    """Return the share of each class that the user wants; those not named share the rest as they did in training.

    given: LABEL=0.01, or for two classes one number, the share of class `positive`. Raises UserError.
    """
    if task.kind != "classification":
        raise UserError(f"{_OPTION} is for models of classes, this one is for {task.kind}; leave it out")
    if stands_for is None:
        raise UserError(
            f"{_OPTION}: this tuned model does not tell how frequent the labels were in its training; tune it again"
        )
    named = dict(_named(task, positive, text) for text in given)
    if len(named) < len(given):
        raise UserError(f"{_OPTION} names a label twice; give each once")
    rest = 1 - sum(named.values())
    others = [c for c in range(len(task.labels)) if c not in named]
    before = sum(stands_for[c] for c in others)
    if rest < -1e-9 or (not others and rest > 1e-6) or (others and (rest <= 0 or before <= 0)):
        raise UserError(f"{_OPTION}: the shares of all labels must sum up to 1; give smaller ones, or name all labels")
    return tuple(named[c] if c in named else stands_for[c] * rest / before for c in range(len(task.labels)))


def _named(task: Task, positive: int, text: str) -> tuple[int, float]:
    label, is_named, number = text.rpartition("=")
    if is_named and label not in task.labels:
        raise UserError(f"{_OPTION}: {label!r} is none of the labels {', '.join(task.labels[:10])}; write one of them")
    if not is_named and not task.is_binary:
        raise UserError(f"{_OPTION} {text}: say of which label, as in {task.labels[0]}=0.01")
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise UserError(f"{_OPTION} {text}: the share must be a number above 0 and below 1, such as 0.01")
    return (task.labels.index(label) if is_named else positive), share
