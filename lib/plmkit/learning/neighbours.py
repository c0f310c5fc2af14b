"""The exact nearest neighbours of vectors among vectors, block by block.

Single precision finds somewhat more candidates than asked for; double precision measures and orders them; the bound on
the error of single precision says for each query whether another reference could be nearer. If it cannot be ruled out,
all references within the bound are measured. So the answer is that of a full search in double precision.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plmkit.learning.candidates import (
    QUERIES_AT_ONCE,
    Doubles,
    Frame,
    Integers,
    Metric,
    Singles,
    find_candidates,
    frame_of,
    scores_by_block,
    unit_or_same,
)
from plmkit.slots import granted_threads

_BYTES_AT_ONCE = 64 << 20
# Measured at once: what fits into the processor's cache.
_BYTES_MEASURED = 1 << 20
# Candidates beyond those asked for: with fewer, more queries need the second search.
_SPARE = 16


@dataclass(frozen=True)
class Neighbours:
    """The nearest references of Q queries, nearest first, equally near ones in their order.

    indices: (Q, K), -1 where there is none; distances: (Q, K), infinite there. Euclidean distance, or for cosine one
    minus the cosine, 0 to 2. searched_again: queries which single precision left in doubt.
    """

    indices: Integers
    distances: Doubles
    searched_again: int = 0


def nearest(
    queries: Singles,
    references: Singles,
    count: int,
    metric: Metric,
    own: Integers | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> Neighbours:
    """Return the `count` nearest of references (N, D) for each of queries (Q, D); fewer if there are no more.

    own: (Q,) index of the reference which is the query itself and must not be found, or -1. For cosine no vector may
    be zero. tell: called with the share of the work that is done. Memory beside the inputs and the result: a few
    hundred MB, whatever N and Q.
    """
    own = np.full(len(queries), -1) if own is None else own
    count = min(count, len(references))
    frame = frame_of(queries, references, metric)
    step = max(QUERIES_AT_ONCE, _BYTES_AT_ONCE // (4 * (queries.shape[1] + 4 * count)))
    indices = np.empty((len(queries), count), dtype=np.int64)
    distances = np.empty((len(queries), count))
    searched_again = 0
    for start in range(0, len(queries), step):
        part = slice(start, min(start + step, len(queries)))
        size = part.stop - part.start

        def tell_part(share: float, start: int = start, size: int = size) -> None:
            tell((start + share * size) / len(queries))

        found = _nearest(frame, queries[part], references, count, own[part], tell_part)
        indices[part], distances[part] = found.indices, found.distances
        searched_again += found.searched_again
    return Neighbours(indices, distances, searched_again)


def _nearest(
    frame: Frame, queries: Singles, references: Singles, count: int, own: Integers, tell: Callable[[float], None]
) -> Neighbours:
    wanted = min(count + _SPARE, len(references))
    found = find_candidates(frame, queries, references, wanted, own, threads(), tell)
    candidates = np.where(np.isinf(found.scores), -1, found.indices)
    distances = _distances(queries, references, candidates, frame.metric)
    order = np.lexsort((candidates, distances), axis=-1)[:, :count]
    indices, distances = np.take_along_axis(candidates, order, axis=1), np.take_along_axis(distances, order, axis=1)
    doubtful = np.empty(0, dtype=np.int64)
    if wanted < len(references):
        doubtful = _doubtful(frame, queries, found.limits, distances[:, -1])
    for start in range(0, len(doubtful), QUERIES_AT_ONCE):
        rows = doubtful[start : start + QUERIES_AT_ONCE]
        again = _within(frame, queries[rows], references, distances[rows, -1], count, own[rows])
        indices[rows], distances[rows] = again.indices, again.distances
    return Neighbours(indices, distances, len(doubtful))


def threads() -> int:
    """Return how many threads may compute: as many as Galaxy granted (GALAXY_SLOTS), else one for each processor."""
    return granted_threads() or len(os.sched_getaffinity(0))


def _distances(queries: Singles, references: Singles, indices: Integers, metric: Metric) -> Doubles:
    """Return the distances (Q, K) of queries to the references of these indices in double precision; of none: inf.

    For cosine half the squared distance of the unit vectors, which is one minus the cosine without its cancellation:
    equal vectors are exactly 0 apart.
    """
    found = np.empty(indices.shape)
    step = max(1, _BYTES_MEASURED // (8 * queries.shape[1] * indices.shape[1]))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        apart = unit_or_same(references[indices[rows]], metric) - unit_or_same(queries[rows], metric)[:, None]
        squares = np.multiply(apart, apart, out=apart).sum(axis=-1)
        found[rows] = np.sqrt(squares) if metric == "euclidean" else squares / 2
    found[indices < 0] = np.inf
    return found


def _reach(frame: Frame, distances: Doubles) -> Doubles:
    """Return what distances are in the frame."""
    return np.asarray(distances * frame.scale if frame.metric == "euclidean" else np.sqrt(2 * distances))


def _doubtful(frame: Frame, queries: Singles, limits: Singles, farthest: Doubles) -> Integers:
    """Return the queries for which a reference that was left out could be as near as the farthest one found.

    limits: (Q,) score of the last candidate; farthest: (Q,) distance of the last neighbour.
    """
    lengths, reach = frame.lengths(queries), _reach(frame, farthest)
    nearest_left_out = 2 * (limits - frame.score_error(lengths, reach)) + lengths**2
    return np.flatnonzero(~(nearest_left_out > reach**2))


def _within(
    frame: Frame, queries: Singles, references: Singles, farthest: Doubles, count: int, own: Integers
) -> Neighbours:
    """Return the `count` nearest references among all which may be within the distances `farthest` (Q,)."""
    lengths, reach = frame.lengths(queries), _reach(frame, farthest)
    limits = (reach**2 - lengths**2) / 2 + frame.score_error(lengths, reach)
    indices = np.full((len(queries), count), -1)
    distances = np.full((len(queries), count), np.inf)
    step = max(1, _BYTES_AT_ONCE // (8 * queries.shape[1]))
    for first, scores in scores_by_block(frame, queries, references, own):
        rows, columns = np.nonzero(scores <= limits[:, None])
        for start in range(0, len(rows), step):
            some, found = rows[start : start + step], columns[start : start + step, None] + first
            measured = _distances(queries[some], references, found, frame.metric)
            _merge(indices, distances, some, found[:, 0], measured[:, 0])
    return Neighbours(indices, distances)


def _merge(indices: Integers, distances: Doubles, rows: Integers, found: Integers, measured: Doubles) -> None:
    """Put pairs of a row and a reference with its distance among the rows' nearest (Q, K), in place."""
    count = indices.shape[1]
    lines = np.unique(rows)
    all_rows = np.concatenate([np.repeat(lines, count), rows])
    all_indices = np.concatenate([indices[lines].ravel(), found])
    all_distances = np.concatenate([distances[lines].ravel(), measured])
    order = np.lexsort((all_indices, all_distances, all_rows))
    starts = np.searchsorted(all_rows[order], lines)
    best = order[starts[:, None] + np.arange(count)]
    indices[lines], distances[lines] = all_indices[best], all_distances[best]
