from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.data.example_files import distinct

from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.leaks import Border, Pairs
from plmkit.data.splitting import Division, plan_of
from plmkit.data.splitting_check import Checked
from plmkit.data.splitting_table import Layout, read_layout
from plmkit.data.table import read_table
from plmkit.output.split_tables import column_of, offender_rows, summary_rows, write_divided

PLAN = plan_of(0.25, 0.0, 0)


def read(folder: Path, labels: Sequence[object], cell: str = "x") -> tuple[Examples, Layout]:
    path = folder / "examples.csv"
    rows = [f"{one},{label},{cell}" for one, label in zip(distinct(len(labels)), labels, strict=True)]
    path.write_text("sequence,label,note\n" + "\n".join(rows) + "\n")
    examples = read_examples(path, "examples", "protein", None, Columns(), None)
    return examples, read_layout(path, None, Columns(), examples)


def test_cells_are_read_back_as_they_were(tmp_path: Path) -> None:
    examples, layout = read(tmp_path, ["a", "b"] * 6, '"""A"" and 5"" long"')
    division = Division(PLAN, ("train",) * 9 + ("test",) * 3)

    write_divided(tmp_path / "out.tsv", layout, "split", column_of(layout, division))

    again = read_table(tmp_path / "out.tsv", "examples")
    assert again.header == ("sequence", "label", "note", "split")
    assert [row[:3] for row in again.rows] == list(layout.table.rows)
    assert again.rows[0][2] == '"A" and 5" long'
    assert [row[3] for row in again.rows] == list(division.parts)
    assert len(examples) == 12


def test_a_row_that_is_no_example_belongs_to_no_part(tmp_path: Path) -> None:
    _, layout = read(tmp_path, ["a", "b"] * 6)
    layout = Layout(layout.table, layout.row_of[:-1], layout.is_fasta, layout.is_own)

    assert column_of(layout, Division(PLAN, ("train",) * 11))[-1] == "test_aside"


def test_labels_are_counted_by_part(tmp_path: Path) -> None:
    examples, _ = read(tmp_path, ["a"] * 8 + ["b"] * 4)
    division = Division(PLAN, ("train",) * 9 + ("test",) * 2 + ("test_aside",))

    found = [(row["part"], row["label"], row["count"], row["proportion"]) for row in summary_rows(examples, division)]

    assert found == [
        ("train", "all", 9, None),
        ("train", "a", 8, pytest.approx(8 / 9, abs=1e-6)),
        ("train", "b", 1, pytest.approx(1 / 9, abs=1e-6)),
        ("test", "all", 2, None),
        ("test", "a", 0, 0),
        ("test", "b", 2, 1),
        ("test_aside", "all", 1, None),
        ("test_aside", "a", 0, 0),
        ("test_aside", "b", 1, 1),
    ]


def test_measured_numbers_have_a_mean(tmp_path: Path) -> None:
    values = [number / 4 for number in range(12)]
    examples, _ = read(tmp_path, values)
    train = summary_rows(examples, Division(PLAN, ("train",) * 9 + ("test",) * 3))[1]

    assert (train["mean"], train["deviation"]) == pytest.approx((np.mean(values[:9]), np.std(values[:9])), abs=1e-6)


def test_offenders_are_the_pairs_at_the_threshold() -> None:
    pairs = Pairs(np.array([0, 0, 1]), np.array([1, 0, 0]), np.array([0.9, 0.5, 0.4]), np.array([1, 0.5, 0.7]))
    border = Border(np.array([0.9, 0.4]), np.array([1, 0.7]), np.array([1, 0]), pairs)

    found = list(offender_rows([Checked("test", ("x", "y"), ("p", "q"), border)], 0.5))

    assert found == [("test", "x", "q", 0.9, 1.0), ("test", "x", "p", 0.5, 0.5)]
