"""Divide examples into training and validation so that nothing stands on both sides."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from plmkit.data.dataset import Examples
from plmkit.errors import UserError

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Indices into the examples, ascending, and the numbers of groups (each kept whole) in all and in validation."""

    train: Indices
    validation: Indices
    groups: int
    validation_groups: int


def split_by_group(examples: Examples, validation_share: float, seed: int) -> Split:
    """Draw a validation set which has about the labels' proportions of the whole.

    Examples with the same group or the same sequence always stay together. Raises UserError when a label has
    too few examples or groups to stand on both sides.
    """
    folds = math.ceil(1 / validation_share - 1e-9)
    _check_counts(examples, folds)
    groups = groups_of(examples)
    labels = [item.label for item in examples.items]
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    try:
        candidates = list(splitter.split(labels, labels, groups))
    except ValueError:
        raise _too_few_groups(examples, groups) from None
    usable = [sides for sides in candidates if all({labels[i] for i in side} == set(labels) for side in sides)]
    if not usable:
        raise _too_few_groups(examples, groups)
    # A large group can make a fold far too large: take the fold nearest to the share that was asked for.
    train, validation = min(usable, key=lambda sides: abs(len(sides[1]) - validation_share * len(labels)))
    validation_groups = len({groups[index] for index in validation})
    return Split(np.sort(train), np.sort(validation), len(set(groups)), validation_groups)


def groups_of(examples: Examples) -> list[int]:
    """Number the sets of examples which are linked by a common group or a common sequence."""
    parent = list(range(len(examples)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[tuple[str, str], int] = {}
    for index, item in enumerate(examples.items):
        for key in (("group", item.group), ("sequence", item.sequence)):
            parent[root(index)] = root(first.setdefault(key, index))
    return _renumbered([root(index) for index in range(len(examples))])


def _renumbered(roots: Sequence[int]) -> list[int]:
    number = {root: order for order, root in enumerate(dict.fromkeys(roots))}
    return [number[root] for root in roots]


def _check_counts(examples: Examples, needed: int) -> None:
    for label, count in Counter(item.label for item in examples.items).items():
        if count < needed:
            raise UserError(
                f"{examples.role}: label {label!r} has {count} of the {needed} examples which each label needs for "
                "this validation share; add examples or merge labels"
            )


def _too_few_groups(examples: Examples, groups: Sequence[int]) -> UserError:
    return UserError(
        f"{examples.role}: the {len(examples)} examples come from only {len(set(groups))} unrelated groups "
        "(same protein or same sequence), too few to have every label in training and in validation; "
        "add examples of other proteins"
    )
