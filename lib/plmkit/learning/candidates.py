"""Candidates for nearest neighbours: scores in single precision by matrix products on blocks, with their error bound.

The score of a reference r for a query q is |r|^2 / 2 - q r: half the squared distance less |q|^2 / 2, which is the same
for all references. Both are first brought into one frame: divided by their length for cosine, scaled into float32's
range else, and moved so that the references lie around zero, where single precision is finest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Metric = Literal["euclidean", "cosine"]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

# A block of scores (queries, references) of 4 MB stays in the processor's cache between product and comparison.
REFERENCES_AT_ONCE = 4096
QUERIES_AT_ONCE = 256
_SAMPLE = 10_000


def unit_or_same(vectors: NDArray[np.floating], metric: Metric) -> Doubles:
    """Return vectors (..., D) in double precision, divided by their length for cosine; none may then be zero."""
    doubles = np.asarray(vectors, dtype=np.float64)
    if metric == "euclidean":
        return doubles
    lengths = np.sqrt(np.square(doubles).sum(axis=-1, keepdims=True))
    return np.asarray(doubles / lengths, dtype=np.float64)


@dataclass(frozen=True)
class Frame:
    """Where scores are computed. Distances in it are `scale` times the Euclidean ones (of unit vectors for cosine)."""

    metric: Metric
    scale: float
    shift: Doubles

    def place(self, vectors: Singles) -> Singles:
        """Return vectors (N, D) in the frame; each number is rounded once."""
        return np.asarray(unit_or_same(vectors, self.metric) * self.scale - self.shift, dtype=np.float32)

    def lengths(self, vectors: Singles) -> Doubles:
        """Return the lengths (N,) of vectors in the frame."""
        return np.asarray(np.linalg.norm(self.place(vectors).astype(np.float64), axis=1))

    def score_error(self, lengths: Doubles, reach: Doubles) -> Doubles:
        """Bound the error of scores between queries of these lengths and references no farther than reach, both (N,).

        Such references are at most lengths + reach long. A product of D + 1 terms is off by at most (D + 1) u times
        the product of the lengths, in whatever order it is summed, u = 2^-24 the unit roundoff (Higham 2002, Accuracy
        and Stability of Numerical Algorithms, section 3.1); twice that, and some terms more, covers the placing too.
        """
        longest = lengths + reach
        return np.asarray((len(self.shift) + 16) * 2.0**-23 * (lengths * longest + longest**2 / 2))


def frame_of(queries: Singles, references: Singles, metric: Metric) -> Frame:
    """Choose the frame: the scale a power of two, which rounds nothing; the shift the mean of a sample."""
    largest = max(float(np.abs([part.min(), part.max()]).max()) for part in (queries, references))
    scale = 1.0 if metric == "cosine" or largest == 0 else float(2.0 ** -np.frexp(largest)[1])
    sample = references[:: max(1, len(references) // _SAMPLE)]
    return Frame(metric, scale, np.asarray(unit_or_same(sample, metric).mean(axis=0) * scale))


@dataclass
class Candidates:
    """The best references of some queries so far: scores and indices (Q, K), unordered; -1 and inf: none yet."""

    scores: Singles
    indices: Integers
    limits: Singles = field(init=False)

    def __post_init__(self) -> None:
        self.limits = self.scores.max(axis=1)

    def offer(self, rows: slice, scores: Singles, first: int) -> None:
        """Take over the better ones among scores (rows, R) of the references from `first` on."""
        places = np.flatnonzero(scores < self.limits[rows, None])  # numpy is quick in one dimension, not in two
        if not len(places):
            return
        found, columns = np.divmod(places, scores.shape[1])
        counts = np.bincount(found, minlength=len(scores))
        better = np.flatnonzero(counts)
        place = np.arange(len(found)) - (np.cumsum(counts) - counts)[found]
        # one line for each query that found any: what it had, then what it found, then nothing
        line = np.cumsum(counts > 0)[found] - 1
        kept, widest = self.scores.shape[1], int(counts.max())
        all_scores = np.full((len(better), kept + widest), np.inf, dtype=np.float32)
        all_indices = np.full(all_scores.shape, -1, dtype=np.int64)
        queries = rows.start + better
        all_scores[:, :kept], all_indices[:, :kept] = self.scores[queries], self.indices[queries]
        all_scores[line, kept + place], all_indices[line, kept + place] = scores[found, columns], first + columns
        best = np.argpartition(all_scores, kept - 1, axis=1)[:, :kept]
        self.scores[queries] = np.take_along_axis(all_scores, best, axis=1)
        self.indices[queries] = np.take_along_axis(all_indices, best, axis=1)
        self.limits[queries] = self.scores[queries].max(axis=1)


def find_candidates(
    frame: Frame,
    queries: Singles,
    references: Singles,
    count: int,
    own: Integers,
    threads: int,
    tell: Callable[[float], None],
) -> Candidates:
    """Return the `count` references of the lowest scores for each query.

    own: (Q,) index of the reference that is the query itself and no candidate, or -1. tell: called after each block of
    references with the share that is done.
    """
    found = Candidates(
        np.full((len(queries), count), np.inf, dtype=np.float32), np.full((len(queries), count), -1, dtype=np.int64)
    )
    left = _left(frame, queries)
    size = min(QUERIES_AT_ONCE, -(-len(queries) // threads))
    tiles = [slice(start, min(start + size, len(queries))) for start in range(0, len(queries), size)]
    # Each thread multiplies and selects on its own; BLAS with threads of its own would wait for the selection.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        for first, right in _rights(frame, references):

            def work(rows: slice, first: int = first, right: Singles = right) -> None:
                found.offer(rows, _scores(left[rows], right, own[rows], first), first)

            list(pool.map(work, tiles))
            tell((first + len(right)) / len(references))
    return found


def scores_by_block(
    frame: Frame, queries: Singles, references: Singles, own: Integers
) -> Iterator[tuple[int, Singles]]:
    """Yield the index of each block's first reference, and the block's scores (Q, R); own: as for the candidates."""
    left = _left(frame, queries)
    for first, right in _rights(frame, references):
        yield first, _scores(left, right, own, first)


def _left(frame: Frame, queries: Singles) -> Singles:
    """Return (Q, D + 1): -q and a one, so that the product with (r, |r|^2 / 2) is the score."""
    return np.concatenate([-frame.place(queries), np.ones((len(queries), 1), dtype=np.float32)], axis=1)


def _rights(frame: Frame, references: Singles) -> Iterator[tuple[int, Singles]]:
    for first in range(0, len(references), REFERENCES_AT_ONCE):
        placed = frame.place(references[first : first + REFERENCES_AT_ONCE])
        halves = np.square(placed, dtype=np.float64).sum(axis=1, keepdims=True) / 2
        yield first, np.concatenate([placed, halves.astype(np.float32)], axis=1)


def _scores(left: Singles, right: Singles, own: Integers, first: int) -> Singles:
    scores: Singles = left @ right.T
    rows = np.flatnonzero((own >= first) & (own < first + len(right)))
    scores[rows, own[rows] - first] = np.inf
    return scores
