import numpy as np
import pytest
from sklearn.metrics import silhouette_samples
from tests.learning.test_clusters import families

from plmkit.learning import clusters, mapping
from plmkit.learning.clusters import NONE
from plmkit.learning.landscape import Landscape, Settings, survey
from plmkit.learning.mapping import Method

Values = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def surveyed(values: Values, method: Method = "pca", near: float = 0.01) -> Landscape:
    return survey(values, Settings(method, None, 50, None, near, seed=1))


def test_exact_copies_change_nothing_and_get_what_the_first_one_has() -> None:
    values = families(20, 20)
    alone = surveyed(values)
    copied = surveyed(np.vstack([values, np.repeat(values[3:4], 100, axis=0)]))
    for name in ("places", "clusters", "silhouettes", "is_outlier", "duplicate_of", "nearest"):
        assert np.array_equal(getattr(copied, name)[:40], getattr(alone, name)), name
    assert np.array_equal(copied.places[40:], np.repeat(alone.places[3:4], 100, axis=0))
    assert (copied.clusters[40:] == alone.clusters[3]).all()
    assert (copied.duplicate_of[40:] == 3).all()
    assert copied.is_copy.tolist() == [False] * 40 + [True] * 100
    assert not copied.distances[40:].any()


def test_clusters_and_silhouettes_do_not_depend_on_the_map() -> None:
    values = families(20, 30)
    found = [surveyed(values, method) for method in ("pca", "tsne")]
    assert np.array_equal(found[0].clusters, found[1].clusters)
    assert np.array_equal(found[0].silhouettes, found[1].silhouettes)
    assert np.allclose(
        found[0].silhouettes, silhouette_samples(values.astype(np.float64), found[0].clusters), atol=1e-5
    )


def test_a_near_duplicate_names_the_first_of_its_group_and_its_distance() -> None:
    values = families(20, 20)
    values = np.vstack([values, values[5:6] + 0.01])
    found = surveyed(values)
    assert found.duplicate_of.tolist() == [*range(40), 5]
    assert np.flatnonzero(found.is_near).tolist() == [40]
    pairs = np.linalg.norm(values[:, None] - values[None], axis=2)
    typical = np.median(pairs[np.triu_indices(41, 1)])
    assert found.distances[40] == pytest.approx(0.02 / typical, rel=0.05)


def test_three_proteins_are_enough() -> None:
    found = surveyed(families(1, 1, 1))
    assert found.places.shape == (3, 2)
    assert (found.clusters == NONE).all()
    assert found.shares.sum() == pytest.approx(1)


def test_what_is_sampled_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plmkit.learning.landscape.MOST_JUDGED", 30)
    monkeypatch.setattr("plmkit.learning.landscape.MOST_BY_TSNE", 30)
    found = surveyed(families(20, 20))
    assert found.samples("pca") == ["the trustworthiness of the map was judged on 30 proteins drawn at random"]
    assert len(found.samples("tsne")) == 2
    assert (clusters.MOST_CLUSTERED, mapping.MOST_BY_TSNE) == (20_000, 20_000)
