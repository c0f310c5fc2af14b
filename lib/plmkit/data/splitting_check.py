"""Check a division: how near do the sequences of each part that is put aside come to what is learned from?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.leaks import Border, Indices, border
from plmkit.data.splitting import TRAIN, Division


@dataclass(frozen=True)
class Checked:
    """The border of a part: names of the examples that were put aside, and of those that are learned from.

    Of pairs each different protein counts once, by the name of the first pair of the part that holds it.
    """

    part: str
    names: tuple[str, ...]
    known: tuple[str, ...]
    border: Border


def check(examples: Examples, division: Division) -> list[Checked]:
    """Search each part but the one that is learned from among the latter; each fold among all others.

    Raises UserError if MMseqs2 is missing.
    """
    plan = division.plan
    if not plan.is_folds:
        learned = division.rows(TRAIN)
        return [_checked(examples, name, division.rows(name), learned) for name in plan.names if name != TRAIN]
    inside = np.array([part in plan.names for part in division.parts])
    folds = {name: division.rows(name) for name in plan.names}
    return [_checked(examples, name, rows, np.setdiff1d(np.flatnonzero(inside), rows)) for name, rows in folds.items()]


def _checked(examples: Examples, part: str, put_aside: Indices, learned: Indices) -> Checked:
    names, sequences = _of_part(examples, put_aside.tolist())
    known, learned_from = _of_part(examples, learned.tolist())
    return Checked(part, names, known, border(sequences, learned_from))


def _of_part(examples: Examples, rows: Sequence[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names and sequences of a part."""
    items = [examples.items[row] for row in rows]
    if examples.unit != "pair":
        return tuple(item.name for item in items), tuple(item.sequences[0] for item in items)
    name_of: dict[str, str] = {}
    for item in items:
        for sequence in item.sequences:
            name_of.setdefault(sequence, item.name)
    return tuple(name_of.values()), tuple(name_of)
