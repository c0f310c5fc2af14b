import numpy as np
import pytest
from scipy.stats import binomtest

from plmkit.learning.neighbours import Neighbours
from plmkit.learning.transfer import (
    Transfer,
    accuracies,
    most_frequent,
    share_with,
    similarities,
    transfers,
    wilson,
)

LABELS = [("nucleus",), ("membrane", "cytosol"), ("membrane",), ("cytosol",)]


def found(indices: list[int], distances: list[float]) -> Neighbours:
    return Neighbours(np.array([indices]), np.array([distances]))


def answers(*pairs: tuple[str, float]) -> list[list[Transfer]]:
    return [[Transfer(label, reliability, (0,))] for label, reliability in pairs]


def test_similarity_is_that_of_gopredsim() -> None:
    distances = np.array([[0.0, 0.5, 1.5]])
    assert similarities(distances, "euclidean").tolist() == [[1.0, 0.5, 0.25]]
    assert similarities(distances, "cosine").tolist() == [[1.0, 0.5, 0.0]]


def test_one_neighbour_gives_its_labels_with_its_similarity() -> None:
    (given,) = transfers(found([1, 0], [0.5, 0.6]), "euclidean", LABELS, voters=1)
    assert given == [Transfer("membrane", 0.5, (0,)), Transfer("cytosol", 0.5, (0,))]


def test_the_reliability_of_several_is_the_sum_over_the_carriers_divided_by_all_voters() -> None:
    # similarities 1, 0.5, 0.25; goPredSim by hand: nucleus 1 / 3, membrane (0.5 + 0.25) / 3, cytosol 0.5 / 3
    (given,) = transfers(found([0, 1, 2, 3], [0.0, 0.5, 1.5, 1.6]), "euclidean", LABELS, voters=3)
    assert [transfer.label for transfer in given] == ["nucleus", "membrane", "cytosol"]
    assert [transfer.reliability for transfer in given] == pytest.approx([1 / 3, 0.25, 0.5 / 3], abs=1e-6)
    assert [transfer.ranks for transfer in given] == [(0,), (1, 2), (1,)]


def test_two_agreeing_neighbours_outvote_a_nearer_one() -> None:
    (given,) = transfers(found([0, 1, 2], [0.4, 0.5, 0.5]), "euclidean", LABELS, voters=3)
    assert given[0] == Transfer("membrane", 0.333333, (1, 2))  # (0.5 + 0.5) / 3, against 0.5 / 0.9 / 3


def test_a_query_without_neighbours_gets_no_label() -> None:
    assert transfers(found([-1, -1], [np.inf, np.inf]), "euclidean", LABELS, voters=2) == [[]]


def test_where_there_are_fewer_neighbours_than_voters_those_there_are_vote() -> None:
    assert transfers(found([0, -1], [0.5, np.inf]), "euclidean", LABELS, voters=2) == [[Transfer("nucleus", 0.5, (0,))]]


def test_coverage_falls_and_the_answered_queries_are_judged() -> None:
    given = answers(("a", 0.9), ("a", 0.8), ("b", 0.3), ("b", 0.2))
    rows = accuracies([*given, []], [("a",), ("b", "a"), ("b",), ("a",), ("a",)], threshold=0.5)
    judged = {row.threshold: (row.answered, row.coverage, row.right.value) for row in rows}
    assert judged == {
        0.0: (4, 0.8, 0.75),
        0.2: (4, 0.8, 0.75),
        0.3: (3, 0.6, 1.0),
        0.5: (2, 0.4, 1.0),
        0.8: (2, 0.4, 1.0),
        0.9: (1, 0.2, 1.0),
    }


def test_a_threshold_that_nothing_reaches_has_no_accuracy() -> None:
    (*_, last) = accuracies(answers(("a", 0.5)), [("a",)], threshold=0.7)
    assert (last.threshold, last.answered, last.coverage) == (0.7, 0, 0.0)
    assert np.isnan(last.right.value)


def test_the_most_frequent_label_and_its_accuracy() -> None:
    labels = {"p": ("b",), "q": ("a", "c"), "r": ("c",)}
    assert most_frequent(labels) == "c"
    assert share_with("c", list(labels.values())).value == pytest.approx(2 / 3)


@pytest.mark.parametrize(("right", "count"), [(0, 5), (1, 2), (7, 9), (50, 50), (311, 490)])
def test_intervals_are_those_of_wilson_in_scipy(right: int, count: int) -> None:
    interval = binomtest(right, count).proportion_ci(method="wilson")
    ours = wilson(right, count)
    assert (ours.value, ours.low, ours.high) == pytest.approx((right / count, interval.low, interval.high), abs=1e-12)
