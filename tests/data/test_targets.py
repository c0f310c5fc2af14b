from pathlib import Path

import numpy as np
import pytest
from tests.data.example_files import named, numbers, table_of, targets

from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError


def test_classes_are_numbers_in_the_order_of_the_labels(tmp_path: Path) -> None:
    found = targets(tmp_path, table_of(["10", "9", "9", "2"]))
    assert found.task.labels == ("2", "9", "10")
    assert numbers(found) == [[2], [1], [1], [0]]
    assert found.truth.dtype == np.float32


def test_measured_values_are_kept(tmp_path: Path) -> None:
    assert numbers(targets(tmp_path, table_of(["-1.5", "2e2", "0.25"]))) == [[-1.5], [200], [0.25]]


def test_names_in_a_cell_are_one_or_zero_of_each_label(tmp_path: Path) -> None:
    found = targets(tmp_path, table_of(["b;a", "b", ";", " a ; c;", "c;c"]))
    assert found.task == Task("protein", "multilabel", ("a", "b", "c"))
    assert numbers(found) == [[1, 1, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1], [0, 0, 1]]


def test_columns_of_zero_and_one_may_have_empty_cells(tmp_path: Path) -> None:
    content = "sequence,p,q\nM,1,0\nMK,,1\nMV,no,NA\nMA,,\n"
    found = targets(tmp_path, content, columns=named(label="p,q"))
    assert found.task == Task("protein", "multilabel", ("p", "q"))
    assert numbers(found) == [[1, 0], [None, 1], [0, None]]
    assert [row.line for row in found.rows] == [2, 3, 4]
    assert found.remarks == [
        "examples: read as several labels at once (multi-label); --task says otherwise",
        "examples: 1 examples without any label are left out",
        "examples: 2 of 6 labels are unknown (not learned from)",
    ]


@pytest.mark.parametrize(
    ("cells", "expected", "sizes"),
    [
        (["HEC", "CH"], [2, 1, 0, 0, 2], [3, 2]),
        (["H-C", "?E"], [2, None, 0, None, 1], [3, 2]),
        (["1;;2.5", "3;-0.5"], [1, None, 2.5, 3, -0.5], [3, 2]),
        (["2, 1, 2", "0, 1"], [2, 1, 2, 0, 1], [3, 2]),
        (["H E H", "NA"], [1, 0, 1], [3]),
    ],
)
def test_each_residue_has_its_number(
    tmp_path: Path, cells: list[str], expected: list[float | None], sizes: list[int]
) -> None:
    content = "sequence\tlabel\n" + "".join(f"{'MKV'[: 3 - n]}\t{cell}\n" for n, cell in enumerate(cells))
    found = targets(tmp_path, content, "residue")
    assert [value for (value,) in numbers(found)] == expected
    assert found.sizes == sizes


def test_masked_residues_are_unknown_and_said(tmp_path: Path) -> None:
    content = "sequence,labels,mask\nMKV,HHE,011\nMK,EH,10\n"
    found = targets(tmp_path, content, "residue")
    assert numbers(found) == [[None], [1], [0], [0], [None]]
    assert found.remarks == ["examples: 2 of 5 residues are unknown (not learned from)"]


def test_residues_may_have_several_quantities(tmp_path: Path) -> None:
    content = "sequence\tp\tq\nMKVA\t0.5;1.5;2;-\t;7;;6\nMKV\t1;2;3\t\n"
    found = targets(tmp_path, content, "residue", columns=named(label="p,q"))
    assert numbers(found) == [[0.5, None], [1.5, 7], [2, None], [None, 6], [1, None], [2, None], [3, None]]


KNOWN = {
    "classes": Task("protein", "classification", ("a", "b", "c")),
    "names": Task("protein", "multilabel", ("a", "b", "c")),
    "columns": Task("protein", "multilabel", ("a", "b")),
    "value": Task("protein", "regression", ("activity",)),
    "values": Task("protein", "regression", ("a", "b")),
    "residues": Task("residue", "classification", ("C", "H")),
}


@pytest.mark.parametrize(
    ("task", "content", "columns", "expected"),
    [
        ("classes", "sequence,label\nM,c\nMK,a\n", {}, [[2], [0]]),
        ("names", "sequence,label\nM,c;a\nMK,b\n", {}, [[1, 0, 1], [0, 1, 0]]),
        ("columns", "sequence,b,a\nM,1,0\n", {"label": "b,a"}, [[0, 1]]),
        ("names", "sequence,c,b,a\nM,1,0,0\n", {"label": "c,b,a"}, [[0, 0, 1]]),
        ("value", "sequence,target\nM,3\n", {}, [[3]]),
        ("values", "sequence,b,a\nM,2,1\n", {"label": "2,3"}, [[1, 2]]),
        ("residues", "sequence,label\nMK,HH\n", {}, [[1], [1]]),
    ],
)
def test_labels_of_a_tuned_model_are_read_as_it_knows_them(
    tmp_path: Path, task: str, content: str, columns: dict[str, str], expected: list[list[float]]
) -> None:
    found = targets(tmp_path, content, KNOWN[task].unit, known=KNOWN[task], columns=named(**columns))
    assert found.task is KNOWN[task]
    assert numbers(found) == expected
    assert found.remarks == []


@pytest.mark.parametrize(
    ("task", "content", "columns", "told"),
    [
        ("classes", "sequence,label\nM,a\nMK,d\n", {}, ", line 3: the label 'd' is unknown, the model knows a, b, c"),
        ("names", "sequence,label\nM,a;d\n", {}, ", line 2: the label 'd' is unknown, the model knows a, b, c"),
        (
            "residues",
            "sequence,label\nMKV,HEH\n",
            {},
            ", line 2, residue 2: the label 'E' is unknown, the model knows C, H",
        ),
        (
            "values",
            "sequence,a,x\nM,1,2\n",
            {"label": "a,x"},
            ": the columns a, b are needed, found a, x; name them with --label-column",
        ),
        (
            "values",
            "sequence,label\nM,1\n",
            {},
            ": the columns a, b are needed, found label; name them with --label-column",
        ),
        (
            "classes",
            "sequence,a,b\nM,1,2\n",
            {"label": "a,b"},
            ": one column of labels is needed, found a, b; name them with --label-column",
        ),
    ],
)
def test_labels_that_a_tuned_model_does_not_know_are_refused(
    tmp_path: Path, task: str, content: str, columns: dict[str, str], told: str
) -> None:
    with pytest.raises(UserError) as refused:
        targets(tmp_path, content, KNOWN[task].unit, known=KNOWN[task], columns=named(**columns))
    assert str(refused.value) == f"examples{told}"


@pytest.mark.parametrize(
    ("content", "unit", "kind", "columns", "told"),
    [
        ("sequence,label\nM,1\nMK,\n", "protein", None, {}, ", line 3: 'line_3' has no label (''); add it or take the"),
        (
            "sequence,label\nM,a;b\nMK,NA\n",
            "protein",
            None,
            {},
            ", line 3: 'line_3' has no label ('NA'); add it or take the row out; where none of the labels is true, "
            "write ';'",
        ),
        ("sequence,label\nM,\nMK,NA\n", "protein", None, {}, ": no example has a label; give the right --label-column"),
        (
            "sequence,label,mask\nM,H,0\nMK,EH,00\n",
            "residue",
            None,
            {},
            ": no example has a label; give the right --label-column",
        ),
        (
            "sequence;label\nM;0,5\nMK;nan\nMV;1\nMA;1e39\nMC;abc\n",
            "protein",
            "regression",
            {},
            ", line 3: 'line_3' has no label ('nan'); add it or take the row out",
        ),
        (
            "sequence;label\nM;0,5\nMK;inf\nMV;1\nMA;1e39\nMC;abc\n",
            "protein",
            "regression",
            {},
            ", line 2: '0,5' is not a finite number; regression needs numbers, with a point for the fraction; "
            "line 3: 'inf' is not a finite number; regression needs numbers, with a point for the fraction; "
            "line 5: '1e39' is not a finite number; regression needs numbers, with a point for the fraction; "
            "line 6: 'abc' is not a finite number; regression needs numbers, with a point for the fraction",
        ),
        (
            "sequence,p,q\nM,1,0\nMK,0,2\n",
            "protein",
            "multilabel",
            {"label": "p,q"},
            ", line 3: '2' is neither 0 nor 1; a column of a multi-label table says whether its label is true",
        ),
        (
            "sequence,label\nMK,HHE\n",
            "residue",
            None,
            {},
            ", line 2: 'line_2' has 2 residues and 3 labels; give one for each residue",
        ),
        (
            "sequence;label\nMK;0.5,x\nMA;1,2\n",
            "residue",
            "regression",
            {},
            ", line 2, residue 2: 'x' is not a finite number",
        ),
    ],
)
def test_labels_that_cannot_be_read_are_told_by_line(
    tmp_path: Path, content: str, unit: Unit, kind: Kind | None, columns: dict[str, str], told: str
) -> None:
    with pytest.raises(UserError) as refused:
        targets(tmp_path, content, unit, kind, columns=named(**columns))
    assert str(refused.value).startswith(f"examples{told}")
