import math

import numpy as np
import pytest

from plmkit.learning.resemblance import (
    Neighbours,
    agreement,
    far_from_all,
    first_of_alike,
    first_of_equals,
    nearest_neighbours,
    typical_distance,
)


def line(*places: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array(places, dtype=np.float32)[:, None]


def test_equal_rows_go_with_the_first_of_them() -> None:
    assert first_of_equals(line(5, 1, 5, 1, 2)).tolist() == [0, 1, 0, 1, 4]


@pytest.mark.parametrize("width", [3, 40])
def test_neighbours_are_the_nearest_others(width: int) -> None:
    points = np.random.default_rng(2).normal(size=(50, width)).astype(np.float32)
    found = nearest_neighbours(points, 5)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (found.rows == distances.argsort(axis=1)[:, :5]).all()
    assert np.allclose(found.distances, np.sort(distances, axis=1)[:, :5], atol=1e-5)
    assert nearest_neighbours(points[:3], 5).rows.shape == (3, 2)


def test_near_duplicates_are_linked_to_the_first_of_their_group() -> None:
    values = line(0, 10, 0.9, 1.8, 10.5, 5)
    assert first_of_alike(values, nearest_neighbours(values, 3), 1.0).tolist() == [0, 1, 0, 0, 1, 5]
    assert first_of_alike(values, nearest_neighbours(values, 3), 0.0).tolist() == [0, 1, 2, 3, 4, 5]


def test_what_is_near_in_few_dimensions_alone_is_no_duplicate() -> None:
    values = np.array([[0, 0], [0, 9], [7, 0]], dtype=np.float32)
    assert first_of_alike(values, nearest_neighbours(values[:, :1], 2), 1.0).tolist() == [0, 1, 2]


def test_the_typical_distance_is_the_median_over_pairs() -> None:
    assert typical_distance(line(0, 1), seed=1) == 1
    values = np.random.default_rng(3).normal(size=(400, 100)).astype(np.float32)
    assert typical_distance(values, seed=1) == pytest.approx(math.sqrt(200), rel=0.02)


def test_one_far_from_all_is_an_outlier_and_a_family_of_its_own_is_not() -> None:
    generator = np.random.default_rng(4)
    family = [generator.normal(size=(30, 5)) + 20 * shift for shift in (0, 1)]
    points = np.vstack([*family, np.full((1, 5), 50)]).astype(np.float32)
    assert np.flatnonzero(far_from_all(nearest_neighbours(points, 15))).tolist() == [60]


def test_few_proteins_have_no_outliers_and_equal_distances_neither() -> None:
    assert not far_from_all(nearest_neighbours(line(0, 1, 2, 1000), 15)).any()
    assert not far_from_all(Neighbours(np.zeros((20, 10), dtype=np.int64), np.ones((20, 10)))).any()


def test_agreement_counts_neighbours_with_the_same_category() -> None:
    neighbours = Neighbours(np.array([[1, 2], [0, 2], [3, 0], [2, 1]]), np.ones((4, 2)))
    # a: b yes, c no; b: a yes, c no; c: d has none, a no; d has none
    own, by_chance = agreement(neighbours, ["x", "x", "y", None])
    assert own == pytest.approx(2 / 5)
    assert by_chance == pytest.approx(2 * 1 / (3 * 2))
    assert math.isnan(agreement(neighbours, ["x", None, None, None])[0])
