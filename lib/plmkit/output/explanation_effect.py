"""Say how far the strongest changes of an example move its prediction, and whether that is much."""

from __future__ import annotations

import math

from plmkit.data.task import Task
from plmkit.learning.explanation import Explanation, Strongest

LITTLE = 0.05  # of a probability
LITTLE_OF_SPREAD = 0.1  # 0.05 is as much of the standard deviation (0.5) of a label that is true of half the examples


def is_little(task: Task, explanation: Explanation) -> bool:
    """Whether no single change, downward or upward, moves the prediction much; False where that is not known."""
    moves = abs(fall(explanation)), abs(rise(explanation))
    return _is_known(explanation) and max(moves) < least(task, explanation)


def is_against(task: Task, explanation: Explanation) -> bool:
    """Whether the largest change raises the probability or value more than any lowers it, and much."""
    up = rise(explanation)
    return _is_known(explanation) and up > fall(explanation) and up >= least(task, explanation)


def least(task: Task, explanation: Explanation) -> float:
    """Return the change from which on a prediction is moved much; 0 for values whose spread is not known."""
    return LITTLE if task.kind != "regression" else LITTLE_OF_SPREAD * (explanation.spread or 0.0)


def fall(explanation: Explanation) -> float:
    """Return how much the change that takes most takes; below 0 where hiding a residue does the opposite."""
    return 0.0 if explanation.strongest is None else explanation.value - explanation.strongest.value


def rise(explanation: Explanation) -> float:
    """Return how much the change that adds most adds."""
    return 0.0 if explanation.raising is None else explanation.raising.value - explanation.value


def largest(explanation: Explanation) -> Strongest | None:
    """Return the change that moves the prediction most, whatever the direction."""
    found = [change for change in (explanation.strongest, explanation.raising) if change is not None]
    return max(found, key=lambda change: abs(change.value - explanation.value), default=None)


def move(task: Task, explanation: Explanation, change: Strongest) -> str:
    """Say where a change takes the prediction: takes its probability from 0.88 to 0.27."""
    if task.kind != "regression":
        before, after = apart(explanation.value, change.value)
        return f"takes its probability from {before} to {after}"
    moved = change.value - explanation.value
    text = f"changes it to {change.value:.4g}"
    if explanation.spread is None:
        return text
    share = abs(moved) / explanation.spread
    return f"{text} ({moved:+.2g}, {share:.2f} standard deviations of the training values)"


def effect(task: Task, explanation: Explanation) -> str:
    """Say in short what the change does that moves the prediction most: D4A: to 0.27."""
    change = largest(explanation)
    if change is None:
        return "none"
    after = f"{change.value:.4g}" if task.kind == "regression" else apart(explanation.value, change.value)[1]
    return f"{'' if change.to else 'hiding '}{change_name(explanation, change)}: to {after}"


def change_name(explanation: Explanation, change: Strongest) -> str:
    """Name a change by the residue, its number and the new residue, D4A, or hidden, D4; in a pair its protein too."""
    chain = explanation.chains[change.chain]
    of = f" of protein {change.chain + 1}" if len(explanation.chains) > 1 else ""
    return f"{chain.sequence[change.place]}{chain.first + change.place}{change.to or ''}{of}"


def apart(one: float, other: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart, six at most."""
    for digits in range(2, 6):
        texts = f"{one:.{digits}f}", f"{other:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return f"{one:.6f}", f"{other:.6f}"


def _is_known(explanation: Explanation) -> bool:
    """Whether it was asked what the changes do."""
    return largest(explanation) is not None and not math.isnan(fall(explanation) + rise(explanation))
