"""What a table says of the examples to judge, as it is written and as numbers."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.cells import is_number
from plmkit.data.task import Task
from plmkit.errors import UserError, raise_problems

Floats = NDArray[np.float64]
Cells = Sequence[tuple[str, ...]]

_MOST_LABELS = 1000


@dataclass(frozen=True)
class Written:
    """What one table says of the examples to judge: titles of the columns, cells and lines of the examples in order.

    threshold: the score from which on the answer is yes; None: not given. option: its name, for messages.
    """

    role: str
    titles: tuple[str, ...]
    cells: Cells
    lines: Sequence[int]
    threshold: float | None = None
    option: str = "--threshold"


@dataclass(frozen=True)
class Method:
    """What one method predicted, as numbers (P, C).

    has_answers: they say which class or label it is, from a probability of one half on; has_ranks: they say more than
    the answer. are_probabilities: all lie between 0 and 1. threshold: where a single score becomes a yes.
    """

    values: Floats
    has_answers: bool = True
    has_ranks: bool = True
    are_probabilities: bool = False
    threshold: float | None = None


@dataclass(frozen=True)
class Numbers:
    """Task, number of the positive class, truth (P, K) with NaN where unknown, one method for each table, remarks."""

    task: Task
    positive: int
    truth: Floats
    methods: tuple[Method, ...]
    notes: tuple[str, ...]


def canonical(word: str) -> str:
    """Return one spelling of a whole number, which is a class: 1 for 1.0; other words as they are."""
    return str(int(float(word))) if is_number(word) and float(word).is_integer() else word


def numbers_in(written: Written) -> Floats:
    """Return the cells as numbers (P, C), NaN where a cell is empty. Raises UserError which lists the others."""
    try:
        found = np.array([[cell or "nan" for cell in cells] for cells in written.cells], dtype=np.float64)
        if not np.isinf(found).any():
            return found
    except ValueError:
        pass
    raise_problems(
        written.role,
        [
            f"line {line}: {cell!r} is not a finite number; mend it, or choose the columns anew"
            for cells, line in zip(written.cells, written.lines, strict=True)
            for cell in cells
            if cell and not is_number(cell)
        ],
    )
    raise AssertionError("a cell that is no number was not found")


def all_shares(values: Floats) -> bool:
    """Say whether all lie between 0 and 1, as probabilities do."""
    return bool(values.min() >= 0 and values.max() <= 1)


def note_absent(written: Written, labels: Sequence[str], notes: list[str]) -> None:
    """Add a note on labels that a table has no column for."""
    titles = set(written.titles) | set(map(canonical, written.titles))
    if absent := [label for label in labels if label not in titles]:
        names = ", ".join(map(repr, absent[:5])) + (" ..." if len(absent) > 5 else "")
        notes.append(f"{written.role}: there is no column for {names}, which so is never predicted")


def refuse_threshold(written: Written) -> None:
    """Refuse a threshold where there are no scores."""
    if written.threshold is not None:
        raise UserError(f"{written.option} needs scores, but the {written.role} are classes alone; leave it out")


def ranked_only(written: Written) -> str:
    """Return the note on scores that cannot be answers."""
    return (
        f"{written.role}: the scores do not lie between 0 and 1, so they are ranked but not turned into answers; "
        f"{written.option} does that"
    )


def check_count(role: str, labels: Sized) -> None:
    """Refuse more labels than any data set has: it is another column then."""
    count = len(labels)
    if count > _MOST_LABELS:
        raise UserError(f"{role}: {count:,} different labels, {_MOST_LABELS:,} are the most; is this the label column?")
