"""Divide examples into training, validation and test so that nothing stands on both sides."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from plmkit.data.dataset import Examples
from plmkit.errors import UserError

Indices = NDArray[np.int64]
How = Literal["drawn", "given"]

FOLD = "test fold"
_BINS = 10


@dataclass(frozen=True)
class Split:
    """Indices into the examples, ascending, and the numbers of groups (each kept whole) in all and in validation.

    tests: the test sets by name, which the user put aside. validation_is: whether the user or we chose it. left_out:
    examples of the training side that are not learned from, see `data.negatives`.
    """

    train: Indices
    validation: Indices
    groups: int
    validation_groups: int
    tests: Mapping[str, Indices] = field(default_factory=dict)
    validation_is: How = "drawn"
    left_out: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def training_side(self) -> Indices:
        """All examples on the side that is learned from, ascending."""
        return np.sort(np.concatenate([self.train, self.left_out]))


def split_examples(examples: Examples, validation_share: float, seed: int) -> Split:
    """Take the parts which the user gave; where there is none to validate by, draw it from those to learn from.

    Raises UserError when no example is given to learn from, and as `split_by_group`.
    """
    given = [item.part or "train" for item in examples.items]
    parts = np.array(given)
    tests = {name: np.flatnonzero(parts == name) for name in sorted(set(given)) if name.startswith("test")}
    to_learn, validation = np.flatnonzero(parts == "train"), np.flatnonzero(parts == "valid")
    if not len(to_learn):
        raise UserError(f"{examples.role}: all examples are put aside for validation or test; leave some to learn from")
    if examples.task.kind == "classification":
        _check_all_classes(examples, to_learn)
    if not len(validation):
        return replace(split_by_group(examples, validation_share, seed, to_learn), tests=tests)
    groups = np.array(groups_of(examples))
    return Split(
        to_learn, validation, len(np.unique(groups)), len(np.unique(groups[validation])), tests, validation_is="given"
    )


def split_by_group(examples: Examples, validation_share: float, seed: int, among: Indices | None = None) -> Split:
    """Draw a validation set which has about the labels' proportions of the whole.

    Examples with the same group or the same sequence always stay together. among: the examples to divide; None: all.
    Raises UserError when a label has too few examples or groups to stand on both sides.
    """
    chosen = np.arange(len(examples)) if among is None else among
    count = math.ceil(1 / validation_share - 1e-9)
    groups = np.array(groups_of(examples))
    needs = "each label needs for this validation share"
    folds = _folds(examples, chosen, groups, count, seed, needs)
    usable = [pair for pair in folds if _has_all_classes(examples, *pair)]
    if not usable:
        raise _too_few_groups(examples, groups[chosen])
    # A large group can make a fold far too large: take the fold nearest to the share that was asked for.
    train, validation = min(usable, key=lambda sides: abs(len(sides[1]) - validation_share * len(chosen)))
    return Split(train, validation, len(np.unique(groups)), len(np.unique(groups[validation])))


def cross_validation(examples: Examples, split: Split, count: int, validation_share: float, seed: int) -> list[Split]:
    """Return a split for each fold of what is not put aside for test; 0 folds: none.

    Each has one test set, `FOLD`, which no model of it learns from or stops by; every example is in one of them. Raises
    UserError as `split_by_group`.
    """
    if not count:
        return []
    among = np.sort(np.concatenate([split.train, split.validation]))
    splits = []
    for fold in folds_by_group(examples, among, count, seed):
        inner = split_by_group(examples, validation_share, seed, np.setdiff1d(among, fold))
        splits.append(replace(inner, tests={FOLD: fold}))
    return splits


def folds_by_group(examples: Examples, among: Indices, count: int, seed: int) -> list[Indices]:
    """Divide some examples into `count` folds that no group is divided by; raises UserError as `split_by_group`."""
    groups = np.array(groups_of(examples))
    folds = _folds(examples, among, groups, count, seed, f"each label needs for --folds {count}")
    if not all(len(fold) for _, fold in folds):
        raise _too_few_groups(examples, groups[among])
    return [fold for _, fold in folds]


def groups_of(examples: Examples) -> list[int]:
    """Number the sets of examples which are linked by a common group, cluster or sequence (of pairs: both)."""
    parent = list(range(len(examples)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[Hashable, int] = {}
    for index, item in enumerate(examples.items):
        keys: list[Hashable] = [("group", item.group), ("sequence", item.sequences)]
        if examples.clusters is not None:
            keys.append(("cluster", int(examples.clusters[index])))
        for key in keys:
            parent[root(index)] = root(first.setdefault(key, index))
    return _renumbered([root(index) for index in range(len(examples))])


def strata_of(examples: Examples) -> Indices:
    """Return a number for each example whose proportions shall be kept: its class, a tenth of the measured values, or
    the rarest label that is true of it; the same for all where residues bear the labels.
    """
    if examples.unit == "residue":
        return np.zeros(len(examples), dtype=np.int64)
    if examples.task.kind == "classification":
        return examples.truth[:, 0].astype(np.int64)
    if examples.task.kind == "multilabel":
        rarity = np.argsort(np.nansum(examples.truth, axis=0))
        is_true = np.nan_to_num(examples.truth)[:, rarity] > 0
        return np.where(is_true.any(axis=1), is_true.argmax(axis=1) + 1, 0)
    first = np.nan_to_num(examples.truth[:, 0], nan=float(np.nanmedian(examples.truth[:, 0])))
    borders = np.quantile(first, np.linspace(0, 1, _BINS + 1)[1:-1])
    return np.searchsorted(borders, first, side="right")


def _folds(
    examples: Examples, among: Indices, groups: Indices, count: int, seed: int, needs: str
) -> list[tuple[Indices, Indices]]:
    """Return what is outside and inside of each fold, ascending; needs: what too few examples are needed for."""
    if examples.task.kind == "classification" and examples.unit != "residue":
        _check_counts(examples, among, count, needs)
    strata = _with_rare_ones_together(strata_of(examples)[among], count)
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    if len(np.unique(groups[among])) < count:
        raise _too_few_groups(examples, groups[among])
    return [
        (np.sort(among[outside]), np.sort(among[inside]))
        for outside, inside in splitter.split(strata, strata, groups[among])
    ]


def _with_rare_ones_together(strata: Indices, least: int) -> Indices:
    """Number the strata from 0, those of fewer than `least` examples as one; if that is rare too, as the largest."""
    sizes = Counter(strata.tolist())
    rare = [stratum for stratum, size in sizes.items() if size < least]
    together = max(sizes, key=lambda stratum: sizes[stratum]) if sum(sizes[s] for s in rare) < least else -1
    return np.unique(np.where(np.isin(strata, rare), together, strata), return_inverse=True)[1]


def _has_all_classes(examples: Examples, *sides: Indices) -> bool:
    if examples.task.kind != "classification" or examples.unit == "residue":
        return all(len(side) > 0 for side in sides)
    classes = len(examples.labels)
    return all(len(np.unique(examples.truth_of(side))) == classes for side in sides)


def _check_all_classes(examples: Examples, train: Indices) -> None:
    found = examples.truth_of(train)
    known = set(found[~np.isnan(found)].astype(int).tolist())
    if missing := [label for number, label in enumerate(examples.labels) if number not in known]:
        raise UserError(
            f"{examples.role}: no example to learn from has the label {missing[0]!r}; add some, move some there from "
            "validation or test, or take the label out"
        )


def _renumbered(roots: Sequence[int]) -> list[int]:
    number = {root: order for order, root in enumerate(dict.fromkeys(roots))}
    return [number[root] for root in roots]


def _check_counts(examples: Examples, among: Indices, needed: int, needs: str) -> None:
    for number, count in Counter(examples.truth_of(among)[:, 0].tolist()).items():
        if count < needed:
            raise UserError(
                f"{examples.role}: label {examples.labels[int(number)]!r} has {count} of the {needed} examples which "
                f"{needs}; add examples or merge labels"
            )


def _too_few_groups(examples: Examples, groups: Indices) -> UserError:
    return UserError(
        f"{examples.role}: the {len(groups)} examples come from only {len(np.unique(groups))} unrelated groups "
        "(same protein or same sequence), too few to have every label in training and in validation; "
        "add examples of other proteins"
    )
