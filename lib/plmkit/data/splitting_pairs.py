"""Divide pairs of proteins so that no protein, and no relative of it, stands in two parts.

A pair whose proteins belong to different parts can be in neither: it is put aside. Source: Park & Marcotte 2012,
doi:10.1038/nmeth.2259 (their class C3: neither protein of a test pair was learned from).
"""

from __future__ import annotations

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.families import Families
from plmkit.data.rows import Rows
from plmkit.data.splits import strata_of
from plmkit.data.splitting import Division, Floats, Indices, Plan, check_no_part_is_empty

_DRAWS = 200


def divide_pairs(examples: Examples, rows: Rows, families: Families, plan: Plan, seed: int) -> Division:
    """Draw parts for families of proteins, and keep the pairs whose two proteins have one part.

    rows: the distinct proteins of the pairs, whose families these are. Of many draws the one is taken whose parts come
    nearest to the wanted shares and proportions of labels and which puts the fewest pairs aside. Raises UserError where
    a part stays empty.
    """
    parts = _best_draw(families.of[rows.chains], strata_of(examples), np.array(plan.shares), seed)
    kept = parts >= 0
    check_no_part_is_empty(examples, plan, np.bincount(parts[kept], minlength=len(plan.names)).tolist())
    note = (
        f"{examples.role}: {int((~kept).sum()):,} of {len(parts):,} pairs put aside ({plan.aside}), since their two "
        "proteins belong to different parts; the shares are those of the other pairs"
    )
    counts = (("proteins", len(rows.sequences)), *families.counts())
    names = (*plan.names, plan.aside)
    return Division(plan, tuple(names[part] for part in parts.tolist()), (note,) if not kept.all() else (), counts)


def _best_draw(families: Indices, strata: Indices, shares: Floats, seed: int) -> Indices:
    """Return the part (N,) of each pair, -1 for none. families: (N, 2) of its proteins."""
    generator = np.random.default_rng(seed)
    # both proteins of a pair have to meet in a part: of a share p of the proteins come p² of the pairs
    borders = np.cumsum(np.sqrt(shares) / np.sqrt(shares).sum())[:-1]
    best, lowest = np.full(len(families), -1), np.inf
    for _ in range(_DRAWS):
        part_of = np.searchsorted(borders, generator.random(int(families.max()) + 1), side="right")
        first, second = part_of[families].T
        parts = np.where(first == second, first, -1)
        if (cost := _cost(parts, strata, shares)) < lowest:
            best, lowest = parts, cost
    return best


def _cost(parts: Indices, strata: Indices, shares: Floats) -> float:
    """Return how far the parts are from what is wanted; 0 would be perfect, an empty part is infinitely far."""
    kept = parts >= 0
    table = np.zeros((len(shares), int(strata.max()) + 1))
    np.add.at(table, (parts[kept], strata[kept]), 1)
    sizes = table.sum(axis=1)
    if not sizes.all():
        return float("inf")
    proportions = np.bincount(strata, minlength=table.shape[1]) / len(strata)
    of_sizes = np.abs(sizes / sizes.sum() - shares) / shares
    of_labels = np.abs(table / sizes[:, None] - proportions).sum(axis=1)
    return float(of_sizes.max() + of_labels.max() + (~kept).mean())
