"""Divide examples into parts of wanted shares: whole groups to each, the labels' proportions kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plmkit.data.columns import ASIDE as ASIDE  # whoever divides also says what is in no part
from plmkit.data.dataset import Examples
from plmkit.data.families import Families
from plmkit.data.splits import groups_of, strata_of
from plmkit.errors import UserError

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

TRAIN, VALID, TEST = "train", "valid", "test"
ASIDE_OF_FOLDS = "aside"


@dataclass(frozen=True)
class Plan:
    """The parts that are wanted, by name, and the share of each; is_folds: each is put aside in its turn."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    is_folds: bool = False

    @property
    def aside(self) -> str:
        """The word for examples that belong to no part."""
        return ASIDE_OF_FOLDS if self.is_folds else ASIDE


@dataclass(frozen=True)
class Division:
    """The part of each example (N,) by its name, what is to be said of it, and what was counted on the way."""

    plan: Plan
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    def rows(self, part: str) -> Indices:
        """Return the examples of a part, ascending."""
        return np.flatnonzero(np.array(self.parts) == part)


def plan_of(test_share: float, validation_share: float, folds: int) -> Plan:
    """Return the parts that options ask for."""
    if folds:
        return Plan(tuple(str(number + 1) for number in range(folds)), (1 / folds,) * folds, is_folds=True)
    if validation_share:
        return Plan((TRAIN, VALID, TEST), (1 - test_share - validation_share, validation_share, test_share))
    return Plan((TRAIN, TEST), (1 - test_share, test_share))


def divide_by_families(examples: Examples, families: Families, plan: Plan, seed: int) -> Division:
    """Keep whole the families of the sequences, and groups that the user gave.

    Raises UserError where they are too few.
    """
    try:
        divided = divide_by_groups(replace(examples, clusters=families.of), plan, seed)
    except UserError as error:
        raise UserError(
            f"{error} ({families.largest:,} of {len(examples):,} sequences are of one family; for variants of one "
            "protein take --method mutations, modulo or contiguous)"
        ) from None
    return replace(divided, counts=(*families.counts(), *divided.counts))


def divide_by_groups(examples: Examples, plan: Plan, seed: int) -> Division:
    """Keep whole what a common group, cluster or sequence links; raises UserError where it is too little."""
    groups = np.array(groups_of(examples))
    parts = assigned(groups, strata_of(examples), plan.shares, seed)
    check_no_part_is_empty(examples, plan, np.bincount(parts, minlength=len(plan.names)).tolist())
    counts = (("groups", int(groups.max()) + 1), ("largest_group", int(np.bincount(groups).max())))
    return Division(plan, tuple(plan.names[part] for part in parts.tolist()), counts=counts)


def divide_at_random(examples: Examples, plan: Plan, seed: int) -> Division:
    """Keep together only what has the same sequence; relatives stand on both sides."""
    alone = [replace(item, group=str(row)) for row, item in enumerate(examples.items)]
    divided = divide_by_groups(replace(examples, items=tuple(alone), clusters=None), plan, seed)
    warning = (
        f"{examples.role}: divided at random, so relatives of training examples stand in the other parts and measures "
        "on them are too good; for proteins that are new to a model take --method clusters"
    )
    return replace(divided, notes=(warning,))


def as_given(examples: Examples) -> Division:
    """Take the parts that the input tells. Raises UserError if it tells none, or nothing to learn from."""
    if all(item.part is None for item in examples.items):
        raise UserError(
            f"{examples.role}: nothing says train, valid or test; name that column with --split-column, or take "
            "another --method to have the examples divided"
        )
    parts = tuple(item.part or TRAIN for item in examples.items)
    others = sorted(set(parts) - {TRAIN, VALID}, key=lambda name: (name == ASIDE, name))
    names = (TRAIN, *([VALID] if VALID in parts else []), *(name for name in others if name != ASIDE))
    if TRAIN not in parts or len(names) == 1:
        missing = "to learn from" if TRAIN not in parts else "put aside for validation or test"
        raise UserError(f"{examples.role}: no example is {missing}, so there is no border to check")
    shares = tuple(parts.count(name) / len(parts) for name in names)
    return Division(Plan(names, shares), parts)


def assigned(groups: Indices, strata: Indices, shares: Sequence[float], seed: int) -> Indices:
    """Return the part (N,) of each example, numbered as the shares are; no group is divided.

    groups, strata: (N,) numbers from 0. The largest groups come first, equal ones in an order drawn by the seed; each
    goes where it is most wanted: where examples, and those of its strata, are furthest below their share.
    """
    table = np.zeros((int(groups.max()) + 1, int(strata.max()) + 2))
    np.add.at(table, (groups, strata), 1)
    table[:, -1] = table.sum(axis=1)
    table = table[:, table.any(axis=0)]
    wanted = np.outer(shares, table.sum(axis=0))
    filled = np.zeros_like(wanted)
    order = np.random.default_rng(seed).permutation(len(table))
    part_of = np.zeros(len(table), dtype=np.int64)
    for group in order[np.argsort(-table[order, -1], kind="stable")].tolist():
        # how much the squared distances from what is wanted would grow, each as a part of what is wanted
        growth = ((2 * (filled - wanted) + table[group]) * table[group] / wanted).sum(axis=1)
        part_of[group] = growth.argmin()
        filled[part_of[group]] += table[group]
    return part_of[groups]


def check_no_part_is_empty(examples: Examples, plan: Plan, sizes: Sequence[int]) -> None:
    """Raise UserError if nothing is left for a part."""
    for name, size in zip(plan.names, sizes, strict=True):
        if not size:
            what = f"fold {name}" if plan.is_folds else f"the part {name}"
            raise UserError(
                f"{examples.role}: nothing is left for {what}, since what belongs together cannot be divided; add "
                "unrelated examples, or ask for fewer parts or other shares"
            )
