"""Integrate gradients along a line, in steps that lie close where the score changes fast.

The gradients along an interval must add up to the difference of the scores at its ends, which is known: intervals where
they do not are halved until what all of them lack is small. Axes: H heads, L residues, P parts of the line from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Look = Callable[[Floats], tuple[Floats, Floats]]

LEAST_STEPS = 64
# Layer norms make the score change fastest where the line begins: intervals are shortest there.
_CROWDING = 4
_FIRST_INTERVALS = 8
_POINTS = 4
_TOLERANCE = 0.01
# A head whose score ends where it began would otherwise take every step there is.
_OF_THE_RANGE = 0.1


class Integral(NamedTuple):
    """What adds up along the line, (H, L), the scores at its ends, (H,), and how many parts were looked at."""

    values: Floats
    starts: Floats
    ends: Floats
    steps: int


class _Interval(NamedTuple):
    """A piece of the line between two even parts, what adds up along it, (H, L), and what that lacks, (H,)."""

    start: float
    stop: float
    values: Floats
    lack: Floats


def integrate(look: Look, most: int) -> Integral:
    """Integrate the slopes of a score over the line, with `most` parts looked at, at least `LEAST_STEPS`.

    look: returns the scores (H, P) at parts and their slopes (H, P, L), which are summed over L the change of the score
    with the part. What all intervals lack together, whatever its sign, is at most 1 % of the difference of the scores
    at both ends, unless `most` does not suffice.
    """
    edges = np.linspace(0, 1, _FIRST_INTERVALS + 1)
    known: dict[float, Floats] = {}
    intervals = _looked_at(look, list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)), edges, known)
    steps = len(edges) + _POINTS * _FIRST_INTERVALS
    while worst := _to_halve(intervals, known, (most - steps) // (2 * _POINTS + 1)):
        middles = np.array([(intervals[one].start + intervals[one].stop) / 2 for one in worst])
        halves = [
            half
            for one, middle in zip(worst, middles.tolist(), strict=True)
            for half in ((intervals[one].start, middle), (middle, intervals[one].stop))
        ]
        kept = [each for one, each in enumerate(intervals) if one not in set(worst)]
        intervals = kept + _looked_at(look, halves, middles, known)
        steps += (2 * _POINTS + 1) * len(worst)
    values: Floats = np.sum([each.values for each in intervals], axis=0)
    return Integral(values, known[0.0], known[1.0], steps)


def nodes(start: float, stop: float) -> tuple[Floats, Floats]:
    """Return parts of the line inside an interval, and their weights: Gauss's and Legendre's rule.

    start, stop: even parts, which lie on the line where their fourth power is.
    """
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    even = start + (stop - start) * (points + 1) / 2
    return even**_CROWDING, (stop - start) * weights / 2 * _CROWDING * even ** (_CROWDING - 1)


def _looked_at(
    look: Look, ends: Sequence[tuple[float, float]], new: Floats, known: dict[float, Floats]
) -> list[_Interval]:
    """Return intervals between some ends; new: even parts among these whose scores are not known yet."""
    rules = [nodes(*each) for each in ends]
    parts = np.concatenate([new**_CROWDING, *(inside for inside, _ in rules)])
    scores, slopes = look(parts)
    known.update(zip(new.tolist(), scores[:, : len(new)].T, strict=True))
    found = []
    for number, ((start, stop), (_, weights)) in enumerate(zip(ends, rules, strict=True)):
        first = len(new) + number * _POINTS
        values: Floats = np.einsum("p,hpl->hl", weights, slopes[:, first : first + _POINTS])
        found.append(_Interval(start, stop, values, known[stop] - known[start] - values.sum(axis=1)))
    return found


def _to_halve(intervals: Sequence[_Interval], known: dict[float, Floats], most: int) -> list[int]:
    """Return the numbers of the intervals, as few as can be, without which what the others lack is little enough."""
    scores = np.array(list(known.values()))
    allowed = np.maximum(np.abs(known[1.0] - known[0.0]), _OF_THE_RANGE * np.ptp(scores, axis=0))
    lack = np.abs([each.lack for each in intervals]) / np.maximum(allowed, np.finfo(np.float32).tiny)
    worst = np.argsort(-lack.max(axis=1), kind="stable")
    # of all intervals but the worst, but the two worst, and so on
    rest = lack[worst][::-1].cumsum(axis=0)[::-1].max(axis=1)
    count = int((rest > _TOLERANCE).sum())
    found: list[int] = worst[: min(count, max(most, 0))].tolist()
    return found
