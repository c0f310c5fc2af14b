"""Comparisons of two methods; expected values come from scipy and from counting by hand."""

import math

import numpy as np
import pytest
from scipy.stats import permutation_test as scipy_permutation_test
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from plmkit.learning import metrics
from plmkit.learning.paired import compared, holm, mcnemar, permutation_test, permutations

ALONE = np.arange(40)


def two_methods(seed: int = 0, count: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth (P, 1) of two classes, and probabilities of a good and a poor method."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(2, size=count)
    shares = [
        np.clip(0.5 + strength * (truth - 0.5) + generator.normal(0, 0.25, count), 0, 1) for strength in (0.5, 0.1)
    ]
    one, other = (np.column_stack([1 - share, share]) for share in shares)
    return truth[:, None].astype(np.float64), one, other


def test_mcnemar_is_the_binomial_test_of_the_pairs_that_differ() -> None:
    one, other = np.array([True] * 8 + [False] * 2 + [True] * 5), np.array([False] * 8 + [True] * 2 + [True] * 5)
    # of ten different pairs two are for the other: twice (1 + 10 + 45) / 1024
    assert mcnemar(one, other) == pytest.approx(2 * 56 / 1024)
    assert mcnemar(one, one) == 1


def test_the_permutation_test_of_accuracy_is_that_of_scipy() -> None:
    truth, one, other = two_methods(count=10)
    right = [(values.argmax(axis=1) == truth[:, 0]).astype(float) for values in (one, other)]

    def mean_difference(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        found: np.ndarray = (first - second).mean(axis=axis)
        return found

    exact = scipy_permutation_test(right, mean_difference, permutation_type="samples", vectorized=True)  # all 1,024
    found = permutation_test("accuracy", "classification", truth, (one, other), np.arange(10))
    assert found == pytest.approx(exact.pvalue, abs=0.02)


def test_the_permutation_test_of_auroc_sees_ranks_alone() -> None:
    truth, one, other = two_methods()
    stretched = np.column_stack([-np.exp(9 * other[:, 1]), np.exp(9 * other[:, 1])])
    p = permutation_test("auroc", "classification", truth, (one, other), ALONE)
    assert permutation_test("auroc", "classification", truth, (one, stretched), ALONE) == p
    assert p < 0.05
    assert permutation_test("auroc", "classification", truth, (one, one), ALONE) == 1


def test_predictions_of_one_group_are_exchanged_together() -> None:
    truth, one, other = two_methods()
    # with two groups there are four exchanges, and two of them are as far as the data: p cannot be below one half
    p = permutation_test("auroc", "classification", truth, (one, other), ALONE // 20)
    assert p == pytest.approx(0.5, abs=0.02)


def test_methods_that_do_not_differ_are_seldom_told_apart() -> None:
    p_values = []
    for seed in range(40):
        generator = np.random.default_rng(seed)
        truth, one, _ = two_methods(seed)
        other = np.clip(one + generator.normal(0, 0.3, one.shape), 0, 1)
        first = generator.random(len(one)) < 0.5  # exchanged by lot: no difference by construction
        pair = (np.where(first[:, None], one, other), np.where(first[:, None], other, one))
        p_values.append(permutation_test("macro_f1", "classification", truth, pair, ALONE))
    assert np.mean(np.array(p_values) < 0.05) <= 0.15


def test_differences_are_those_of_scikit_learn() -> None:
    truth, one, other = two_methods()
    found = compared(["auroc", "average_precision", "macro_f1"], "classification", truth, (one, other), ALONE)
    for name, measure in (("auroc", roc_auc_score), ("average_precision", average_precision_score)):
        values = [measure(truth[:, 0], values[:, 1]) for values in (one, other)]
        assert [found[name].one.value, found[name].other.value] == pytest.approx(values)
        assert found[name].difference.value == pytest.approx(values[0] - values[1])
        assert found[name].difference.low < found[name].difference.value < found[name].difference.high
    f1 = [f1_score(truth[:, 0], values.argmax(axis=1), average="macro") for values in (one, other)]
    assert found["macro_f1"].difference.value == pytest.approx(f1[0] - f1[1])


def test_values_of_two_methods_are_those_of_each_alone() -> None:
    truth, one, other = two_methods()
    groups = ALONE // 2
    found = compared(["auroc"], "classification", truth, (one, other), groups, seed=3)["auroc"]
    for values, estimate in ((one, found.one), (other, found.other)):
        assert metrics.estimates("classification", truth, values, groups, seed=3)["auroc"] == estimate
    assert metrics.difference("auroc", "classification", truth, one, other, groups, seed=3) == found.difference


def test_holm_multiplies_the_smallest_p_by_the_number_of_tests() -> None:
    assert holm([0.04, 0.01, math.nan, 0.03]) == pytest.approx([0.06, 0.03, math.nan, 0.06], nan_ok=True)
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([0.2]) == [0.2]


def test_many_places_are_exchanged_less_often() -> None:
    assert (permutations(100), permutations(100_000)) == (9_999, 999)
