"""Decide what comparisons show: whether a tuned model is better than what is simpler, and what could have been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plmkit.learning.metrics import Estimate

Role = Literal["constant", "linear", "homologue", "frozen"]  # what a rival is
Finding = Literal["undefined", "nothing learned", "worse", "no difference", "better"]


@dataclass(frozen=True)
class Compared:
    """A rival's own value, and how much higher the tuned model's is; all differences hold together with 95 %."""

    role: Role
    name: str
    value: Estimate
    difference: Estimate

    @property
    def is_beaten(self) -> bool:
        """Whether the tuned model is shown to be better."""
        return self.difference.low > 0


@dataclass(frozen=True)
class Verdict:
    """What is shown on one part of the examples by one metric, of which more is better.

    unbeaten: rivals that the tuned model is not shown to be better than, the best one first; beaten: likewise.
    groups: how many sets of relatives the examples are; 0: not known.
    """

    finding: Finding
    part: str
    metric: str
    examples: int
    tuned: Estimate
    unbeaten: tuple[Compared, ...] = ()
    beaten: tuple[Compared, ...] = ()
    groups: int = 0

    @property
    def decisive(self) -> Compared | None:
        """The rival by which it was decided; None where all are beaten, or there is nothing to compare with."""
        wanted = {"nothing learned": _is_constant, "worse": _is_better}.get(self.finding, _is_any)
        return next(filter(wanted, self.unbeaten), None)

    @property
    def visible(self) -> float:
        """The smallest difference that could have been seen: half the width of the interval that decided; or NaN."""
        if self.decisive is None:
            return math.nan
        return (self.decisive.difference.high - self.decisive.difference.low) / 2


def decide(
    part: str, metric: str, examples: int, tuned: Estimate, compared: Sequence[Compared], groups: int = 0
) -> Verdict:
    """Return what the comparisons on a part show.

    A correlation of a constant answer is not defined: there the tuned model's own interval must lie above zero.
    """
    comparable = [one for one in compared if not math.isnan(one.difference.low)]
    if math.isnan(tuned.low) or (not comparable and len(compared) > 1):
        return Verdict("undefined", part, metric, examples, tuned)
    best_first = sorted(comparable, key=lambda one: (-one.value.value, one.name))
    unbeaten = tuple(one for one in best_first if not one.is_beaten)
    beaten = tuple(one for one in best_first if one.is_beaten)
    return Verdict(_finding(tuned, compared, unbeaten), part, metric, examples, tuned, unbeaten, beaten, groups)


def _is_constant(rival: Compared) -> bool:
    return rival.role == "constant"


def _is_better(rival: Compared) -> bool:
    return rival.difference.high < 0


def _is_any(rival: Compared) -> bool:
    return True


def _finding(tuned: Estimate, compared: Sequence[Compared], unbeaten: Sequence[Compared]) -> Finding:
    if not _has_learned(tuned, compared):
        return "nothing learned"
    if any(map(_is_better, unbeaten)):
        return "worse"
    return "no difference" if unbeaten else "better"


def _has_learned(tuned: Estimate, compared: Sequence[Compared]) -> bool:
    constant = next(filter(_is_constant, compared), None)
    if constant is None or math.isnan(constant.value.value):
        return tuned.low > 0
    return constant.is_beaten
