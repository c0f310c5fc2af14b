"""Look across the border between what is learned from and what is put aside: how near does the one come to the other?

A protein whose relative was learned from can be remembered rather than understood; how near the nearest relative is
says how far a measure on the put-aside proteins can be trusted. Source: Bernett et al. 2024,
doi:10.1038/s41592-024-02362-y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data import mmseqs

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_COVERAGE = 0.5  # of the put-aside sequence
THRESHOLD = 0.5  # at this identity proteins nearly always share fold, and mostly function
_CLOSE = 1e-9
_AT_ONCE = 5_000  # sequences, so that all their alignments fit into memory


@dataclass(frozen=True)
class Pairs:
    """Sequences that resemble each other across the border (M,): rows of both sides, identity and coverage 0 to 1.

    Each put-aside sequence with each different sequence that was learned from (of equal ones the first), nearest first.
    """

    put_aside: Indices
    learned_from: Indices
    identity: Floats
    coverage: Floats

    def __len__(self) -> int:
        return len(self.put_aside)

    def at_least(self, threshold: float) -> Pairs:
        """Return those of at least some identity."""
        kept = self.identity >= threshold - _CLOSE
        return Pairs(self.put_aside[kept], self.learned_from[kept], self.identity[kept], self.coverage[kept])


@dataclass(frozen=True)
class Border:
    """For each put-aside sequence (N,) its nearest one among those that are learned from.

    identity: share of equal residues among the aligned ones, 0 to 1, highest over alignments that cover at least half
    of the put-aside sequence; 0: there is none. coverage: share of its residues in that alignment. nearest: row of that
    sequence among those learned from, or -1. pairs: all such alignments.
    """

    identity: Floats
    coverage: Floats
    nearest: Indices
    pairs: Pairs

    def __len__(self) -> int:
        return len(self.identity)

    @property
    def highest(self) -> float:
        """The highest identity across the border, 0 to 1; 0 where nothing resembles anything."""
        return float(self.identity.max(initial=0))

    def at_least(self, threshold: float) -> int:
        """Return how many put-aside sequences have a training sequence of at least some identity."""
        return int((self.identity >= threshold - _CLOSE).sum())


def border(put_aside: Sequence[str], learned_from: Sequence[str]) -> Border:
    """Search each put-aside sequence among those that are learned from, by MMseqs2.

    Identical sequences count as 1.0, however short they are. Repeated sequences are searched once. Raises UserError if
    MMseqs2 is missing.
    """
    asked, known = list(dict.fromkeys(put_aside)), list(dict.fromkeys(learned_from))
    first_row: dict[str, int] = {}
    for row, sequence in enumerate(learned_from):
        first_row.setdefault(sequence, row)
    found = _of_different(asked, known, np.array([first_row[sequence] for sequence in known], dtype=np.int64))
    return _nearest(_of_all(found, put_aside, asked), len(put_aside))


def sentence(found: Border, threshold: float, put_aside: str = "test protein", known: str = "training protein") -> str:
    """Say in one sentence how near the two sides come; threshold: identity, 0 to 1, from which on it is a leak."""
    if not len(found):
        return f"There is no {put_aside}, so there is no border to check."
    highest = f"{_percent(found.highest)} %"
    if count := found.at_least(threshold):
        verb = "is" if count == 1 else "are"
        return (
            f"{count:,} of {len(found):,} {put_aside}s {verb} at least {threshold * 100:g} % identical to a {known} "
            f"(highest {highest})."
        )
    if found.highest == 0:
        return f"No {put_aside} resembles any {known}: no leak was found."
    return f"The nearest {known} of any {put_aside} is {highest} identical: no leak was found."


def _percent(share: float) -> str:
    """Write a share as per cent: 100 only if nothing differs, and never above what was found."""
    return f"{int(share * 100 + _CLOSE)}"


def _of_different(asked: Sequence[str], known: Sequence[str], row_of: Indices) -> Pairs:
    """Return the pairs between different sequences; row_of: the row of each known one."""
    number = {sequence: order for order, sequence in enumerate(known)}
    equal = [(row, number[sequence]) for row, sequence in enumerate(asked) if sequence in number]
    same = np.array(equal, dtype=np.int64).reshape(-1, 2)
    found = [Pairs(same[:, 0], row_of[same[:, 1]], np.ones(len(same)), np.ones(len(same)))]
    for first in range(0, len(asked), _AT_ONCE):
        hits = mmseqs.search(asked[first : first + _AT_ONCE], known)
        covers = hits.query_coverage >= LEAST_COVERAGE - _CLOSE
        rows = (hits.query[covers] + first, row_of[hits.target[covers]])
        found.append(Pairs(*rows, hits.identity[covers], hits.query_coverage[covers]))
    return Pairs(
        np.concatenate([pairs.put_aside for pairs in found]),
        np.concatenate([pairs.learned_from for pairs in found]),
        np.concatenate([pairs.identity for pairs in found]),
        np.concatenate([pairs.coverage for pairs in found]),
    )


def _of_all(found: Pairs, put_aside: Sequence[str], asked: Sequence[str]) -> Pairs:
    """Return the pairs of every put-aside row, those with equal sequences alike; sorted by row, nearest first.

    The same sequences can be aligned more than once; the alignment with the highest identity counts.
    """
    number = {sequence: order for order, sequence in enumerate(asked)}
    best = np.lexsort((found.learned_from, -found.coverage, -found.identity, found.put_aside))
    by_asked: list[list[int]] = [[] for _ in asked]
    seen: set[tuple[int, int]] = set()
    for at in best.tolist():
        pair = (int(found.put_aside[at]), int(found.learned_from[at]))
        if pair not in seen:
            seen.add(pair)
            by_asked[pair[0]].append(at)
    chosen = [(row, at) for row, sequence in enumerate(put_aside) for at in by_asked[number[sequence]]]
    rows, places = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    return Pairs(rows, found.learned_from[places], found.identity[places], found.coverage[places])


def _nearest(pairs: Pairs, count: int) -> Border:
    """Return the first pair of each row; pairs are sorted by row, nearest first."""
    rows, first = np.unique(pairs.put_aside, return_index=True)
    identity, coverage, nearest = np.zeros(count), np.zeros(count), np.full(count, -1, dtype=np.int64)
    identity[rows], coverage[rows] = pairs.identity[first], pairs.coverage[first]
    nearest[rows] = pairs.learned_from[first]
    return Border(identity, coverage, nearest, pairs)
