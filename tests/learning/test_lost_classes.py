"""An interval is left out where the draws that lose a class reach beyond the others, and nowhere else."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from plmkit.learning.bootstrap import draws, interval
from plmkit.learning.lost_classes import carried_by_lost_classes


def answers(classes: str, of: str) -> tuple[np.ndarray, np.ndarray]:
    """Return truth (P, 1) and predictions (P, C) of words such as "AAB"."""
    names = sorted(set(classes) | set(of))
    truth = np.array([[names.index(letter)] for letter in classes], dtype=np.float64)
    return truth, np.eye(len(names))[[names.index(letter) for letter in of]]


def test_a_class_of_one_example_carries_the_interval() -> None:
    truth, predicted = answers("A" * 11 + "B", "A" * 12)
    groups = np.arange(12)
    # scikit-learn, draw by draw: a draw without B scores 1, one with B at most one half
    weights = np.concatenate(list(draws(groups, 1000, 0)))
    rows = [np.repeat(np.arange(12), row.astype(int)) for row in weights]
    scores = np.array(
        [f1_score(truth[row, 0], predicted[row].argmax(axis=1), average="macro", zero_division=0) for row in rows]
    )
    holds = weights[:, 11] > 0
    assert interval(scores)[1] == 1
    assert scores[holds].max() < 0.5
    assert carried_by_lost_classes("classification", truth, predicted, groups, 0) == {"macro_f1"}


def test_an_answer_that_is_never_true_carries_it_too() -> None:
    truth, predicted = answers("AAAAAABBBBBB", "AAAAAABBBBBX")
    assert "macro_f1" in carried_by_lost_classes("classification", truth, predicted, np.arange(12), 0)


def test_a_draw_of_one_class_says_nothing_of_the_correlation() -> None:
    truth, predicted = answers("A" * 11 + "B", "A" * 11 + "B")
    assert carried_by_lost_classes("classification", truth, predicted, np.arange(12), 0) == {"mcc"}


def test_classes_of_few_proteins_are_lost_however_many_their_residues() -> None:
    truth, predicted = answers(("A" * 10) * 28 + ("B" * 10) * 2, "A" * 300)
    by_protein = np.arange(30).repeat(10)
    assert carried_by_lost_classes("classification", truth, predicted, by_protein, 0) == {"macro_f1"}
    assert not carried_by_lost_classes("classification", truth, predicted, np.arange(300), 0)


def test_a_rare_one_of_many_classes_does_no_harm() -> None:
    truth, predicted = answers("ABCDEFGH" * 12 + "Z", "ABCDEFGA" * 12 + "A")
    assert not carried_by_lost_classes("classification", truth, predicted, np.arange(97), 0)


def test_labels_are_treated_like_classes() -> None:
    truth = np.zeros((20, 2))
    truth[:10, 0], truth[0, 1] = 1, 1
    poor = np.column_stack([truth[:, 0] * 0.8, np.where(np.arange(20) == 0, 0.1, 0.2)])
    assert carried_by_lost_classes("multilabel", truth, poor, np.arange(20), 0) == {
        "macro_f1",
        "auroc",
        "average_precision",
    }


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_numbers_and_frequent_classes_are_left_alone(kind: str) -> None:
    truth, predicted = answers("AB" * 20, "AB" * 10 + "BA" * 10)
    assert not carried_by_lost_classes(kind, truth, predicted, np.arange(40), 0)  # type: ignore[arg-type]
