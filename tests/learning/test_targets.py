"""What is explained where the user leaves the choice; all values are written down by hand."""

import numpy as np
import pytest

from plmkit.data.task import Kind, Task
from plmkit.learning.targets import Target, target_of

CLASSES = ("a", "b", "c")
RESIDUES = Task("residue", "classification", CLASSES)
TWO_RESIDUES = np.array([[0.2, 0.5, 0.3], [0.1, 0.3, 0.6]])
BINARY = Task("residue", "classification", ("no", "yes"))


@pytest.mark.parametrize(
    ("label", "position", "target"),
    [
        (None, None, Target(2, 1, True, 0.6)),  # the surest answer anywhere: 0.6 at the second residue
        (None, 1, Target(1, 0, True, 0.5)),  # at the first residue b is said
        (0, None, Target(0, 0, False, 0.2)),  # a is most probable at the first residue, where b is said
        (1, 2, Target(1, 1, False, 0.3)),
        (2, 2, Target(2, 1, True, 0.6)),
    ],
)
def test_residues_of_several_classes(label: int | None, position: int | None, target: Target) -> None:
    assert target_of(RESIDUES, TWO_RESIDUES, label, position) == target


def test_of_two_classes_the_positive_one_is_looked_for_where_it_is_most_probable() -> None:
    values = np.array([[0.9, 0.1], [0.75, 0.25], [0.875, 0.125]])
    assert target_of(BINARY, values, None, None, positive=1) == Target(1, 1, False, 0.25)
    assert target_of(BINARY, values, None, None, positive=0) == Target(0, 0, True, 0.9)
    # at a residue that was named, what is said there is explained
    assert target_of(BINARY, values, None, 2, positive=1) == Target(0, 1, True, 0.75)


@pytest.mark.parametrize(
    ("kind", "values", "target"),
    [
        ("classification", [0.2, 0.5, 0.3], Target(1, None, True, 0.5)),
        ("multilabel", [0.25, 0.75, 0.625], Target(1, None, True, 0.75)),
        ("multilabel", [0.25, 0.375, 0.125], Target(1, None, False, 0.375)),  # the likeliest, but no label is said
        ("regression", [1.0, 7.0, 3.0], Target(0, None, True, 1.0)),  # the first quantity, whatever its value
    ],
)
def test_a_whole_protein_has_no_residue(kind: Kind, values: list[float], target: Target) -> None:
    assert target_of(Task("protein", kind, CLASSES), np.array([values]), None, None) == target


def test_of_several_labels_each_that_is_said_counts_as_predicted() -> None:
    task, values = Task("protein", "multilabel", CLASSES), np.array([[0.5, 0.75, 0.4375]])
    assert [target_of(task, values, label, None).is_predicted for label in range(3)] == [True, True, False]


def test_a_site_in_a_whole_protein_is_one_window() -> None:
    """The position of windows has been cut out already; the prediction is that of the one window."""
    task = Task("window", "classification", ("0", "1"))
    assert target_of(task, np.array([[0.25, 0.75]]), None, 137) == Target(1, None, True, 0.75)


def test_a_measured_residue_is_the_one_with_the_highest_value() -> None:
    task, values = Task("residue", "regression", ("depth", "charge")), np.array([[1.0, 5.0], [4.0, 2.0], [3.0, 9.0]])
    assert target_of(task, values, None, None) == Target(0, 1, True, 4.0)
    assert target_of(task, values, 1, None) == Target(1, 2, True, 9.0)
