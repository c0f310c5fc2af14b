from pathlib import Path

import pytest

from plmkit.data.asked import Asked, read_asked
from plmkit.data.columns import Columns
from plmkit.data.task import Task
from plmkit.errors import UserError

PROTEINS = Task("protein", "classification", ("a", "b"))
WINDOWS = Task("window", "classification", ("0", "1"))
PAIRS = Task("pair", "classification", ("0", "1"))
VALUES = Task("protein", "regression", ("low", "high"))
RESIDUES = Task("residue", "classification", ("C", "H"))


def asked(
    folder: Path, content: str, task: Task, table: str | None = None, labelled: bool = False, length: int | None = None
) -> Asked:
    (folder / "proteins").write_text(content)
    if table is not None:
        (folder / "table").write_text(table)
    place = None if table is None else folder / "table"
    return read_asked(folder / "proteins", task, Columns(), place, labelled, length)


def test_proteins_are_asked_by_fasta_or_by_table(tmp_path: Path) -> None:
    for content in (">x LABEL=q\nmkv\n>y\nGGG\n", "id,sequence,label\nx,mkv,q\ny,GGG,\n"):
        found = asked(tmp_path, content, PROTEINS)
        assert (found.names, found.sequences, found.truth) == (["x", "y"], [("MKV",), ("GGG",)], None)
        assert found.notes() == ["proteins: 1 in lower case: read as upper case"]
        assert len(found) == 2


def test_a_pair_is_asked_in_one_order_however_it_is_written(tmp_path: Path) -> None:
    found = asked(tmp_path, ">x\nMKV\n>y\nGGG\n>z\nAAA\n", PAIRS, "a,b\nx,y\ny,x\n")
    assert (found.names, found.sequences) == (["x/y", "y/x"], [("GGG", "MKV"), ("GGG", "MKV")])
    assert found.notes() == [
        "proteins: 1 with the same residues as an earlier one under another name",
        "proteins: 1 of 3 stand in no pair",
    ]


def test_true_labels_are_numbers_of_the_model(tmp_path: Path) -> None:
    found = asked(tmp_path, ">x LABEL=b\nMKV\n>y LABEL=b\nGGG\n", PROTEINS, labelled=True)
    assert found.truth is not None
    assert found.truth.truth.tolist() == [[1], [1]]


def test_columns_are_found_by_the_names_the_model_knows(tmp_path: Path) -> None:
    found = asked(tmp_path, "id,sequence,high,label,low\nx,MKV,2,z,1\n", VALUES, labelled=True)
    assert found.truth is not None
    assert found.truth.truth.tolist() == [[1, 2]]


def test_parts_and_weights_do_not_matter_when_labels_are_compared(tmp_path: Path) -> None:
    content = "id,sequence,label,split,weight,group\nx,MKV,a,train,1,g\ny,GGG,b,odd,heavy,g\n"
    found = asked(tmp_path, content, PROTEINS, labelled=True)
    assert found.truth is not None
    assert [(item.part, item.weight, item.group) for item in found.truth.items] == [(None, 1.0, "g")] * 2
    assert found.notes() == []


def test_proteins_without_labels_are_left_out_and_said(tmp_path: Path) -> None:
    found = asked(tmp_path, ">x\nMKV\n>y\nGGG\n", RESIDUES, "id,label\nx,HCH\ny,\n", labelled=True)
    assert (found.names, found.sequences, found.lines) == (["x"], [("MKV",)], [1])
    assert found.notes() == ["labels: 1 examples without any label are left out"]


@pytest.mark.parametrize("labelled", [True, False])
def test_windows_must_have_the_length_of_the_model(tmp_path: Path, labelled: bool) -> None:
    content = ">x LABEL=1\nMKSKV\n>y LABEL=0\nGGS\n"
    assert len(asked(tmp_path, content, WINDOWS, labelled=labelled)) == 2
    with pytest.raises(UserError) as refused:
        asked(tmp_path, content, WINDOWS, labelled=labelled, length=5)
    assert str(refused.value) == (
        "proteins, line 3: 'y' has 3 residues, the model was tuned on windows of 5; for whole proteins use plm ptm"
    )


@pytest.mark.parametrize(
    ("content", "table", "told"),
    [
        (">x\nMKV\n", None, "proteins: no header holds LABEL="),
        (">x LABEL=c\nMKV\n", None, "proteins, line 1: the label 'c' is unknown, the model knows a, b"),
        (">x\nMKV\n", "id,label\nx,c\n", "labels, line 2: the label 'c' is unknown, the model knows a, b"),
        (">x\nMKV\n", "id,class\nx,c\n", "labels: which column holds the labels? Name it with --label-column"),
    ],
)
def test_true_labels_that_are_not_there_or_unknown_are_refused(
    tmp_path: Path, content: str, table: str | None, told: str
) -> None:
    with pytest.raises(UserError) as refused:
        asked(tmp_path, content, PROTEINS, table, labelled=True)
    assert str(refused.value).startswith(told)


def test_true_labels_of_pairs_stand_in_the_table_of_pairs(tmp_path: Path) -> None:
    found = asked(tmp_path, ">x\nMKV\n>y\nGGG\n", PAIRS, "a,b,label\nx,y,1\n", labelled=True)
    assert found.truth is not None
    assert found.truth.truth.tolist() == [[1]]
    with pytest.raises(UserError, match=r"^pairs, line 2: the label '2' is unknown"):
        asked(tmp_path, ">x\nMKV\n>y\nGGG\n", PAIRS, "a,b,label\nx,y,2\n", labelled=True)
