"""Find the families that a split must not divide: clusters, joined where their members resemble each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from plmkit.data import mmseqs
from plmkit.data.leaks import LEAST_COVERAGE, Indices

COVERAGE = 0.8
COVERAGE_OF_WINDOWS = 0.5  # windows round neighbouring sites overlap in part


@dataclass(frozen=True)
class Families:
    """The number of the family (N,) of each sequence, from 0, and how many clusters they were joined from."""

    of: Indices
    clusters: int

    @property
    def largest(self) -> int:
        """How many sequences the largest family has."""
        return int(np.bincount(self.of).max())

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return what a run record tells of them."""
        return ("clusters", self.clusters), ("families", int(self.of.max()) + 1), ("largest_family", self.largest)


def families(sequences: Sequence[str], identity: float, coverage: float, threshold: float | None) -> Families:
    """Cluster sequences by MMseqs2, then join clusters of which any members are identical to at least the threshold.

    Members of two clusters can resemble each other more than either resembles its representative, and a fragment is in
    another cluster than the whole. threshold: over half of either sequence; None: clusters stay as they are. Raises
    UserError if MMseqs2 is missing.
    """
    found = mmseqs.clusters(sequences, identity, coverage)
    count = int(found.max()) + 1
    if threshold is None or count == 1:
        return Families(found, count)
    first, second = found[mmseqs.resembling(sequences, threshold, LEAST_COVERAGE)].T
    links = coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    joined: Indices = connected_components(links, directed=False)[1].astype(np.int64)
    return Families(joined[found], count)
