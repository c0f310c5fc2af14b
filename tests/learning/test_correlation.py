"""Correlations and errors by weights, against scipy and scikit-learn on rows that stand there so many times."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from plmkit.learning.correlation import Quantity


def test_by_hand() -> None:
    found = Quantity(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 5])).agreement(np.ones((1, 4)))
    assert found["spearman"][0] == pytest.approx(0.8)  # 1 - 6 * (1 + 1) / (4 * 15)
    assert found["pearson"][0] == pytest.approx(5.5 / (5 * 8.75) ** 0.5)
    assert found["r2"][0] == pytest.approx(1 - 3 / 5)
    assert found["rmse"][0] == pytest.approx((3 / 4) ** 0.5)
    assert found["mae"][0] == pytest.approx(3 / 4)


@pytest.mark.parametrize("decimals", [0, 1, 16])
def test_equal_to_scipy_and_scikit_learn(decimals: int) -> None:
    generator = np.random.default_rng(decimals)
    truth = generator.normal(5, 1, size=120).round(decimals)  # the fewer decimals, the more ties
    predicted = (truth + generator.normal(size=120)).round(decimals)
    weights = generator.integers(4, size=(6, 120)).astype(float)
    found = Quantity(truth, predicted).agreement(weights)
    for draw, row in enumerate(weights):
        repeated = np.repeat(truth, row.astype(int)), np.repeat(predicted, row.astype(int))
        assert found["spearman"][draw] == pytest.approx(spearmanr(*repeated).statistic)
        assert found["pearson"][draw] == pytest.approx(pearsonr(*repeated).statistic)
        assert found["r2"][draw] == pytest.approx(r2_score(*repeated))
        assert found["rmse"][draw] == pytest.approx(root_mean_squared_error(*repeated))
        assert found["mae"][draw] == pytest.approx(mean_absolute_error(*repeated))


def test_a_large_offset_costs_no_digits() -> None:
    truth = np.array([1.0, 2, 3, 4])
    found = Quantity(truth + 1e9, np.array([1.0, 3, 2, 5]) + 1e9).agreement(np.array([[1.0, 1, 1, 1], [2, 0, 0, 1]]))
    assert found["pearson"] == pytest.approx([5.5 / (5 * 8.75) ** 0.5, 1])


def test_constant_numbers_have_no_correlation() -> None:
    # 0.1 and 1/3 have no exact binary form: their sums are rounded
    constant, other = np.full(7, 0.1), np.arange(7) / 3
    once = np.ones((1, 7))
    found = Quantity(constant, other).agreement(once)
    assert np.isnan([found[name][0] for name in ("spearman", "pearson", "r2")]).all()
    assert found["mae"][0] == pytest.approx((0.1 + 7 - 0.6) / 7)
    found = Quantity(other, constant).agreement(once)
    assert np.isnan([found[name][0] for name in ("spearman", "pearson")]).all()
    assert found["r2"][0] == pytest.approx(-((1 - 0.1) ** 2) / (28 / 9 / 7))  # mean 1, variance 4 / 9
    # constant among what was drawn
    drawn = Quantity(np.repeat([0.1, 0.7], 7), np.tile(other, 2)).agreement(np.repeat([[1.0, 0.0]], 7, axis=1))
    assert np.isnan([drawn[name][0] for name in ("spearman", "pearson", "r2")]).all()


def test_unknown_truth_does_not_count() -> None:
    found = Quantity(np.array([1.0, np.nan, 3]), np.array([2.0, 50, 3])).agreement(np.array([[1.0, 1, 1], [0, 1, 0]]))
    assert found["mae"][0] == pytest.approx(0.5)
    assert all(np.isnan(values[1]) for values in found.values())
    nothing = Quantity(np.full(3, np.nan), np.zeros(3)).agreement(np.ones((2, 3)))
    assert all(np.isnan(values).all() for values in nothing.values())
