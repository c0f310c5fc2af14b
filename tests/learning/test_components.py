import numpy as np
import pytest
from sklearn.decomposition import PCA

from plmkit.learning import components
from plmkit.learning.components import principal_components


@pytest.mark.parametrize("shape", [(60, 7), (7, 60), (3, 2), (20, 20)])
def test_components_are_those_of_scikit_learn(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "_NUMBERS_AT_ONCE", 50)
    values = (np.random.default_rng(1).normal(size=shape) + 100).astype(np.float32)
    found = principal_components(values, 4)
    other = PCA(n_components=min(4, shape[0] - 1, shape[1])).fit(values.astype(np.float64))
    expected = other.transform(values.astype(np.float64))
    assert found.positions.shape == expected.shape
    assert np.allclose(np.abs(found.positions), np.abs(expected), atol=1e-4)
    assert np.allclose(found.shares, other.explained_variance_ratio_)


def test_the_largest_weight_of_a_component_is_positive() -> None:
    line = np.array([[-2, 0.1], [0, 0], [2, -0.1]], dtype=np.float32)
    assert (np.sign(principal_components(line, 2).positions[:, 0]) == [-1, 0, 1]).all()
    assert (np.sign(principal_components(-line, 2).positions[:, 0]) == [1, 0, -1]).all()


def test_one_number_for_each_protein_has_one_component_with_all_variance() -> None:
    found = principal_components(np.array([[1], [2], [6]], dtype=np.float32), 50)
    assert found.positions.tolist() == [[-2], [-1], [3]]
    assert found.shares.tolist() == [1]
