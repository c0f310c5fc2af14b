"""Measures of honesty agree with scikit-learn and with hand calculation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from plmkit.data.task import Task
from plmkit.learning.reliability import BINS, measures_of

TWO = Task("window", "classification", ("0", "1"))
THREE = Task("protein", "classification", ("a", "b", "c"))
Doubles = NDArray[np.float64]


def drawn(classes: int, count: int = 400) -> tuple[Doubles, Doubles]:
    chance = np.random.default_rng(1)
    predicted = softmax(chance.normal(0, 2, (count, classes)), axis=1)
    return chance.integers(classes, size=count).astype(np.float64)[:, None], predicted


def test_two_classes_by_scikit_learn() -> None:
    truth, predicted = drawn(2)
    found = measures_of(TWO, truth, predicted, predicted, None, np.arange(400))
    share, mean = calibration_curve(truth[:, 0], predicted[:, 1], n_bins=BINS)
    counts = np.histogram(predicted[:, 1], np.linspace(0, 1, BINS + 1))[0]
    assert found["ece"].value == pytest.approx(np.abs(share - mean) @ counts[counts > 0] / 400)
    assert found["brier"].value == pytest.approx(brier_score_loss(truth[:, 0], predicted[:, 1]))
    assert found["ece"] == found["ece_uncalibrated"]
    assert found["brier"].low < found["brier"].value < found["brier"].high


def test_many_classes_by_scikit_learn() -> None:
    truth, predicted = drawn(3)
    found = measures_of(THREE, truth, predicted, predicted, None, np.arange(400))
    assert found["brier"].value == pytest.approx(brier_score_loss(truth[:, 0], predicted, scale_by_half=False))
    right = predicted.argmax(axis=1) == truth[:, 0]
    share, mean = calibration_curve(right, predicted.max(axis=1), n_bins=BINS)
    counts = np.histogram(predicted.max(axis=1), np.linspace(0, 1, BINS + 1))[0]
    assert found["ece"].value == pytest.approx(np.abs(share - mean) @ counts[counts > 0] / 400)


def test_several_labels_by_hand_unknown_ones_left_out() -> None:
    truth = np.array([[1, np.nan], [0, 1]])
    predicted = np.array([[0.9, 0.5], [0.4, 0.9]])
    found = measures_of(Task("protein", "multilabel", ("x", "y")), truth, predicted, predicted, None, np.array([0, 1]))
    assert found["brier"].value == pytest.approx((0.01 + 0.16 + 0.01) / 3)
    assert found["ece"].value == pytest.approx((0.2 + 0.4) / 3)


def test_coverage_and_size_by_hand() -> None:
    truth = np.array([[0.0], [2], [1]])
    predicted = np.array([[0.5, 0.4, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    found = measures_of(THREE, truth, predicted, predicted, np.array([0.65]), np.arange(3))
    assert found["coverage"].value == pytest.approx(2 / 3)
    assert found["set_size"].value == pytest.approx((2 + 1 + 1) / 3)


def test_intervals_without_bounds_are_left_out() -> None:
    task = Task("protein", "regression", ("Tm", "pH"))
    truth, zeros, groups = np.array([[1.0, np.nan], [2.0, 5.0], [np.nan, 1.0]]), np.zeros((3, 2)), np.arange(3)
    assert measures_of(task, truth, zeros, zeros, np.full(2, np.inf), groups) == {}
    found = measures_of(task, truth, zeros, zeros, np.array([1.5, np.inf]), groups)
    assert found["coverage"].value == pytest.approx(1 / 2)
    assert found["width"].value == pytest.approx(3)


def test_intervals_by_hand() -> None:
    task = Task("protein", "regression", ("Tm", "pH"))
    truth = np.array([[1.0, np.nan], [2.0, 5.0]])
    found = measures_of(task, truth, np.zeros((2, 2)), np.zeros((2, 2)), np.array([1.5, 10]), np.arange(2))
    assert found.keys() == {"coverage", "width"}
    assert found["coverage"].value == pytest.approx(2 / 3)
    assert found["width"].value == pytest.approx((3 + 3 + 20) / 3)
