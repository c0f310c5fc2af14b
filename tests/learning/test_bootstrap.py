"""Draws against their definition by rows, and intervals against what theory expects."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap as reference

from plmkit.learning.bootstrap import draws, interval

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def drawn(groups: Integers, count: int, seed: int = 0) -> Floats:
    return np.concatenate(list(draws(groups, count, seed)))


def rows_drawn_one_by_one(groups: Integers, count: int, seed: int) -> Floats:
    """The definition: a list of rows for each draw; here counted."""
    generator = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    weights = np.zeros((count, len(groups)))
    for draw in range(count):
        for index in generator.integers(len(rows_of), size=len(rows_of)):
            rows = rows_of[index]
            for row in rows if len(rows_of) >= 20 else generator.choice(rows, size=len(rows)):
                weights[draw, row] += 1
    return weights


@pytest.mark.parametrize("count", [1, 2, 19, 20, 60])
def test_weights_are_the_counts_of_drawn_rows(count: int) -> None:
    groups = np.random.default_rng(count).permutation(np.arange(130) % count) * 7 - 20
    assert np.array_equal(drawn(groups, 30, seed=5), rows_drawn_one_by_one(groups, 30, seed=5))


def test_many_groups_are_drawn_whole() -> None:
    groups = np.arange(20).repeat(3)
    weights = drawn(groups, 50).reshape(50, 20, 3)
    assert (weights == weights[:, :, :1]).all()
    assert (weights[:, :, 0].sum(axis=1) == 20).all()
    assert weights.max() > 1
    assert weights.mean() == 1


def test_of_few_groups_rows_are_drawn_too() -> None:
    groups = np.arange(19).repeat(3)
    weights = drawn(groups, 50).reshape(50, 19, 3)
    of_groups = weights.sum(axis=2)
    assert (of_groups % 3 == 0).all()
    assert (of_groups.sum(axis=1) == 57).all()
    assert (weights != weights[:, :, :1]).any()


def test_draws_are_the_same_however_they_are_asked_for() -> None:
    groups = np.arange(40_000) // 100  # more than one block
    blocks = list(draws(groups, 5, seed=1))
    assert len(blocks) > 1
    assert np.array_equal(np.concatenate(blocks), drawn(groups, 5, seed=1))
    assert np.array_equal(np.concatenate(blocks)[:3], drawn(groups, 3, seed=1))
    assert not np.array_equal(np.concatenate(blocks), drawn(groups, 5, seed=2))


def test_the_interval_of_independent_places_is_that_of_scipy() -> None:
    values = np.random.default_rng(4).random(80)
    found = interval(drawn(np.arange(80), 4000) @ values / 80)
    expected = reference((values,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert found == pytest.approx((expected.low, expected.high), abs=0.005)


def test_places_of_one_group_widen_the_interval() -> None:
    # 30 proteins of ten places; all places of a protein are equal
    values, groups = np.repeat(np.arange(30) % 2, 10), np.repeat(np.arange(30), 10)
    widths = [np.ptp(interval(drawn(each, 1000) @ values / 300)) for each in (groups, np.arange(300))]
    # by the binomial law: sqrt(0.25 / n), twice 1.96 of it
    assert widths == pytest.approx([3.92 * (0.25 / 30) ** 0.5, 3.92 * (0.25 / 300) ** 0.5], rel=0.1)


def test_one_group_has_an_interval_from_its_places() -> None:
    values = np.arange(200) % 2
    low, high = interval(drawn(np.zeros(200, dtype=np.int64), 1000) @ values / 200)
    assert high - low == pytest.approx(3.92 * (0.25 / 200) ** 0.5, rel=0.1)


def test_undefined_values_are_left_out_up_to_one_half() -> None:
    assert interval(np.array([np.nan, np.nan, 1.0, 3.0])) == pytest.approx((1.05, 2.95))
    assert np.isnan(interval(np.array([np.nan, np.nan, np.nan, 1.0, 3.0]))).all()
