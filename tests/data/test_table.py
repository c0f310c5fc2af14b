from pathlib import Path

import pytest

from plmkit.data.table import Table, read_table
from plmkit.errors import UserError


def read(path: Path, content: str) -> Table:
    path.write_text(content)
    return read_table(path, "labels")


def test_cells_are_text_and_know_their_line(tmp_path: Path) -> None:
    table = read(tmp_path / "t", '\nid\tvalue\n\na\t007\n"b\tc"\t"say ""x"""\n')
    assert table.header == ("id", "value")
    assert table.rows == (("a", "007"), ("b\tc", 'say "x"'))
    assert table.lines == (4, 5)


def test_the_delimiter_is_the_most_frequent_of_the_header(tmp_path: Path) -> None:
    assert read(tmp_path / "t", "a,b\tc\td\n1,2\t3\t4\n").rows == (("1,2", "3", "4"),)
    assert read(tmp_path / "t", "a;b;c,d\n1;2;3,4\n").rows == (("1", "2", "3,4"),)


def test_a_name_wins_over_a_number(tmp_path: Path) -> None:
    table = read(tmp_path / "t", "x\t1\t2\na\tb\tc\n")
    assert [table.column(wanted) for wanted in ("x", "1", "2", "3")] == [0, 1, 2, 2]


@pytest.mark.parametrize("wanted", ["0", "4", "-1", "Q", ""])
def test_a_column_that_is_not_there_is_told(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(UserError, match="the columns are 'x', 'y', 'z'"):
        read(tmp_path / "t", "x\ty\tz\na\tb\tc\n").column(wanted)


def test_a_name_is_found_in_another_case_unless_two_fit(tmp_path: Path) -> None:
    table = read(tmp_path / "t", "ID\tSequence\tx\tX\na\tb\tc\td\n")
    assert [table.column("sequence"), table.column("x"), table.column("X")] == [1, 2, 3]
    assert table.has_column("id")
    assert not read(tmp_path / "u", "Id\tiD\na\tb\n").has_column("id")


def test_the_line_in_which_excel_names_the_delimiter_is_no_header(tmp_path: Path) -> None:
    table = read(tmp_path / "t", "sep=;\nid;label\na,b;1\n")
    assert (table.header, table.rows, table.lines) == (("id", "label"), (("a,b", "1"),), (3,))


def test_a_number_with_its_sign_wins_over_a_name(tmp_path: Path) -> None:
    table = read(tmp_path / "t", "id\t1\t2\tlabel\na\tb\tc\td\n")
    assert [table.column(wanted) for wanted in ("@2", "2", "@4")] == [1, 2, 3]
    with pytest.raises(UserError, match="there is no column '@5'"):
        table.column("@5")


def test_sequences_in_the_place_of_a_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="labels: this looks like FASTA; give a table with a header line"):
        read(tmp_path / "t", ">P1 one\nMKV\n>P2\nMKL\n")
    for text in ("MKTAYIAKQRQISFVKSHFSRQLEERL*", "mktayiakqrqisfvkshfsrqleerlgl\nMKTAYIAKQR\n"):
        with pytest.raises(
            UserError, match=r"this looks like a sequence alone \([MKTAYIAQRmktayiqr]{10}\.\.\.\); write '>'"
        ):
            read(tmp_path / "t", text)
    assert read(tmp_path / "t", "averagehydrophobicityindex_1\n1\n").header == ("averagehydrophobicityindex_1",)
