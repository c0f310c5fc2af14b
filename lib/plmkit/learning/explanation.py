"""What was found out about one prediction: how much each residue matters, and whether that can be trusted.

Needs no torch. Axes: L letters of a sequence, 20 amino acids in the order of `LETTERS`, R randomised models.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from plmkit.data.chains import PADDING
from plmkit.data.explained import Wanted

Floats = NDArray[np.float64]

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
ALIKE = 0.5  # correlations above this say that a picture is hardly that of what was learned
_OF_THE_LARGEST = 0.5
_FEW = 0.2
_MOST_NAMED = 12


@dataclass(frozen=True)
class Chain:
    """One sequence of an explained example.

    first: number of its first letter. importance: (L,), above 0 where a residue speaks for the label, NaN where it is
    not known. changes: (L, 20) change of the score by each substitution, NaN where there is none; None: none were
    made. randomised: (R, L) importance for randomised models, NaN where it was not asked for. start: the score with
    this sequence empty, where integrated gradients begin, and steps, how many they took; else None.
    """

    sequence: str
    first: int
    importance: Floats
    randomised: Floats
    changes: Floats | None = None
    start: float | None = None
    steps: int | None = None

    def rows(self) -> Iterator[tuple[int, int]]:
        """Yield place (from 0) and number of each letter; what pads a window beyond its protein's ends is left out."""
        stripped = self.sequence.lstrip(PADDING)
        start = len(self.sequence) - len(stripped)
        for place in range(start, start + len(stripped.rstrip(PADDING))):
            yield place, self.first + place

    def largest(self, place: int) -> tuple[float, str] | None:
        """Return the largest change by one substitution of a residue, and to what; None where there is none."""
        if self.changes is None or np.isnan(self.changes[place]).all():
            return None
        to = int(np.nanargmax(np.abs(self.changes[place])))
        return float(self.changes[place, to]), LETTERS[to]


@dataclass(frozen=True)
class Strongest:
    """The one change that takes most from the score, or adds most: its chain and place (from 0), and to what residue.

    to: None where the residue was hidden. change: of the score, by gradients the share that hiding takes away. value:
    the calibrated probability, or the measured value, after it; NaN: not asked for.
    """

    chain: int
    place: int
    to: str | None
    change: float
    value: float = math.nan


@dataclass(frozen=True)
class Explanation:
    """Why a model gives a label of an example its score.

    label: its number; is_predicted: whether it is what the model says. position: of the explained residue. score:
    natural log-odds, or a measured value; value: the calibrated probability, or the same measured value. strongest:
    the change that takes most from the score, None where none does; raising: the one that adds most, likewise. spread:
    the standard deviation of a measured quantity among the training examples; None: of labels, or not known.
    """

    wanted: Wanted
    label: int
    is_predicted: bool
    position: int | None
    score: float
    value: float
    chains: tuple[Chain, ...]
    strongest: Strongest | None = None
    raising: Strongest | None = None
    spread: float | None = None

    @property
    def importance(self) -> Floats:
        """The importance of all residues that are known, of both proteins of a pair."""
        together = np.concatenate([chain.importance for chain in self.chains])
        known: Floats = together[~np.isnan(together)]
        return known

    @property
    def beyond(self) -> float:
        """What of the score is attributed to letters that pad windows beyond their proteins' ends."""
        inside = [[place for place, _ in chain.rows()] for chain in self.chains]
        parts = [np.delete(chain.importance, places) for chain, places in zip(self.chains, inside, strict=True)]
        return float(np.nansum(np.concatenate(parts)))

    @property
    def differences(self) -> list[float]:
        """How far the score is from that of the empty sequence, for each chain; [] without integrated gradients."""
        return [self.score - chain.start for chain in self.chains if chain.start is not None]

    @property
    def residual(self) -> float | None:
        """What the attributions lack to add up to the difference of scores; of a pair the larger one, None: no such."""
        found = [
            difference - float(np.nansum(chain.importance))
            for chain, difference in zip(self.chains, self.differences, strict=False)
        ]
        return max(found, key=abs) if found else None

    @property
    def reach(self) -> float:
        """How far the score moves at most: by one change, or from the empty sequence to this one."""
        if self.differences:
            return max(map(abs, self.differences))
        changes = [chain.changes for chain in self.chains if chain.changes is not None]
        moved = np.concatenate([change.ravel() for change in changes]) if changes else self.importance
        return float(np.nanmax(np.abs(moved)))

    @property
    def agreement(self) -> float | None:
        """Return the larger of `agreement_of_sizes` and `agreement_of_signs`; None where neither is defined."""
        found = [each for each in (self.agreement_of_sizes, self.agreement_of_signs) if each is not None]
        return max(found) if found else None

    @property
    def agreement_of_sizes(self) -> float | None:
        """Mean rank correlation of sizes, whatever the sign, with those for randomised models."""
        own, others = self._compared()
        return _mean([spearman(np.abs(own), np.abs(other)) for other in others])

    @property
    def agreement_of_signs(self) -> float | None:
        """Mean strength of the rank correlation with randomised models.

        Without its sign: turning all signs of a random head round gives an equally random one.
        """
        own, others = self._compared()
        return _mean([abs(spearman(own, other)) for other in others])

    @property
    def checked(self) -> int:
        """How many residues were compared with randomised models."""
        return len(self._compared()[0])

    @property
    def steps(self) -> int | None:
        """How many steps integrated gradients took, of a pair the larger number; None: no such."""
        return max((chain.steps for chain in self.chains if chain.steps is not None), default=None)

    def _compared(self) -> tuple[Floats, Floats]:
        """Return the importance of residues that is known for randomised models too, and the latter."""
        own = np.concatenate([chain.importance for chain in self.chains])
        others = np.concatenate([chain.randomised for chain in self.chains], axis=1)
        known = ~(np.isnan(own) | np.isnan(others).any(axis=0))
        return own[known], others[:, known]


@dataclass(frozen=True)
class Support:
    """The residues that speak most for a label: chain and place of each, by place. of: all residues that are known."""

    places: tuple[tuple[int, int], ...]
    count: int
    of: int

    @property
    def is_few(self) -> bool:
        """Whether these are few enough to say that a prediction rests on them."""
        return self.count <= max(_MOST_NAMED, _FEW * self.of)


def strongest_of(changes: Sequence[Floats | None], is_raising: bool = False) -> Strongest | None:
    """Return the change that takes most from the score, or adds most; None where none does.

    changes: of each chain (L, 20) by each amino acid, or (L, 1) by hiding.
    """
    sign = -1.0 if is_raising else 1.0
    found = None
    for chain, each in enumerate(changes):
        if each is None or not (sign * each < 0).any():
            continue
        place, to = np.unravel_index(int(np.nanargmin(sign * each)), each.shape)
        change = float(each[place, to])
        if found is None or sign * change < sign * found.change:
            found = Strongest(chain, int(place), LETTERS[int(to)] if each.shape[1] > 1 else None, change)
    return found


def support_of(explanation: Explanation) -> Support:
    """Return the residues which matter at least half as much as the one that matters most; a dozen at most."""
    found = [
        (float(each.importance[place]), chain, place)
        for chain, each in enumerate(explanation.chains)
        for place, _ in each.rows()
        if each.importance[place] > 0
    ]
    top = max((value for value, _, _ in found), default=0.0)
    strong = sorted((item for item in found if item[0] >= _OF_THE_LARGEST * top), key=lambda item: -item[0])
    places = sorted((chain, place) for _, chain, place in strong[:_MOST_NAMED])
    return Support(tuple(places), len(strong), len(explanation.importance))


def spearman(one: Floats, other: Floats) -> float:
    """Return the rank correlation of two rows of numbers, ties sharing a mean rank; NaN if one is constant."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return math.nan
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def mean_agreement(explanations: list[Explanation]) -> float | None:
    """Return the mean agreement with randomised models over explanations; None where it is not defined."""
    return _mean([math.nan if each.agreement is None else each.agreement for each in explanations])


def _mean(values: list[float]) -> float | None:
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else None
