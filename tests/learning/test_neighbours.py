import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from plmkit.learning import candidates, neighbours
from plmkit.learning.candidates import Metric
from plmkit.learning.neighbours import nearest

Singles = NDArray[np.float32]
METRICS: list[Metric] = ["euclidean", "cosine"]


def points(seed: int, count: int, width: int = 20, away: float = 0.0) -> Singles:
    """Points around one that is `away` from zero, as embeddings lie in a narrow cone."""
    numbers = np.random.default_rng(seed).normal(size=(count, width)) + away
    return numbers.astype(np.float32)


def by_scikit_learn(
    queries: Singles, references: Singles, count: int, metric: Metric
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    search = NearestNeighbors(n_neighbors=count, metric=metric, algorithm="brute").fit(references.astype(np.float64))
    distances, indices = search.kneighbors(queries.astype(np.float64))
    return distances, indices


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of odd sizes, so that every border is met; two threads."""
    monkeypatch.setattr(candidates, "REFERENCES_AT_ONCE", 37)
    for module in (candidates, neighbours):
        monkeypatch.setattr(module, "QUERIES_AT_ONCE", 7)
    monkeypatch.setattr(neighbours, "_BYTES_AT_ONCE", 4000)
    monkeypatch.setenv("GALAXY_SLOTS", "2")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("away", [0.0, 30.0])
@pytest.mark.parametrize("count", [1, 5, 40])
def test_neighbours_are_those_of_scikit_learn(metric: Metric, away: float, count: int) -> None:
    queries, references = points(1, 53, away=away), points(2, 301, away=away)
    found = nearest(queries, references, count, metric)
    distances, indices = by_scikit_learn(queries, references, count, metric)
    assert np.array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-6, atol=1e-12)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("metric", METRICS)
def test_neighbours_which_single_precision_cannot_tell_apart_are_ordered_rightly(metric: Metric) -> None:
    # all points differ in the seventh digit only: single precision leaves every query in doubt
    references = (100 + points(3, 200) * 1e-5).astype(np.float32)
    queries = (100 + points(4, 9) * 1e-5).astype(np.float32)
    found = nearest(queries, references, 6, metric)
    doubles = [part.astype(np.float64) for part in (queries, references)]
    if metric == "cosine":
        doubles = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in doubles]
    apart = np.linalg.norm(doubles[0][:, None] - doubles[1][None], axis=-1)
    np.testing.assert_array_equal(found.indices, np.argsort(apart, axis=1, kind="stable")[:, :6])


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("metric", METRICS)
def test_equally_near_references_keep_their_order(metric: Metric) -> None:
    distinct = points(5, 4)
    references = np.tile(distinct, (60, 1))
    found = nearest(distinct, references, 5, metric)
    assert found.indices.tolist() == [[row + 4 * copy for copy in range(5)] for row in range(4)]
    assert not found.distances.any()
    assert found.searched_again == 4


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("metric", METRICS)
def test_a_query_can_be_kept_from_finding_itself(metric: Metric) -> None:
    both = points(6, 100)
    found = nearest(both, both, 3, metric, own=np.arange(100))
    _, expected = by_scikit_learn(both, both, 4, metric)
    assert np.array_equal(expected[:, 0], np.arange(100))
    assert np.array_equal(found.indices, expected[:, 1:])


def test_there_are_no_more_neighbours_than_references() -> None:
    both = points(7, 3)
    assert nearest(both, both, 10, "euclidean").indices.shape == (3, 3)
    alone = nearest(both, both, 10, "euclidean", own=np.arange(3))
    assert alone.indices[:, 2].tolist() == [-1, -1, -1]
    assert np.isinf(alone.distances[:, 2]).all()


@pytest.mark.parametrize("size", [1e-30, 1e30])
@pytest.mark.parametrize("metric", METRICS)
def test_very_small_and_very_large_numbers_are_no_trouble(metric: Metric, size: float) -> None:
    queries, references = points(8, 10), points(9, 50)
    found = nearest((queries * size).astype(np.float32), (references * size).astype(np.float32), 4, metric)
    assert np.array_equal(found.indices, nearest(queries, references, 4, metric).indices)


def test_the_work_done_is_told() -> None:
    told: list[float] = []
    nearest(points(10, 5), points(11, 9000), 3, "euclidean", tell=told.append)
    assert told == pytest.approx([4096 / 9000, 8192 / 9000, 1.0])


def test_as_many_threads_as_galaxy_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAXY_SLOTS", "3")
    assert neighbours.threads() == 3
    monkeypatch.delenv("GALAXY_SLOTS")
    assert neighbours.threads() >= 1
