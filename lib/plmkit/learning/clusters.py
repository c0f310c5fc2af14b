"""Find clusters of proteins, and say how well each protein lies in its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors

from plmkit.learning.components import blocks

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

NONE = -1
MOST_CLUSTERED = 20_000
MOST_COMPARED = 5_000


def find_clusters(points: Floats, smallest: int, seed: int) -> Integers:
    """Return the number of each protein's cluster, (N,): 0 for the largest, NONE for a protein in no cluster.

    points: (N, K). HDBSCAN: clusters are regions that are denser than what separates them, of at least `smallest`
    proteins; how many there are is found, not given. Of more than 20,000 proteins, 20,000 drawn at random are
    clustered, and each other one goes with its nearest of these. Source: Campello et al. 2013,
    doi:10.1007/978-3-642-37456-2_14.
    """
    if len(points) < 2 * smallest:
        return np.full(len(points), NONE, dtype=np.int64)
    chosen = sample_of(len(points), MOST_CLUSTERED, seed)
    share = len(chosen) / len(points)
    labels = _hdbscan(points[chosen], max(2, round(smallest * share)))
    if len(chosen) < len(points):
        search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points[chosen])
        labels = labels[search.kneighbors(points, return_distance=False)[:, 0]]
    return _largest_first(labels)


def sample_of(count: int, most: int, seed: int) -> Integers:
    """Return the sorted numbers of so many of count, drawn at random when there are more."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size=most, replace=False))


def _hdbscan(points: Floats, smallest: int) -> Integers:
    found: Integers = HDBSCAN(min_cluster_size=smallest, min_samples=min(5, smallest), copy=True).fit_predict(
        points.astype(np.float64)
    )
    return found


def _largest_first(labels: Integers) -> Integers:
    names, counts = np.unique(labels[labels >= 0], return_counts=True)
    order = names[np.lexsort((names, -counts))]
    renamed = np.full(len(labels), NONE, dtype=np.int64)
    for number, name in enumerate(order):
        renamed[labels == name] = number
    return renamed


def silhouettes(points: Floats, labels: Integers, seed: int) -> NDArray[np.float64]:
    """Return how much nearer each protein is to its own cluster than to the next one, -1 to 1, (N,).

    NaN without a cluster or with one cluster alone; 0 for a cluster of one. With more than 5,000 proteins in clusters,
    mean distances are those to 5,000 of them. Source: Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7.
    """
    found = np.full(len(points), np.nan)
    inside = np.flatnonzero(labels >= 0)
    if len(np.unique(labels[inside])) < 2:
        return found
    compared = inside[sample_of(len(inside), MOST_COMPARED, seed)]
    belongs = np.eye(labels.max() + 1)[labels[compared]]
    others = points[compared].astype(np.float64)
    for rows in blocks(len(inside), len(compared)):
        here = inside[rows]
        found[here] = _silhouettes(cdist(points[here], others), belongs, labels[here], np.isin(here, compared))
    return found


def _silhouettes(
    distances: NDArray[np.float64], belongs: NDArray[np.float64], own: Integers, is_compared: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return silhouettes (B,) from distances (B, M) to the proteins whose clusters belongs (M, C) tells."""
    sums, sizes = distances @ belongs, belongs.sum(axis=0)
    row = np.arange(len(own))
    companions = sizes[own] - is_compared  # a protein is no companion of its own
    within = sums[row, own] / np.maximum(companions, 1)
    means = sums / np.maximum(sizes, 1)
    means[:, sizes == 0] = np.inf
    means[row, own] = np.inf
    nearest = means.min(axis=1)
    largest = np.maximum(np.maximum(within, nearest), np.finfo(float).tiny)
    return np.where((companions > 0) & np.isfinite(nearest), (nearest - within) / largest, 0.0)
