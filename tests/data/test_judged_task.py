"""Kinds of tasks are told from what is written, and become numbers."""

import numpy as np
import pytest

from plmkit.data.judged_task import numbers_of
from plmkit.data.judged_words import Numbers, Written, canonical
from plmkit.data.task import Kind
from plmkit.errors import UserError


def written(titles: str, *rows: str, role: str = "predictions", threshold: float | None = None) -> Written:
    cells = [tuple(row.split("|")) for row in rows]
    return Written(role, tuple(titles.split("|")), cells, range(2, len(rows) + 2), threshold)


def read(truth: Written, *predictions: Written, kind: Kind | None = None, positive: str | None = None) -> Numbers:
    return numbers_of(truth, predictions, kind, positive, "protein")


TWO = written("label", "no", "yes", "yes", role="truth")


def test_probabilities_of_classes_keep_the_order_of_their_columns() -> None:
    found = read(written("label", "b", "c", "a"), written("c|a|b", "0.1|0.2|0.7", "0.8|0.1|0.1", "0.3|0.6|0.1"))
    assert (found.task.kind, found.task.labels) == ("classification", ("c", "a", "b"))
    assert found.truth[:, 0].tolist() == [2, 0, 1]
    assert found.methods[0].are_probabilities
    assert found.methods[0].values.argmax(axis=1).tolist() == [2, 0, 1]


def test_the_positive_class_stands_last_of_two() -> None:
    found = read(written("label", "1", "0"), written("1|0", "0.9|0.1", "0.2|0.8"))
    assert (found.task.labels, found.positive) == (("0", "1"), 1)
    assert found.methods[0].values.tolist() == [[0.1, 0.9], [0.8, 0.2]]
    assert read(TWO, written("score", "1", "2", "3"), positive="no").task.labels == ("yes", "no")


def test_one_score_between_0_and_1_is_a_probability() -> None:
    found = read(TWO, written("score", "0.1", "0.5", "0.9")).methods[0]
    assert found.are_probabilities
    assert found.values.tolist() == [[0.9, 0.1], [0.5, 0.5], [pytest.approx(0.1), 0.9]]


def test_other_scores_are_ranked_and_answered_by_a_threshold_alone() -> None:
    ranked = read(TWO, written("score", "-3", "5", "8"))
    assert not ranked.methods[0].has_answers
    assert any("ranked but not turned into answers; --threshold does that" in note for note in ranked.notes)
    answered = read(TWO, written("score", "-3", "5", "8", threshold=5)).methods[0]
    assert answered.has_answers
    assert answered.values.argmax(axis=1).tolist() == [0, 1, 1]
    assert answered.values[:, 1].tolist() == [-3, 5, 8]


def test_a_score_of_the_other_class_is_turned_round() -> None:
    found = read(TWO, written("no", "0.9", "0.2", "0.4"))
    assert found.methods[0].values[:, 1].tolist() == pytest.approx([0.1, 0.8, 0.6])
    with pytest.raises(UserError, match="the scores are those of 'no'; add --positive no"):
        read(TWO, written("no", "0.9", "0.2", "0.4", threshold=0.5))


def test_classes_alone_are_answers_without_ranks() -> None:
    found = read(written("label", "a", "b", "c"), written("predicted", "a", "c", "d"))
    assert found.task.labels == ("a", "b", "c", "d")
    assert not found.methods[0].has_ranks
    assert found.methods[0].values.argmax(axis=1).tolist() == [0, 2, 3]
    assert read(written("label", "0", "1"), written("predicted", "1.0", "0")).methods[0].values[:, 1].tolist() == [1, 0]


def test_a_class_without_a_column_is_never_predicted_and_named() -> None:
    found = read(written("label", "a", "b", "x"), written("a|b", "0.9|0.1", "0.2|0.8", "0.5|0.5"))
    assert found.task.labels == ("a", "b", "x")
    assert found.methods[0].values[:, 2].tolist() == [0, 0, 0]
    assert "predictions: there is no column for 'x', which so is never predicted" in found.notes


def test_several_labels_stand_in_columns_or_cells() -> None:
    columns = read(written("a|b", "1|0", "0|", "1|1"), written("b|a", "0.2|0.9", "0.4|0.1", "0.7|0.8"))
    assert columns.task.kind == "multilabel"
    assert np.array_equal(columns.truth, np.array([[1, 0], [0, np.nan], [1, 1]]), equal_nan=True)
    assert columns.methods[0].values.tolist() == [[0.9, 0.2], [0.1, 0.4], [0.8, 0.7]]
    cells = read(written("label", "a;b", "none", "b"), written("predicted", "b", "none", "a;b"))
    assert (cells.task.kind, cells.task.labels) == ("multilabel", ("a", "b"))
    assert cells.truth.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert not cells.methods[0].has_ranks
    scores = read(written("a|b", "1|0", "0|1"), written("a|b", "3|-1", "1|2", threshold=2)).methods[0]
    assert (scores.values >= 0.5).tolist() == [[True, False], [False, True]]


def test_many_numbers_are_measured_ones() -> None:
    values = [f"{number / 4}" for number in range(12)]
    found = read(written("true", *values), written("predicted", *values[::-1]))
    assert (found.task.kind, found.task.labels) == ("regression", ("value",))
    assert found.notes == ("task: read as measured numbers (regression); --task says otherwise",)
    several = read(written("x|y", "1|2.5", "2|3"), written("y|x", "7|8", "9|1"))
    assert several.methods[0].values.tolist() == [[8, 7], [1, 9]]
    with pytest.raises(UserError, match="--threshold is for scores of classes, not for measured numbers"):
        read(written("true", *values), written("predicted", *values, threshold=1.0))


@pytest.mark.parametrize(
    ("truth", "predicted", "told"),
    [
        (TWO, written("predicted", "ja", "nein", "ja"), "none of the classes predicted .* is among the true ones"),
        (TWO, written("score", "1", "2", "three"), "none of the classes predicted"),
        (written("label", "a", "b", "c"), written("score", "1", "2", "3"), "one column of numbers, but 3 true classes"),
        (written("label", "a", "a"), written("score", "1", "2"), "all 2 examples are truly 'a'; to judge scores, both"),
        (written("a|b", "x|1", "0|1"), written("a|b", "1|1", "1|1"), "several columns of labels must hold 0 and 1"),
        (written("label", "a", "b"), written("a|b", "1|x", "1|0"), "line 2: 'x' is not a finite number"),
        (written("label", "a", "b"), written("a|b", "1|inf", "1|0"), "line 2: 'inf' is not a finite number"),
    ],
)
def test_what_cannot_be_numbers_is_refused(truth: Written, predicted: Written, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(truth, predicted)


def test_positive_must_be_one_of_two_classes() -> None:
    with pytest.raises(UserError, match="--positive maybe: the classes are 'no' and 'yes'; give one of them"):
        read(TWO, written("score", "1", "2", "3"), positive="maybe")
    with pytest.raises(UserError, match="--positive is for two classes, there are 3"):
        read(written("label", "a", "b", "c"), written("a|b|c", "1|0|0", "0|1|0", "0|0|1"), positive="a")


def test_whole_numbers_have_one_spelling() -> None:
    assert [canonical(word) for word in ("1", "1.0", "01", "1.5", "one")] == ["1", "1", "1", "1.5", "one"]
