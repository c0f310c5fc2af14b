import numpy as np
import pytest
from sklearn import manifold
from tests.learning.test_clusters import families

from plmkit.learning import mapping
from plmkit.learning.components import principal_components
from plmkit.learning.mapping import Method, place, trustworthiness
from plmkit.learning.resemblance import nearest_neighbours

METHODS: list[Method] = ["pca", "tsne", "umap"]


@pytest.mark.parametrize("total", [3, 4, 5, 30])
def test_trustworthiness_is_that_of_scikit_learn(total: int) -> None:
    generator = np.random.default_rng(5)
    values, places = generator.normal(size=(total, 6)), generator.normal(size=(total, 2))
    count = min(10, (total - 1) // 2)
    expected = manifold.trustworthiness(values, places, n_neighbors=count)
    found = trustworthiness(values.astype(np.float32), places.astype(np.float32), seed=1)
    assert found == pytest.approx(expected, abs=1e-9)


def test_trustworthiness_of_many_is_estimated_from_some(monkeypatch: pytest.MonkeyPatch) -> None:
    values = families(200, 200, apart=2)
    exact = trustworthiness(values, values[:, :2], seed=1)
    monkeypatch.setattr(mapping, "MOST_JUDGED", 100)
    assert trustworthiness(values, values[:, :2], seed=1) == pytest.approx(exact, abs=0.02)


def placed(
    values: np.ndarray[tuple[int, int], np.dtype[np.float32]], method: Method
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    points = principal_components(values, 50).positions
    return place(points, method, nearest_neighbours(points, 15), 30, seed=1)


@pytest.mark.usefixtures("umap_is_compiled")
@pytest.mark.parametrize("method", METHODS)
def test_families_lie_apart_and_the_same_seed_gives_the_same_map(method: Method) -> None:
    values = families(30, 30)
    places = placed(values, method)
    one, other = places[:30], places[30:]
    within = max(np.linalg.norm(part - part.mean(axis=0), axis=1).mean() for part in (one, other))
    assert np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)) > 2 * within
    assert np.array_equal(placed(values, method), places)


@pytest.mark.usefixtures("umap_is_compiled")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(3, 5), (4, 1), (5, 2)])
def test_very_few_proteins_have_a_place(method: Method, shape: tuple[int, int]) -> None:
    places = placed(np.random.default_rng(6).normal(size=shape).astype(np.float32), method)
    assert places.shape == (shape[0], 2)
    assert np.isfinite(places).all()


def test_of_many_proteins_t_sne_places_some_and_the_others_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "MOST_BY_TSNE", 60)
    places = placed(families(80, 80), "tsne")
    nearest = nearest_neighbours(places, 1).rows[:, 0]
    assert ((nearest < 80) == (np.arange(160) < 80)).all()
