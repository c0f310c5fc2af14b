"""Explanations with known numbers."""

import numpy as np

from plmkit.data.explained import Wanted
from plmkit.data.task import Task
from plmkit.learning.explanation import LETTERS, Chain, Explanation, Floats, Strongest

TASK = Task("protein", "classification", ("none", "motif"))
PAIRS = Task("pair", "classification", ("none", "motif"))
SEQUENCE = "XACDEF"
STRONGEST = Strongest(0, 3, "A", -3.0, 1 / (1 + np.exp(1.0)))
IMPORTANCE = [np.nan, 0.1, 2.0, 3.0, -1.0, 0.0]


def randomised(importance: Floats, is_alike: bool = False) -> Floats:
    if is_alike:
        return np.stack([importance * 2])
    return np.stack([np.where(np.arange(len(importance)) % 2, 1.0, 5.0) + np.arange(len(importance)) / 100])


def changes_of(sequence: str, importance: Floats) -> Floats:
    changes = np.repeat(-importance[:, None], 20, axis=1)
    for place, letter in enumerate(sequence):
        if letter in LETTERS:
            changes[place, LETTERS.index(letter)] = np.nan
    return changes


def made(
    importance: list[float] = IMPORTANCE,
    sequence: str = SEQUENCE,
    chains: int = 1,
    has_changes: bool = True,
    is_alike: bool = False,
    start: float | None = None,
    first: int = 1,
    position: int | None = None,
    strongest: Strongest | None = None,
    raising: Strongest | None = None,
    spread: float | None = None,
) -> Explanation:
    row = np.array(importance)
    changes = changes_of(sequence, row) if has_changes else None
    chain = Chain(sequence, first, row, randomised(row, is_alike), changes, start)
    wanted = Wanted("p 1", (sequence,) * chains, 1)
    if strongest is None and has_changes and sequence == SEQUENCE:
        strongest = STRONGEST
    value = float(1 / (1 + np.exp(-2.0)))
    return Explanation(wanted, 1, True, position, 2.0, value, (chain,) * chains, strongest, raising, spread)
