from pathlib import Path

import pytest

from plmkit.output.tables import Cell, cell_text, write_table


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "NA"),
        (float("nan"), "NA"),
        (0.1234567, "0.123457"),
        (1.0, "1.000000"),
        (7, "7"),
        ("0.1", "0.1"),
        ("", ""),
    ],
)
def test_cells_by_hand(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_rows_are_tab_separated_below_a_header(tmp_path: Path) -> None:
    write_table(tmp_path / "t", ["id", "value"], [["sp|P1|X'Y", 0.5], ["é", None]])
    assert (tmp_path / "t").read_bytes() == "id\tvalue\nsp|P1|X'Y\t0.500000\né\tNA\n".encode()


def test_every_row_is_one_line_and_quotation_marks_stay(tmp_path: Path) -> None:
    # Galaxy and most readers of tab-separated text know no quoting.
    write_table(tmp_path / "t", ["id", "x\ty"], [['5"UTR', "a\nb"], ['"', "c\r"]])
    assert (tmp_path / "t").read_bytes() == b'id\tx y\n5"UTR\ta b\n"\tc \n'
