from pathlib import Path
from typing import Any

import pytest

from plmkit.data.annotations import Annotation, read_annotation
from plmkit.errors import UserError

PROTEINS = ["a", "b", "c"]


def read(folder: Path, content: str, *options: Any, proteins: list[str] = PROTEINS) -> Annotation:
    defaults: tuple[Any, ...] = (None, None, "auto")
    identifier, column, kind = options + defaults[len(options) :]
    (folder / "m.tsv").write_text(content)
    return read_annotation(folder / "m.tsv", proteins, identifier, column, kind)


def test_cells_follow_the_proteins_and_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "id\tfamily\nz\tx\nb\tN/A\na\tkinase\ny\tx\n")
    assert (found.name, found.cells, found.is_number, found.rows) == ("family", ("kinase", None, None), False, 4)
    assert found.notes == (
        "metadata: no row for 1 of 3 proteins",
        "metadata: no value for 1 of the proteins that have a row",
        "metadata: no embedded protein for 2 of its 4 rows, which are left out",
    )


def test_names_stand_in_the_column_id_or_else_in_the_first(tmp_path: Path) -> None:
    assert read(tmp_path, "x,ID\nred,a\n").cells == ("red", None, None)
    assert read(tmp_path, "name,x,y\na,red,1\n").cells == ("red", None, None)
    assert read(tmp_path, "x,y,name\nred,1,a\n", "name", "y").cells == ("1", None, None)
    assert read(tmp_path, "x,y,name\nred,1,a\n", "@3", "@1").cells == ("red", None, None)


def test_more_than_eight_different_numbers_are_numbers(tmp_path: Path) -> None:
    names = [f"p{n}" for n in range(10)]

    def column(cells: list[str], kind: str = "auto") -> Annotation:
        rows = "".join(f"{name}\t{cell}\n" for name, cell in zip(names, cells, strict=True))
        return read(tmp_path, "id\tx\n" + rows, None, None, kind, proteins=names)

    nine = [str(n / 2) for n in range(9)]
    assert column([*nine, "NA"]).is_number
    assert column([*nine, "NA"]).numbers[:9] == [n / 2 for n in range(9)]
    assert not column([*nine, "NA"], "category").is_number
    assert not column([*nine, "x"]).is_number
    assert not column([*nine, "inf"]).is_number
    assert not column(["1", "2"] * 5).is_number
    assert column(["1", "2"] * 5, "number").is_number


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("id\tx\nq\t1\n", (), "metadata: column 'id' holds none of the embedded proteins; it begins with 'q', the "),
        ("id\tx\na\t1\nb\t2\na\t1\n", (), "metadata, line 4: 'a' stands already in line 2; keep one row"),
        ("id\tx\na\tNA\n", (), "metadata: column 'x' has no value for any of the proteins"),
        ("id\na\n", (), "metadata: there is one column only"),
        ("id\tx\na\t1\n", (None, "y"), "metadata: there is no column 'y'; the columns are 'id', 'x'"),
        ("id\tx\na\t1\n\nb\tred\n", (None, None, "number"), "metadata, line 4: 'red' is not a finite number"),
        ("id\tx\na\tinf\n", (None, None, "number"), "metadata, line 2: 'inf' is not a finite number"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, content: str, options: tuple[Any, ...], told: str) -> None:
    with pytest.raises(UserError) as raised:
        read(tmp_path, content, *options)
    assert str(raised.value).startswith(told)
