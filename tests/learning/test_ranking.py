"""Areas under curves and ranks by weights, against scikit-learn and scipy on rows that stand there so many times."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from plmkit.learning.ranking import Rankings, average_ranks, runs

Floats = NDArray[np.float64]
ONCE = np.ones((1, 4))


def areas(truth: Floats, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    auroc, precision = Rankings(truth[:, None], scores[:, None]).areas(weights)
    return auroc[:, 0], precision[:, 0]


def test_areas_by_hand() -> None:
    truth, scores = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.6, 0.4, 0.9])
    auroc, precision = areas(truth, scores, ONCE)
    assert auroc[0] == 0.75  # 3 of 4 pairs in order
    assert precision[0] == pytest.approx((1 / 1 + 2 / 3) / 2)  # the positives are first and third
    # the worst positive three times, the best negative never: all pairs in order
    assert [found[0] for found in areas(truth, scores, np.array([[1.0, 0, 3, 1]]))] == [1, 1]


def test_a_pair_of_equal_scores_is_half_in_order() -> None:
    auroc, precision = areas(np.array([0.0, 0, 1, 1]), np.full(4, 0.5), ONCE)
    assert (auroc[0], precision[0]) == (0.5, 0.5)


@pytest.mark.parametrize("decimals", [1, 2, 16])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_areas_equal_those_of_scikit_learn(decimals: int, share: float) -> None:
    generator = np.random.default_rng(decimals)
    truth = (generator.random(150) < share).astype(float)
    scores = (generator.normal(size=150) + truth).round(decimals)  # the fewer decimals, the more ties
    weights = generator.integers(4, size=(8, 150)).astype(float)
    auroc, precision = areas(truth, scores, weights)
    for draw, row in enumerate(weights):
        times = row.astype(int)
        repeated = np.repeat(truth, times), np.repeat(scores, times)
        assert auroc[draw] == pytest.approx(roc_auc_score(*repeated))
        assert auroc[draw] == pytest.approx(roc_auc_score(truth, scores, sample_weight=row))
        assert precision[draw] == pytest.approx(average_precision_score(*repeated))
        assert precision[draw] == pytest.approx(average_precision_score(truth, scores, sample_weight=row))


def test_places_of_unknown_truth_do_not_count() -> None:
    truth, scores = np.array([0.0, np.nan, 1, 0, 1]), np.array([0.1, 0.99, 0.4, 0.6, 0.9])
    assert areas(truth, scores, np.ones((1, 5)))[0][0] == 0.75


def test_of_one_value_only_there_is_no_curve() -> None:
    scores = np.array([0.1, 0.6, 0.4, 0.9])
    for truth in (np.ones(4), np.zeros(4), np.full(4, np.nan)):
        assert np.isnan(areas(truth, scores, ONCE)).all()
    # each draw is judged alone
    drawn = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 0, 1]])
    auroc, precision = areas(np.array([0.0, 0, 1, 1]), scores, drawn)
    assert np.array_equal(auroc, [np.nan, np.nan, np.nan, 1], equal_nan=True)
    assert np.array_equal(precision, [np.nan, np.nan, np.nan, 1], equal_nan=True)


def test_ranks_equal_those_of_scipy() -> None:
    generator = np.random.default_rng(2)
    values = generator.integers(12, size=40).astype(float)
    weights = generator.integers(3, size=(5, 40)).astype(float)
    ordered = runs(values, np.arange(40))
    found = average_ranks(ordered.totals(weights))
    for row, ranks in zip(weights, found, strict=True):
        times = row[ordered.order].astype(int)
        expected = rankdata(np.repeat(values[ordered.order], times))
        assert np.repeat(ranks[ordered.numbers()], times) == pytest.approx(expected)
