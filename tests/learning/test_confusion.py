"""Accuracy, MCC and F1 by weights, against scikit-learn on rows that stand there so many times."""

import numpy as np
import pytest
from sklearn import metrics as reference

from plmkit.learning import confusion
from plmkit.learning.confusion import ClassAnswers, LabelAnswers


def test_two_classes_by_hand() -> None:
    answers = ClassAnswers(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2)
    counts = answers.counts(np.array([[1.0, 1, 1, 1], [2, 1, 0, 1]]))
    assert confusion.accuracy(counts) == pytest.approx([0.5, 0.75])
    # then 1 true positive, 1 false positive, 2 true negatives: (1 * 2 - 0) / sqrt(2 * 1 * 3 * 2)
    assert confusion.matthews_correlation(counts) == pytest.approx([0, 2 / 12**0.5])
    assert confusion.f1(counts)[1] == pytest.approx([4 / 5, 2 / 3])


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_classes_equal_scikit_learn(classes: int) -> None:
    generator = np.random.default_rng(classes)
    truth, answers = generator.integers(classes, size=(2, 90))
    answers[:40] = truth[:40]
    weights = generator.integers(4, size=(6, 90)).astype(float)
    counts = ClassAnswers(truth, answers, classes).counts(weights)
    for draw, row in enumerate(weights):
        repeated = np.repeat(truth, row.astype(int)), np.repeat(answers, row.astype(int))
        assert confusion.accuracy(counts)[draw] == pytest.approx(reference.accuracy_score(*repeated))
        weighted = reference.accuracy_score(truth, answers, sample_weight=row)
        assert confusion.accuracy(counts)[draw] == pytest.approx(weighted)
        expected = reference.matthews_corrcoef(truth, answers, sample_weight=row)
        assert confusion.matthews_correlation(counts)[draw] == pytest.approx(expected)
        assert confusion.matthews_correlation(counts)[draw] == pytest.approx(reference.matthews_corrcoef(*repeated))
        assert confusion.f1(counts)[draw] == pytest.approx(reference.f1_score(*repeated, average=None))


def test_labels_equal_scikit_learn() -> None:
    generator = np.random.default_rng(8)
    truth = generator.integers(2, size=(60, 4)).astype(float)
    probabilities = 0.6 * generator.random((60, 4)) + 0.4 * truth
    weights = generator.integers(4, size=(6, 60)).astype(float)
    counts = LabelAnswers(truth, probabilities).counts(weights)
    for draw, row in enumerate(weights):
        repeated = [np.repeat(part, row.astype(int), axis=0) for part in (truth, probabilities >= 0.5)]
        assert confusion.f1(counts)[draw] == pytest.approx(reference.f1_score(*repeated, average=None))
        assert confusion.micro_f1(counts)[draw] == pytest.approx(reference.f1_score(*repeated, average="micro"))


def test_a_label_is_answered_by_yes_from_one_half() -> None:
    counts = LabelAnswers(np.ones((2, 1)), np.array([[0.5], [0.499]])).counts(np.ones((1, 2)))
    assert counts.answered[0] == [1]


def test_cells_of_unknown_truth_do_not_count() -> None:
    truth = np.array([[1.0, np.nan], [np.nan, 0.0], [1.0, 1.0]])
    counts = LabelAnswers(truth, np.full((3, 2), 0.9)).counts(np.ones((1, 3)))
    assert confusion.f1(counts)[0] == pytest.approx([1, 2 / 3])
    assert confusion.micro_f1(counts)[0] == pytest.approx(2 * 3 / (3 + 4))


def test_constant_truth_or_answers_have_no_correlation() -> None:
    once = np.ones((1, 3))
    for truth, answers in (([1, 1, 1], [1, 0, 1]), ([1, 0, 1], [1, 1, 1]), ([1, 1, 1], [1, 1, 1])):
        counts = ClassAnswers(np.array(truth), np.array(answers), 2).counts(once)
        assert confusion.matthews_correlation(counts)[0] == 0


def test_nothing_true_and_nothing_answered_has_no_f1() -> None:
    counts = LabelAnswers(np.zeros((3, 2)), np.zeros((3, 2))).counts(np.ones((1, 3)))
    assert np.isnan(confusion.f1(counts)).all()
    assert np.isnan(confusion.micro_f1(counts)).all()
