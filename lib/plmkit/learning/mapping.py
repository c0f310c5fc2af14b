"""Place proteins on a plane so that those which a language model finds similar lie together: PCA, t-SNE, UMAP."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from plmkit.learning.clusters import sample_of
from plmkit.learning.components import blocks
from plmkit.learning.resemblance import Neighbours

Floats = NDArray[np.float32]
Method = Literal["pca", "tsne", "umap"]

MOST_BY_TSNE = 20_000
MOST_JUDGED = 1_000
NEIGHBOURS_JUDGED = 10
_BESIDE = 3


def place(points: Floats, method: Method, neighbours: Neighbours, spread: int, seed: int) -> Floats:
    """Return places (N, 2) of points (N, K), positions along principal components.

    neighbours: those of the points, as many as UMAP looks at; spread: neighbours that t-SNE balances (its perplexity).
    t-SNE and UMAP begin with the first two components, so that what lies far apart has a reason to.
    """
    if method == "pca":
        return _first_two(points)
    return _by_tsne(points, spread, seed) if method == "tsne" else _by_umap(points, neighbours, seed)


def _first_two(points: Floats) -> Floats:
    places = np.zeros((len(points), 2), dtype=np.float32)
    places[:, : min(2, points.shape[1])] = points[:, :2]
    return places


def _beginning(points: Floats, spread: float) -> Floats:
    """Return the first two components, scaled to this standard deviation; beside a single one, a little noise."""
    places = _first_two(points)
    if points.shape[1] == 1:
        places[:, 1] = np.random.default_rng(0).normal(scale=0.01 * places[:, 0].std(), size=len(places))
    return np.asarray(places * (spread / places[:, 0].std()), dtype=np.float32)


def _by_tsne(points: Floats, spread: int, seed: int) -> Floats:
    """Of more than 20,000 points, 20,000 drawn at random are placed; each other one between its nearest of these.

    Source: van der Maaten 2014, jmlr.org/papers/v15/vandermaaten14a.html; start with principal components: Kobak &
    Berens 2019, doi:10.1038/s41467-019-13056-x.
    """
    chosen = sample_of(len(points), MOST_BY_TSNE, seed)
    some = points[chosen]
    perplexity = min(float(spread), (len(some) - 1) / 3)
    method = TSNE(perplexity=perplexity, init=_beginning(some, 1e-4), learning_rate="auto", random_state=seed)
    with threadpool_limits(1, user_api="openmp"):  # several threads add up in no fixed order
        placed: Floats = method.fit_transform(some)
    return placed if len(chosen) == len(points) else _beside(points, some, placed)


def _beside(points: Floats, some: Floats, placed: Floats) -> Floats:
    distances, rows = NearestNeighbors(n_neighbors=_BESIDE, algorithm="brute").fit(some).kneighbors(points)
    weights = 1 / np.maximum(distances, 1e-9)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkd->nd", weights, placed[rows]), dtype=np.float32)


def _by_umap(points: Floats, neighbours: Neighbours, seed: int) -> Floats:
    """Source: McInnes et al. 2018, arXiv:1802.03426."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)  # for a class we do not use
        warnings.filterwarnings("ignore", ".*transforming new data.*", UserWarning)  # there will be no new data
        from umap import UMAP  # takes seconds: it compiles

        found = _with_themselves(neighbours)
        method = UMAP(
            n_neighbors=found[0].shape[1],
            init=_beginning(points, 10.0),
            precomputed_knn=found,
            force_approximation_algorithm=True,  # else it looks for neighbours again when proteins are few
            random_state=seed,
            n_jobs=1,
        )
        placed: Floats = method.fit_transform(points)
    return placed


def _with_themselves(neighbours: Neighbours) -> tuple[NDArray[Any], NDArray[Any], None]:
    """Return rows and distances as UMAP wants them: each point is its own first neighbour; no index for new points."""
    count = len(neighbours.rows)
    rows = np.column_stack([np.arange(count), neighbours.rows]).astype(np.int32)
    distances = np.column_stack([np.zeros(count), neighbours.distances]).astype(np.float32)
    return rows[:, : count - 1], distances[:, : count - 1], None


def trustworthiness(values: Floats, places: Floats, seed: int) -> float:
    """Return how far neighbours on the map are neighbours in the embedding too: 1 always, about 0.5 by chance.

    values: (N, D); places: (N, 2). Judged by the ten nearest on the map (fewer of few proteins); of more than 1,000
    proteins, by those of 1,000 drawn at random, ranked among all. NaN for fewer than three.
    Source: Venna & Kaski 2001, doi:10.1007/3-540-44668-0_68.
    """
    total = len(values)
    count = min(NEIGHBOURS_JUDGED, (total - 1) // 2)
    if count < 1:
        return float("nan")
    judged = sample_of(total, MOST_JUDGED, seed)
    penalty = 0.0
    for rows in blocks(len(judged), total):
        here = judged[rows]
        on_map = cdist(places[here], places)
        on_map[np.arange(len(here)), here] = np.inf
        near = np.argpartition(on_map, count - 1, axis=1)[:, :count]
        distances = _distances(values, here)
        ranks = [
            (distances < np.take_along_axis(distances, near[:, [one]], axis=1)).sum(axis=1) for one in range(count)
        ]
        # each protein itself is nearer than all others, so ranks begin with 1
        penalty += float(np.maximum(np.array(ranks) - count, 0).sum())
    worst = len(judged) * count * (2 * total - 3 * count - 1) / 2
    return 1 - penalty / worst


def _distances(values: Floats, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return distances (B, N) of some rows to all, each row to itself below all others."""
    found = np.empty((len(rows), len(values)))
    chosen = values[rows].astype(np.float64)
    for block in blocks(len(values), values.shape[1]):
        found[:, block] = cdist(chosen, values[block])
    found[np.arange(len(rows)), rows] = -1
    return found
