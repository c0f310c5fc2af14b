import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, matthews_corrcoef, precision_score, recall_score

from plmkit.data.task import Task
from plmkit.learning.answers import answers_at, truth_of_labels

TWO = Task("window", "classification", ("Phospho", "unmodified"))
SEVERAL = Task("residue", "multilabel", ("Phospho", "Acetyl"))


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.77])
def test_measures_are_those_of_scikit_learn(threshold: float) -> None:
    chance = np.random.default_rng(1)
    is_true, scores = chance.uniform(size=200) < 0.3, chance.uniform(size=200)
    found, yes = answers_at(is_true, scores, threshold), scores >= threshold
    ((_, false), (_, true)) = confusion_matrix(is_true, yes)
    assert (found.true, found.false, found.positives + found.negatives) == (true, false, 200)
    assert found.sensitivity == pytest.approx(recall_score(is_true, yes))
    assert found.false_positive_rate == pytest.approx(1 - recall_score(~is_true, ~yes))
    assert found.precision == pytest.approx(precision_score(is_true, yes))
    assert found.mcc == pytest.approx(matthews_corrcoef(is_true, yes))


def test_what_divides_by_nothing_is_not_defined() -> None:
    found = answers_at(np.array([True, True]), np.array([0.2, 0.3]), 0.5)
    assert found.sensitivity == 0
    assert found.mcc == 0
    assert np.isnan(found.precision)
    assert np.isnan(found.false_positive_rate)


def test_the_positive_class_of_two_is_looked_at() -> None:
    truth = np.array([[0.0], [1], [np.nan]])
    ((label, (is_true, scores)),) = truth_of_labels(TWO, 0, truth, np.array([[0.9, 0.1], [0.3, 0.7], [0, 1]])).items()
    assert label == "Phospho"
    assert is_true.tolist() == [True, False]
    assert scores.tolist() == [0.9, 0.3]


def test_labels_are_looked_at_where_they_are_known() -> None:
    truth = np.array([[1.0, np.nan], [0, 1], [np.nan, 0]])
    found = truth_of_labels(SEVERAL, 1, truth, np.array([[0.9, 0.1], [0.3, 0.7], [0.5, 0.6]]))
    assert {label: (of[0].tolist(), of[1].tolist()) for label, of in found.items()} == {
        "Phospho": ([True, False], [0.9, 0.3]),
        "Acetyl": ([True, False], [0.7, 0.6]),
    }


@pytest.mark.parametrize(
    "task", [Task("protein", "regression", ("Tm",)), Task("protein", "classification", ("a", "b", "c"))]
)
def test_numbers_and_more_classes_have_no_yes(task: Task) -> None:
    assert truth_of_labels(task, 2, np.zeros((2, 1)), np.full((2, 3), 1 / 3)) == {}
