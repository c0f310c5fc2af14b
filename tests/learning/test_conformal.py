"""Sets and intervals hold the truth as often as was asked for."""

import json
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from plmkit.data.task import Task
from plmkit.learning.conformal import Conformal, fit_conformal, label_sets

CLASSES = Task("protein", "classification", ("a", "b", "c"))
QUANTITIES = Task("protein", "regression", ("Tm", "pH"))
Doubles = NDArray[np.float64]


def drawn(count: int, seed: int, shares: tuple[float, ...] = (0, 0, 0)) -> tuple[Doubles, Doubles]:
    chance = np.random.default_rng(seed)
    predicted = softmax(chance.normal(0, 1.5, (count, 3)) + np.array(shares), axis=1)
    truth = [chance.choice(3, p=row) for row in predicted]
    return np.array(truth, dtype=np.float64)[:, None], predicted


def test_the_threshold_is_the_error_of_the_right_rank() -> None:
    task = Task("protein", "regression", ("Tm",))
    truth = np.arange(1.0, 20)[:, None]  # errors 1 to 19
    fitted = fit_conformal(task, truth, np.zeros((19, 1)))
    assert fitted is not None
    assert fitted.thresholds(0.9).tolist() == [18]  # the 0.9 * 20 smallest
    assert fitted.thresholds(0.5).tolist() == [10]
    assert fitted.thresholds(0.95).tolist() == [19]
    assert fitted.thresholds(0.96).tolist() == [math.inf]  # too few to say


def test_kept_scores_of_many_err_on_the_safe_side() -> None:
    task = Task("protein", "regression", ("Tm",))
    errors = np.random.default_rng(1).exponential(size=(12_345, 1))
    fitted = fit_conformal(task, errors, np.zeros_like(errors))
    assert fitted is not None
    assert len(fitted.scores[0].kept) == 200
    for level in (0.5, 0.8, 0.9, 0.99):
        exact = np.sort(errors[:, 0])[math.ceil(12_346 * level) - 1]
        assert exact - 1e-8 <= fitted.thresholds(level)[0] <= np.quantile(errors, min(1, level + 0.0051)) + 1e-8


@pytest.mark.parametrize("level", [0.7, 0.9])
def test_sets_hold_the_truth_of_other_examples(level: float) -> None:
    fitted = fit_conformal(CLASSES, *drawn(250, 1))
    assert fitted is not None
    truth, predicted = drawn(20_000, 2)
    sets = label_sets(predicted, fitted.thresholds(level))
    assert sets[np.arange(len(truth)), truth[:, 0].astype(int)].mean() == pytest.approx(level, abs=0.05)
    assert sets.sum(axis=1).min() == 1
    assert sets[np.arange(len(truth)), predicted.argmax(axis=1)].all()


def test_a_rare_class_is_held_as_often_as_others_where_there_are_enough() -> None:
    rare = (0.0, 0.0, -3.0)
    truth, predicted = drawn(8000, 3, rare)
    fitted = fit_conformal(CLASSES, truth, predicted)
    assert fitted is not None
    assert fitted.by_label
    truth, predicted = drawn(40_000, 4, rare)
    sets = label_sets(predicted, fitted.thresholds(0.9))
    for number in range(3):
        assert sets[truth[:, 0] == number, number].mean() == pytest.approx(0.9, abs=0.05)


def test_intervals_hold_each_quantity_and_unknown_values_are_left_out() -> None:
    chance = np.random.default_rng(5)
    truth = chance.normal(0, (1, 10), (600, 2))
    truth[:200, 1] = np.nan
    fitted = fit_conformal(QUANTITIES, truth, np.zeros((600, 2)))
    assert fitted is not None
    assert [scores.count for scores in fitted.scores] == [600, 400]
    np.testing.assert_allclose(fitted.thresholds(0.9), [1.645, 16.45], rtol=0.1)  # of a normal distribution


def test_several_labels_have_no_sets() -> None:
    task = Task("protein", "multilabel", ("x", "y"))
    assert fit_conformal(task, np.ones((5, 2)), np.ones((5, 2))) is None


def test_it_says_the_same_after_it_was_saved() -> None:
    fitted = fit_conformal(CLASSES, *drawn(2000, 1))
    assert fitted is not None
    again = Conformal.from_json(json.loads(json.dumps(fitted.to_json())), CLASSES)
    assert again.thresholds(0.9).tolist() == fitted.thresholds(0.9).tolist()


@pytest.mark.parametrize(
    "scores", [[], [{"count": 3, "kept": [1, 2]}], [{"count": 2, "kept": [2, 1]}], [{"count": 1, "kept": [0]}] * 2]
)
def test_what_is_no_list_of_scores_is_refused(scores: list[object]) -> None:
    with pytest.raises(ValueError, match="conformal scores"):
        Conformal.from_json({"scores": scores}, CLASSES)
