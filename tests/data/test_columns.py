from pathlib import Path

import pytest
from tests.data.example_files import named

from plmkit.data.columns import Columns, Places, label_of, part_of, places_in
from plmkit.data.table import Table, read_table
from plmkit.errors import UserError


def table(folder: Path, content: str) -> Table:
    (folder / "t").write_text(content)
    return read_table(folder / "t", "examples")


def found(folder: Path, content: str, **columns: str) -> tuple[Places, list[str]]:
    remarks: list[str] = []
    return places_in(table(folder, content), named(**columns), remarks, "learn"), remarks


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("valid", "valid"),
        ("VAL", "valid"),
        ("validation", "valid"),
        ("dev", "valid"),
        ("test", "test"),
        ("test_hard", "test_hard"),
        ("Test2", "test2"),
        ("", None),
        ("pred", None),
        ("trian", None),
    ],
)
def test_the_words_of_parts(word: str, part: str | None) -> None:
    assert part_of(word) == part


@pytest.mark.parametrize("name", ["label", "Labels", "target", "dms_score"])
def test_usual_names_of_labels_need_no_option(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, f"x,{name},y\n1,2,3\n")[0].labels == (1,)


def test_several_columns_of_labels_are_named_with_commas_or_numbers(tmp_path: Path) -> None:
    content = "x,a,b c\n1,0,1\n"
    assert found(tmp_path, content, label="b c, a")[0].labels == (2, 1)
    assert found(tmp_path, content, label="2,3")[0].labels == (1, 2)


def test_a_title_with_a_comma_is_one_column(tmp_path: Path) -> None:
    assert found(tmp_path, "x;a,b;y\n1;0;2\n", label="a,b")[0].labels == (1,)


@pytest.mark.parametrize(
    ("content", "label", "told"),
    [
        ("x,y\n1,2\n", None, "which column holds the labels? Name it with --label-column; the columns are 'x', 'y'"),
        ("x,y\n1,2\n", "y,2", "--label-column names a column twice (y,2); name each once"),
        ("a,a,x\n1,2,3\n", "1,2", "columns of labels have one title (a, a); give each its own"),
        ("a,a,x\n1,2,3\n", "a", "2 columns are named 'a'; give the column's number"),
        ("x,y\n1,2\n", "x,", "there is no column ''; the columns are 'x', 'y'; give the name or number of one"),
    ],
)
def test_columns_of_labels_that_cannot_be_told_are_refused(
    tmp_path: Path, content: str, label: str | None, told: str
) -> None:
    with pytest.raises(UserError) as refused:
        found(tmp_path, content, **({} if label is None else {"label": label}))
    assert str(refused.value) == f"examples: {told}"


def test_the_columns_a_model_knows_are_taken_before_the_usual_ones(tmp_path: Path) -> None:
    content = table(tmp_path, "label,low,high\n1,2,3\n")
    known = Columns(likely=("high", "low"))
    assert places_in(content, known, [], "compare").labels == (2, 1)
    assert places_in(content, Columns(likely=("high", "middle")), [], "compare").labels == (0,)


def test_split_group_and_mask_are_found_by_their_usual_names(tmp_path: Path) -> None:
    places, remarks = found(tmp_path, "label,stage,Group,mask\n1,train,g,1\n")
    assert (places.split, places.group, places.mask, places.weight, remarks) == (1, 2, 3, None, [])


def test_a_column_of_other_words_is_no_split_and_that_is_said(tmp_path: Path) -> None:
    places, remarks = found(tmp_path, "label,set\n1,A\n0,B\n")
    assert places.split is None
    assert remarks == ["examples: column 'set' is not used: none of its values is train, valid or test"]


def test_one_odd_word_does_not_put_test_examples_into_training(tmp_path: Path) -> None:
    assert found(tmp_path, "label,set\n1,train\n0,tset\n")[0].split == 1


def test_weights_found_by_their_name_are_said_and_text_is_passed_over(tmp_path: Path) -> None:
    places, remarks = found(tmp_path, "label,weight\n1,2.5\n0,heavy\n")
    assert (places.weight, remarks) == (1, ["examples: column 'weight' says how much each example counts"])
    places, remarks = found(tmp_path, "label,weight\n1,light\n0,heavy\n")
    assert places.weight is None
    assert remarks == ["examples: column 'weight' is not used: none of its values is a number above 0"]
    assert found(tmp_path, "label,kDa\n1,2.5\n", weight="kDa")[1] == []


def test_validation_beside_a_split_is_that_of_flip_only_if_it_says_true_or_false(tmp_path: Path) -> None:
    assert found(tmp_path, "label,set,validation\n1,train,True\n0,train,\n")[0].validation == 2
    assert found(tmp_path, "label,set,validation\n1,train,yes\n")[0].validation is None
    assert found(tmp_path, "label,validation\n1,True\n")[0].validation is None


def test_comparing_takes_no_parts_and_no_weights_and_asking_takes_no_labels(tmp_path: Path) -> None:
    content = table(tmp_path, "label,split,weight,group\n1,odd,x,g\n")
    assert places_in(content, Columns(), [], "compare") == Places((0,), 3)
    assert places_in(content, Columns(), [], "ask") == Places()


def test_without_a_usual_column_all_that_begin_with_label_are_taken(tmp_path: Path) -> None:
    assert found(tmp_path, "id,label_a,x,Label_b c\n1,0,1,0\n")[0].labels == (1, 3)
    assert found(tmp_path, "id,label_a,label,label_b\n1,0,1,0\n")[0].labels == (2,)
    with pytest.raises(UserError, match="columns of labels have one title"):
        found(tmp_path, "id,label_a,LABEL_a\n1,0,1\n")


@pytest.mark.parametrize(("title", "name"), [("label_a_b", "a_b"), ("LABEL_x", "x"), ("label_", "label_"), ("a", "a")])
def test_the_name_of_a_label_is_what_follows_label_(title: str, name: str) -> None:
    assert label_of(title) == name
