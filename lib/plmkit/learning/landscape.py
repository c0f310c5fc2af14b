"""Survey a set of embeddings: where each protein lies among the others, and what can be trusted of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.learning.clusters import MOST_CLUSTERED, MOST_COMPARED, NONE, find_clusters, silhouettes
from plmkit.learning.components import principal_components
from plmkit.learning.mapping import MOST_BY_TSNE, MOST_JUDGED, Method, place, trustworthiness
from plmkit.learning.resemblance import (
    Neighbours,
    distances_of_pairs,
    far_from_all,
    first_of_alike,
    first_of_equals,
    nearest_neighbours,
    typical_distance,
)

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

USUAL = {"tsne": 30, "umap": 15, "pca": 15}
_SHARE_OF_A_CLUSTER = 100
_SMALLEST_CLUSTER = 5


@dataclass(frozen=True)
class Settings:
    """What the survey may be told, in the words of the command's options."""

    method: Method
    neighbours: int | None
    components: int
    smallest_cluster: int | None
    near: float
    seed: int


@dataclass(frozen=True)
class Landscape:
    """What was found out about N proteins; each field but the last ones has one entry for each protein.

    places: (N, 2) on the map. clusters: number, 0 for the largest, NONE. silhouettes: -1 to 1 or NaN. is_outlier.
    duplicate_of: the protein that it repeats, or itself. is_copy: it does so exactly. nearest: the most similar
    protein that is not equal; distances: to the one that it repeats, or else to the nearest, in units of the typical
    distance. shares: of the variance by component, as many as there are. neighbours: rows of the nearest, copies left
    out, for the proteins in `distinct`. trustworthiness: of the map, 0 to 1.
    """

    places: Floats
    clusters: Integers
    silhouettes: NDArray[np.float64]
    is_outlier: NDArray[np.bool_]
    duplicate_of: Integers
    is_copy: NDArray[np.bool_]
    nearest: Integers
    distances: NDArray[np.float64]
    shares: NDArray[np.float64]
    smallest_cluster: int
    trustworthiness: float
    distinct: Integers
    neighbours: Neighbours

    @property
    def is_near(self) -> NDArray[np.bool_]:
        """Say of each protein whether it nearly repeats another."""
        found: NDArray[np.bool_] = (self.duplicate_of != np.arange(len(self.duplicate_of))) & ~self.is_copy
        return found

    def samples(self, method: Method) -> list[str]:
        """Say what was computed on a part of the proteins, because there are many."""
        count, inside = len(self.distinct), int((self.clusters[self.distinct] != NONE).sum())
        limits = (
            (count, MOST_JUDGED, "the trustworthiness of the map was judged on {} proteins drawn at random"),
            (count, MOST_CLUSTERED, "{} proteins drawn at random were clustered, others go with the nearest of them"),
            (inside, MOST_COMPARED, "silhouettes are distances to {} proteins drawn at random"),
            (
                count if method == "tsne" else 0,
                MOST_BY_TSNE,
                "t-SNE placed {} proteins drawn at random, others lie between the nearest of them",
            ),
        )
        return [text.format(f"{most:,}") for number, most, text in limits if number > most]


def survey(values: Floats, settings: Settings) -> Landscape:
    """Find out all of it from embeddings (N, D), which hold at least three different ones.

    Exact copies are taken once, so that they make no cluster and push nothing aside; they get what the first one has.
    Clusters and outliers are looked for along the principal components, not on the map: a map in two dimensions tears
    and squeezes, and t-SNE and UMAP make clusters of what is none. In hundreds of dimensions, on the other hand, all
    distances are much alike.
    """
    first = first_of_equals(values)
    distinct, of_distinct = np.unique(first, return_inverse=True)
    some = values if len(distinct) == len(values) else values[distinct]
    seed, count = settings.seed, settings.neighbours or USUAL[settings.method]
    components = principal_components(some, settings.components)
    points = components.positions
    neighbours = nearest_neighbours(points, max(count if settings.method == "umap" else 0, USUAL["umap"]))
    typical = typical_distance(some, seed)
    alike = first_of_alike(some, neighbours, settings.near * typical)
    smallest = settings.smallest_cluster or max(_SMALLEST_CLUSTER, len(some) // _SHARE_OF_A_CLUSTER)
    clusters = find_clusters(points, smallest, seed)
    places = place(points, settings.method, neighbours, count, seed)
    duplicate_of = np.where(first == np.arange(len(values)), distinct[alike[of_distinct]], first)
    nearest = distinct[neighbours.rows[:, 0]][of_distinct]
    return Landscape(
        places=places[of_distinct],
        clusters=clusters[of_distinct],
        silhouettes=silhouettes(points, clusters, seed)[of_distinct],
        is_outlier=far_from_all(neighbours)[of_distinct],
        duplicate_of=duplicate_of,
        is_copy=first != np.arange(len(values)),
        nearest=nearest,
        distances=_distances(values, duplicate_of, nearest) / typical,
        shares=components.shares,
        smallest_cluster=smallest,
        trustworthiness=trustworthiness(some, places, seed),
        distinct=distinct,
        neighbours=neighbours,
    )


def _distances(values: Floats, duplicate_of: Integers, nearest: Integers) -> NDArray[np.float64]:
    rows = np.arange(len(values))
    return distances_of_pairs(values, rows, np.where(duplicate_of == rows, nearest, duplicate_of))
