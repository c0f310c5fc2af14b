from pathlib import Path

import numpy as np
import pytest

from plmkit.data.labels import read_labels
from plmkit.data.search_sets import SearchSets
from plmkit.data.vectors import Vectors
from plmkit.errors import UserError


def vectors(**rows: tuple[float, float]) -> Vectors:
    return Vectors(tuple(rows), np.array(list(rows.values()), dtype=np.float32))


def sets(queries: Vectors, references: Vectors) -> SearchSets:
    return SearchSets(queries, references, None, None, len(references))


ALL = vectors(a=(1, 2), b=(3, 4), c=(1, 2))


def test_the_same_names_in_whatever_order_are_one_set() -> None:
    own, notes = sets(vectors(c=(0, 1), a=(0, 2), b=(0, 3)), ALL).own_references("auto")
    assert own.tolist() == [2, 0, 1]
    assert notes == [
        "queries: 3 do not find the reference of their own name (both files hold the same names: all against all)"
    ]


def test_a_query_among_other_references_finds_itself_unless_that_is_excluded() -> None:
    some = sets(vectors(b=(3, 4), x=(5, 6)), ALL)
    own, notes = some.own_references("auto")
    assert own.tolist() == [-1, -1]
    assert notes == ["queries: 1 can find the reference of their own name; --same-name exclude forbids it"]
    assert some.own_references("exclude")[0].tolist() == [1, -1]
    assert sets(ALL, ALL).own_references("keep")[0].tolist() == [-1, -1, -1]


def test_strangers_need_no_note() -> None:
    assert sets(vectors(x=(5, 6)), ALL).own_references("exclude")[1] == []


def test_repeated_vectors_are_counted() -> None:
    # c repeats a; of the queries, b is itself among the references, y is like a and c
    assert sets(vectors(b=(3, 4), y=(1, 2), z=(9, 9)), ALL).repeated() == (1, 1)
    # all against all: a and c are like each other
    assert sets(ALL, ALL).repeated() == (1, 2)


def labels(path: Path, text: str, identifier: str | None = None, label: str = "label") -> dict[str, tuple[str, ...]]:
    path.write_text(text)
    return read_labels(path, "labels", ["a", "b", "c"], "references", identifier, label).of


def test_several_rows_are_several_labels(tmp_path: Path) -> None:
    text = "id\tlabel\na\tGO:2\nb\tNA\na\tGO:1\na\tGO:2\nx\tGO:9\n"
    assert labels(tmp_path / "labels.tsv", text) == {"a": ("GO:2", "GO:1")}


def test_what_has_no_label_and_what_is_no_reference_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("id,label\na,1\nx,2\nb,\n")
    assert read_labels(path, "labels", ["a", "b", "c"], "references", None, "label").notes("references") == [
        "labels: 2 of the references have none",
        "labels: 1 rows passed over, their ids are not among the references",
    ]


def test_columns_go_by_name_or_number(tmp_path: Path) -> None:
    text = "place\tlength\tname\nnucleus\t5\ta\n"
    assert labels(tmp_path / "labels.tsv", text, "name", "@1") == {"a": ("nucleus",)}
    assert labels(tmp_path / "first.tsv", "name\tlabel\na\tx\n") == {"a": ("x",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "id\tlabel\nq\tx\n",
            "labels: none of the ids (such as 'q') is among the references (such as 'a'); give the right "
            "--identifier-column, or the table of these proteins",
        ),
        ("id\tlabel\na\t\n", "labels: no row has a label; give the right --label-column"),
        ("label\nx\n", "labels: column 1 cannot hold both the ids and the labels; give two columns"),
        (
            "id\tplace\na\tx\n",
            "labels: there is no column 'label'; the columns are 'id', 'place'; give the name or number of one",
        ),
    ],
)
def test_tables_that_label_nothing_are_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as refusal:
        labels(tmp_path / "labels.tsv", text)
    assert str(refusal.value) == told
