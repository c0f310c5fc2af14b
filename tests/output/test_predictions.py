from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from plmkit.data.task import Task
from plmkit.output.predictions import Predicted, answer, write_predictions

CLASSES = Task("protein", "classification", ("in", "out"))
LABELS = Task("pair", "multilabel", ("x", "y"))
NAN = float("nan")


def written(folder: Path, task: Task, predicted: Predicted) -> list[list[str]]:
    write_predictions(folder / "p.tsv", task, predicted)
    return [line.split("\t") for line in (folder / "p.tsv").read_text(encoding="utf-8").splitlines()]


def test_classes_have_the_likeliest_one_and_a_probability_each(tmp_path: Path) -> None:
    values = np.array([[0.25, 0.75], [0.5, 0.5]])
    assert written(tmp_path, CLASSES, Predicted(["P1", "P2"], ["MK", "M"], values)) == [
        ["id", "predicted", "probability_in", "probability_out"],
        ["P1", "out", "0.250000", "0.750000"],
        ["P2", "in", "0.500000", "0.500000"],
    ]


def test_true_labels_stand_beside_the_predicted_ones_and_parts_behind_names(tmp_path: Path) -> None:
    predicted = Predicted(
        ["P1", "P2"], ["M", "M"], np.array([[1, 0], [0, 1]]), None, np.array([[1], [NAN]]), ["validation", "test"]
    )
    assert written(tmp_path, CLASSES, predicted) == [
        ["id", "part", "label", "predicted", "probability_in", "probability_out"],
        ["P1", "validation", "out", "in", "1.000000", "0.000000"],
        ["P2", "test", "NA", "out", "0.000000", "1.000000"],
    ]


def test_several_labels_are_divided_by_semicolons(tmp_path: Path) -> None:
    values = np.array([[0.5, 0.9], [0.4, 0.1], [0.1, 0.6]])
    truth = np.array([[1, 0], [NAN, NAN], [0, NAN]])
    rows = written(tmp_path, LABELS, Predicted(["a/b", "a/c", "b/c"], ["M"] * 3, values, None, truth))
    assert [row[:3] for row in rows] == [
        ["id", "label", "predicted"],
        ["a/b", "x", "x;y"],
        ["a/c", "NA", "none"],
        ["b/c", "none", "y"],
    ]


@pytest.mark.parametrize(
    ("labels", "header"),
    [
        (("Tm",), ["id", "true", "predicted", "spread_Tm"]),
        (("Tm", "pH"), ["id", "true_Tm", "true_pH", "predicted_Tm", "predicted_pH", "spread_Tm", "spread_pH"]),
    ],
)
def test_numbers_are_named_after_their_quantity_where_there_are_several(
    tmp_path: Path, labels: Sequence[str], header: list[str]
) -> None:
    count = len(labels)
    task = Task("protein", "regression", tuple(labels))
    truth, values, spread = np.full((1, count), NAN), np.full((1, count), -1.5), np.full((1, count), 0.25)
    assert written(tmp_path, task, Predicted(["P1"], ["M"], values, spread, truth)) == [
        header,
        ["P1", *["NA"] * count, *["-1.500000"] * count, *["0.250000"] * count],
    ]


def test_residues_have_a_row_each_numbered_within_their_protein(tmp_path: Path) -> None:
    task = Task("residue", "classification", ("H", "E"))
    values = np.array([[1, 0], [0, 1], [1, 0]])
    rows = written(tmp_path, task, Predicted(["P1", "P2"], ["MK", "V"], values, parts=["validation", "test"]))
    assert [row[:5] for row in rows] == [
        ["id", "part", "position", "residue", "predicted"],
        ["P1", "validation", "1", "M", "H"],
        ["P1", "validation", "2", "K", "E"],
        ["P2", "test", "1", "V", "H"],
    ]


def test_a_probability_of_one_half_is_a_yes() -> None:
    assert answer(LABELS, np.array([0.5, 0.49])) == "x"
    assert answer(LABELS, np.array([0.0, 0.0])) == "none"


def test_sets_intervals_and_distances_stand_behind_the_numbers(tmp_path: Path) -> None:
    values, sets = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[False, True], [True, True]])
    predicted = Predicted(["P1", "P2"], ["M", "M"], values, sets=sets, domain=[(0.5, "no"), (1.0, "very")])
    rows = written(tmp_path, CLASSES, predicted)
    assert [row[-3:] for row in rows] == [
        ["set", "domain", "far"],
        ["out", "0.500000", "no"],
        ["in|out", "1.000000", "very"],
    ]
    task, numbers = Task("residue", "regression", ("Tm",)), np.array([[1.0], [2], [3]])
    bounds = numbers - 0.5, np.array([[1.5], [np.inf], [3.5]])
    found = Predicted(["P1", "P2"], ["MK", "V"], numbers, bounds=bounds, domain=[(0.5, "no"), (0.96, "yes")])
    rows = written(tmp_path, task, found)
    assert rows[0][3:] == ["predicted", "low", "high", "domain", "far"]
    assert rows[2][3:] == ["2.000000", "1.500000", "NA", "0.500000", "no"]
    assert rows[3][3:] == ["3.000000", "2.500000", "3.500000", "0.960000", "yes"]
