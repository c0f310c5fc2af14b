import numpy as np
import pytest
from tests.data.example_files import made

from plmkit.data.dataset import Example, Examples, pairs_in_one_order
from plmkit.data.task import Task


def indices(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def residues() -> Examples:
    """Three proteins of 2, 3 and 1 residues."""
    items = [Example(name, (sequence,), name, 1) for name, sequence in (("a", "MK"), ("b", "MKV"), ("c", "W"))]
    truth: list[list[float]] = [[0], [1], [1], [np.nan], [0], [1]]
    return made(Task("residue", "classification", ("C", "H")), items, truth, [2, 3, 1])


@pytest.fixture
def proteins() -> Examples:
    items = [Example(f"p{n}", ("MKV"[: n + 1],), f"p{n}", 1) for n in range(3)]
    return made(Task("protein", "multilabel", ("x", "y")), items, [[0, 1], [1, 1], [0, 0]], [1, 1, 1])


def test_the_places_of_residues_follow_their_proteins(residues: Examples) -> None:
    assert residues.places(indices(1, 0)).tolist() == [2, 3, 4, 0, 1]
    assert residues.places(indices(2)).tolist() == [5]
    np.testing.assert_array_equal(residues.truth_of(indices(2, 1))[:, 0], [1, 1, np.nan, 0])


def test_each_protein_is_a_place(proteins: Examples) -> None:
    assert proteins.places(indices(2, 0)).tolist() == [2, 0]
    assert proteins.truth_of(indices(1, 2)).tolist() == [[1, 1], [0, 0]]


def test_no_examples_have_no_places(residues: Examples, proteins: Examples) -> None:
    assert residues.truth_of(indices()).shape == (0, 1)
    assert proteins.truth_of(indices()).shape == (0, 2)


def test_the_sequences_of_pairs_stand_one_after_the_other() -> None:
    items = [Example("a/b", ("GG", "MK"), "a/b", 1), Example("c/c", ("W", "W"), "c/c", 2)]
    pairs = made(Task("pair", "regression", ("affinity",)), items, [[0.5], [1]], [1, 1])
    assert pairs.sequences == ["GG", "MK", "W", "W"]
    assert len(pairs) == 2
    assert not pairs.proteins_are_known


def test_two_sequences_have_one_order() -> None:
    assert pairs_in_one_order(("MK", "GG"), ()) == pairs_in_one_order(("GG", "MK"), ()) == (("GG", "MK"), ("", ""))


def test_states_stay_with_their_sequence_of_a_pair() -> None:
    expected = ("GG", "GG", "MK"), ("ac", "dv", "")
    assert pairs_in_one_order(("MK", "GG", "GG"), ("", "dv", "ac")) == expected


@pytest.mark.parametrize(
    ("task", "columns", "is_binary", "described"),
    [
        (Task("protein", "classification", ("a", "b")), 1, True, "classification of proteins (a, b)"),
        (Task("residue", "classification", ("a", "b", "c")), 1, False, "classification of residues (a, b, c)"),
        (Task("pair", "multilabel", ("a", "b")), 2, False, "multilabel of pairs (a, b)"),
        (
            Task("window", "regression", tuple("abcdef")),
            6,
            False,
            "regression of windows (a, b, c, d, e ...)",
        ),
    ],
)
def test_a_task_says_what_is_predicted(task: Task, columns: int, is_binary: bool, described: str) -> None:
    assert (task.columns, task.is_binary, task.describe()) == (columns, is_binary, described)
