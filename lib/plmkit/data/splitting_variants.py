"""Divide variants of one protein: by their number of mutations, or by the positions that are mutated.

A random division of variants asks only for interpolation between neighbours. Sources: ProteinGym's modulo and
contiguous folds, Notin et al. 2023, doi:10.1101/2023.12.07.570727; from few mutations to many: FLIP, Dallago et al.
2021, doi:10.1101/2021.11.09.467890.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.fasta import read_fasta
from plmkit.data.splits import groups_of, strata_of
from plmkit.data.splitting import TRAIN, VALID, Division, Indices, Plan, assigned, check_no_part_is_empty
from plmkit.errors import UserError, raise_problems

_TENTHS = 10
_ONE = re.compile(r"[A-Za-z*](\d+)[A-Za-z*]")
_BETWEEN = re.compile(r"[:;,/+\s]+")
_UNMUTATED = frozenset({"", "wt", "_wt", "wild type", "wildtype"})

Positions = frozenset[int]


@dataclass(frozen=True)
class CheckedVariants:
    """How the variants of a part differ from those that are learned from.

    fewest, most: mutations of a variant. shared: variants that are mutated at a position where one that is learned from
    is mutated too.
    """

    part: str
    variants: int
    fewest: int
    most: int
    shared: int


def positions_told(cells: Sequence[str], lines: Sequence[int], role: str) -> list[Positions]:
    """Read the positions of cells such as A24G:K30R; empty, WT: none. Raises UserError which lists what is odd."""
    found, problems = [], []
    for cell, line in zip(cells, lines, strict=True):
        words = [] if cell.strip().lower() in _UNMUTATED else _BETWEEN.split(cell.strip())
        matches = [_ONE.fullmatch(word) for word in words]
        if not all(matches):
            problems.append(f"line {line}: {cell!r} tells no mutations; write them as A24G:K30R")
        found.append(frozenset(int(match[1]) for match in matches if match))
    raise_problems(role, problems)
    return found


def positions_compared(examples: Examples, parent: Path) -> list[Positions]:
    """Return the positions (from 1) where each variant differs from its parent; raises UserError for other lengths."""
    proteins = read_fasta(parent, "parent")
    if len(proteins) != 1:
        raise UserError(f"parent: {len(proteins)} proteins; give the one that all variants come from")
    original, found, problems = proteins.records[0].sequence, [], []
    for item in examples.items:
        variant = item.sequences[0]
        if len(variant) != len(original):
            problems.append(
                f"line {item.line}: {item.name!r} has {len(variant)} residues, the parent {len(original)}; variants "
                "with insertions or deletions have no such positions, take them out or take --method clusters"
            )
        pairs = zip(original, variant, strict=False)
        found.append(frozenset(at for at, (here, there) in enumerate(pairs, start=1) if here != there))
    raise_problems(examples.role, problems)
    return found


def divide_by_number(
    examples: Examples, positions: Sequence[Positions], plan: Plan, most: int | None, seed: int
) -> Division:
    """Learn from variants of few mutations and test on those of more; validation is drawn from the former.

    most: mutations of a variant to learn from; None: what comes nearest to the share of the test part.
    """
    numbers = np.array([len(found) for found in positions])
    limit = _limit(numbers, plan.shares[-1], examples.role) if most is None else most
    few = np.flatnonzero(numbers <= limit)
    if len(few) in (0, len(numbers)):
        raise UserError(
            f"{examples.role}: the variants have {numbers.min()} to {numbers.max()} mutations, so --most-mutations "
            f"{limit} leaves nothing {'to test on' if len(few) else 'to learn from'}; give another number"
        )
    parts = np.full(len(numbers), len(plan.names) - 1)
    parts[few] = 0
    if VALID in plan.names:
        shares = np.array(plan.shares[:-1]) / sum(plan.shares[:-1])
        groups = np.unique(np.array(groups_of(examples))[few], return_inverse=True)[1]
        parts[few] = assigned(groups, strata_of(examples)[few], shares.tolist(), seed)
    check_no_part_is_empty(examples, plan, np.bincount(parts, minlength=len(plan.names)).tolist())
    return Division(
        plan, tuple(plan.names[part] for part in parts.tolist()), counts=(("most_mutations_to_learn_from", limit),)
    )


def _limit(numbers: Indices, test_share: float, role: str) -> int:
    possible: list[int] = np.unique(numbers)[:-1].tolist()
    if not possible:
        raise UserError(
            f"{role}: all variants have {numbers[0]} mutations, so there are not few and many; take --method modulo "
            "or contiguous"
        )
    return min(possible, key=lambda most: abs(float((numbers > most).mean()) - test_share))


def divide_by_position(
    examples: Examples, positions: Sequence[Positions], plan: Plan, in_stretches: bool, seed: int
) -> Division:
    """Give each position to one part, and each variant to the part that all its positions have; else it is put aside.

    in_stretches: neighbouring positions together, in as many stretches as parts; else position modulo the number of
    folds, or modulo 10, shares rounded to tenths. What has no mutation is learned from, in folds put aside.
    """
    mutated = sorted(frozenset().union(*positions))
    if len(mutated) < len(plan.names):
        raise UserError(f"{examples.role}: only {len(mutated)} positions are mutated, fewer than parts are wanted")
    part_at = _stretches(mutated, plan, seed) if in_stretches else _modulo(mutated, plan, seed)
    unmutated = plan.aside if plan.is_folds else TRAIN
    parts = []
    for found in positions:
        names = {part_at[position] for position in found} or {unmutated}
        parts.append(names.pop() if len(names) == 1 else plan.aside)
    check_no_part_is_empty(examples, plan, [parts.count(name) for name in plan.names])
    aside = parts.count(plan.aside)
    note = (
        f"{examples.role}: {aside:,} of {len(parts):,} variants put aside ({plan.aside}), since their mutations lie in "
        "different parts" + (", or there is none" if plan.is_folds else "")
    )
    return Division(plan, tuple(parts), (note,) if aside else (), (("mutated_positions", len(mutated)),))


def check_variants(positions: Sequence[Positions], division: Division) -> list[CheckedVariants]:
    """Compare each part with the one that is learned from, each fold with all others; the former comes with itself."""
    plan, found = division.plan, []
    for name in plan.names:
        inside = [positions[row] for row in division.rows(name)]
        others = [part for part in plan.names if part != name] if plan.is_folds else [TRAIN]
        learned = frozenset().union(*(positions[row] for other in others for row in division.rows(other)))
        numbers = [len(one) for one in inside]
        shared = sum(not one.isdisjoint(learned) for one in inside)
        found.append(CheckedVariants(name, len(inside), min(numbers), max(numbers), shared))
    return found


def _stretches(mutated: Sequence[int], plan: Plan, seed: int) -> dict[int, str]:
    """Return the part of each position: folds from the first position on, parts in an order drawn by the seed."""
    order = np.arange(len(plan.names))
    if not plan.is_folds:
        order = np.random.default_rng(seed).permutation(len(order))
    borders = np.cumsum(np.array(plan.shares)[order])[:-1] * len(mutated)
    places = np.searchsorted(borders, np.arange(len(mutated)) + 0.5)
    return {position: plan.names[order[place]] for position, place in zip(mutated, places.tolist(), strict=True)}


def _modulo(mutated: Sequence[int], plan: Plan, seed: int) -> dict[int, str]:
    """Return the part of each position by its remainder."""
    if plan.is_folds:
        return {position: plan.names[position % len(plan.names)] for position in mutated}
    sizes = [max(1, round(share * _TENTHS)) for share in plan.shares[1:]]
    owners = [TRAIN] * (_TENTHS - sum(sizes)) + [
        name for name, size in zip(plan.names[1:], sizes, strict=True) for _ in range(size)
    ]
    drawn = np.random.default_rng(seed).permutation(_TENTHS).tolist()
    return {position: owners[drawn[position % _TENTHS]] for position in mutated}
