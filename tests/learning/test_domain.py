"""What lies far from the training examples is found; what is like them is not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.spatial.distance import cdist

from plmkit.learning.domain import MOST_KEPT, Domain, fit_domain, flag


def cloud(count: int, seed: int, centre: float = 0.0) -> NDArray[np.float32]:
    scales = np.array([1, 10, 0.1, 5, 1, 1, 2, 3])
    found = np.random.default_rng(seed).normal(centre, 1, (count, 8)) * scales
    return np.asarray(found, dtype=np.float32)


def test_distances_are_those_of_scipy() -> None:
    training, validation = cloud(300, 1), cloud(50, 2)
    domain = fit_domain(training, validation)
    mean, deviation = training.mean(axis=0), training.std(axis=0)
    expected = cdist((validation - mean) / deviation, (training - mean) / deviation).min(axis=1)
    np.testing.assert_allclose(domain.distances, np.sort(expected), rtol=0.01)


def test_examples_like_those_of_training_are_seldom_far_and_others_always() -> None:
    domain = fit_domain(cloud(800, 1), cloud(400, 2))
    assert (domain.shares(cloud(2000, 3)) >= 0.95).mean() == pytest.approx(0.05, abs=0.03)
    assert (domain.shares(cloud(100, 4, centre=8)) == 400 / 401).all()  # all 400 are nearer; it counts itself
    assert (domain.shares(cloud(800, 1)) == 0).all()  # the training examples themselves


def test_few_validation_examples_flag_no_more_than_one_in_twenty() -> None:
    found = [fit_domain(cloud(300, 1), cloud(19, seed)).shares(cloud(100, seed + 500)) for seed in range(2, 42)]
    assert (np.concatenate(found) >= 0.95).mean() == pytest.approx(0.05, abs=0.025)


def test_no_more_than_are_needed_are_kept_and_constant_numbers_do_no_harm() -> None:
    vectors = np.concatenate([cloud(MOST_KEPT + 5, 1), np.ones((MOST_KEPT + 5, 1), dtype=np.float32)], axis=1)
    domain = fit_domain(vectors, vectors[:30])
    assert domain.vectors.shape == (MOST_KEPT, 9)
    assert np.isfinite(domain.vectors).all()


def test_it_says_the_same_after_it_was_saved(tmp_path: Path) -> None:
    domain = fit_domain(cloud(100, 1), cloud(40, 2))
    domain.save(tmp_path / "domain.safetensors")
    again = Domain.load(tmp_path / "domain.safetensors")
    assert np.array_equal(again.shares(cloud(50, 3)), domain.shares(cloud(50, 3)))


@pytest.mark.parametrize("name", ["mean", "deviation", "vectors", "distances"])
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    domain, path = fit_domain(cloud(100, 1), cloud(40, 2)), tmp_path / "domain.safetensors"
    arrays = {key: getattr(domain, key) for key in ("mean", "deviation", "vectors", "distances")}
    for wrong in (np.full_like(arrays[name], np.nan), arrays[name][..., :0], None):
        changed = {key: array for key, array in (arrays | {name: wrong}).items() if array is not None}
        save_file({key: np.ascontiguousarray(array) for key, array in changed.items()}, path)
        with pytest.raises(ValueError, match=r"arrays|deviations"):
            Domain.load(path)
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r".+"):
        Domain.load(path)


def test_far_is_beyond_nineteen_of_twenty() -> None:
    assert [flag(share) for share in (0, 0.94, 0.95, 0.98, 0.99, 1)] == ["no", "no", "yes", "yes", "very", "very"]
