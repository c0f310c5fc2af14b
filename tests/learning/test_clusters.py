import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from plmkit.learning import clusters
from plmkit.learning.clusters import NONE, find_clusters, silhouettes


def families(*sizes: int, apart: float = 20, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    generator = np.random.default_rng(seed)
    return np.vstack([generator.normal(size=(size, 4)) + apart * n for n, size in enumerate(sizes)]).astype(np.float32)


def test_families_are_found_and_numbered_by_size() -> None:
    found = find_clusters(families(20, 40, 30), smallest=5, seed=1)
    assert found.tolist() == [2] * 20 + [0] * 40 + [1] * 30


def test_too_few_proteins_have_no_cluster() -> None:
    assert (find_clusters(families(4, 4), smallest=5, seed=1) == NONE).all()


def test_many_proteins_go_with_the_nearest_of_those_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_CLUSTERED", 60)
    points = families(120, 60)
    found = find_clusters(points, smallest=12, seed=1)
    assert found.tolist() == [0] * 120 + [1] * 60


def test_silhouettes_are_those_of_scikit_learn() -> None:
    points = families(30, 20, 1, apart=1.5)
    labels = np.array([1] * 30 + [0] * 20 + [2])
    assert np.allclose(silhouettes(points, labels, seed=1), silhouette_samples(points.astype(np.float64), labels))


def test_proteins_in_no_cluster_have_no_silhouette_and_do_not_count() -> None:
    points = families(30, 20, apart=3)
    labels = np.array([0] * 25 + [NONE] * 5 + [1] * 20)
    found = silhouettes(points, labels, seed=1)
    assert np.isnan(found[25:30]).all()
    inside = labels >= 0
    assert np.allclose(found[inside], silhouette_samples(points[inside].astype(np.float64), labels[inside]))
    assert np.isnan(silhouettes(points, np.zeros(50, dtype=np.int64), seed=1)).all()


def test_silhouettes_of_many_are_close_to_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels = families(300, 200, apart=2), np.repeat([0, 1], [300, 200])
    exact = silhouettes(points, labels, seed=1)
    monkeypatch.setattr(clusters, "MOST_COMPARED", 200)
    assert np.abs(silhouettes(points, labels, seed=1) - exact).max() < 0.08
