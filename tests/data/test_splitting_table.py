from pathlib import Path

import pytest
from tests.data.example_files import distinct

from plmkit.data.columns import Columns
from plmkit.data.examples import read_examples
from plmkit.data.splitting_table import check_new_column, headers_with, mutant_column, read_layout
from plmkit.errors import UserError


def test_rows_of_a_table_beside_fasta_are_found_by_name(tmp_path: Path) -> None:
    fasta, labels = tmp_path / "examples.fasta", tmp_path / "labels.tsv"
    fasta.write_text("".join(f">p{n}\n{one}\n" for n, one in enumerate(distinct(12))))
    labels.write_text("id\tlabel\tmutant\n" + "".join(f"p{n}\t{'ab'[n % 2]}\tA{n}G\n" for n in reversed(range(12))))
    examples = read_examples(fasta, "examples", "protein", None, Columns(), labels)

    found = read_layout(fasta, labels, Columns(), examples)

    assert found.row_of == tuple(reversed(range(12)))
    assert found.cells_of(0) == [f"p{n}" for n in range(12)]
    assert found.lines()[:2] == [13, 12]
    assert found.table.header == ("id", "label", "mutant", "sequence")
    assert found.cells_of(3) == distinct(12)
    assert (found.is_fasta, found.is_own, mutant_column(found, None)) == (True, True, 2)


def test_rows_without_a_label_stay_in_the_table(tmp_path: Path) -> None:
    path = tmp_path / "examples.tsv"
    rows = [f"{one}\t{'' if n == 3 else n % 2}\t{'' if n == 3 else (n + 1) % 2}" for n, one in enumerate(distinct(12))]
    path.write_text("sequence\tx\ty\n" + "\n".join(rows) + "\n")
    columns = Columns(label="x,y")
    examples = read_examples(path, "examples", "protein", None, columns, None)

    found = read_layout(path, None, columns, examples)

    assert (len(found.table.rows), len(examples)) == (12, 11)
    assert found.row_of == (0, 1, 2, *range(4, 12))


def test_fasta_becomes_a_table_and_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "examples.fasta"
    records = [
        f">p{n} TARGET={'ab'[n % 2]} SET=train kept\n{one[:4]}\n{one[4:]}\n" for n, one in enumerate(distinct(12))
    ]
    path.write_text("".join(records))
    examples = read_examples(path, "examples", "protein", None, Columns(), None)

    found = read_layout(path, None, Columns(), examples)
    lines = list(headers_with(path, "examples", "SET", {"p0": "test"}, "aside"))

    assert found.table.header == ("id", "sequence", "label")
    assert found.table.rows[1] == ("p1", distinct(12)[1], "b")
    assert not found.is_own
    assert lines[0] == ">p0 TARGET=a kept SET=test"
    assert lines[1:3] == records[0].splitlines()[1:]
    assert lines[3] == ">p1 TARGET=b kept SET=aside"
    check_new_column(found, "split")


def test_a_column_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "examples.tsv"
    path.write_text(
        "sequence\tlabel\tSPLIT\n" + "".join(f"{one}\t{n % 2}\ttrain\n" for n, one in enumerate(distinct(12)))
    )
    examples = read_examples(path, "examples", "protein", None, Columns(), None)

    with pytest.raises(UserError, match="examples: there is a column 'split' already"):
        check_new_column(read_layout(path, None, Columns(), examples), "split")
