"""The column of the truth is named, known by its title, or the only one that can hold labels."""

from pathlib import Path

import pytest
from tests.data.test_judged import asked, truth

from plmkit.data.judged import read_judgeable
from plmkit.errors import UserError

SCORES = "id\tscore\na\t0.1\nb\t0.9\n"


@pytest.mark.parametrize(
    ("header", "row"), [("id sequence", "MKV"), ("Id Seq", "MKV"), ("id name", "x"), ("id protein_2", "x")]
)
def test_sequences_and_names_are_no_labels(tmp_path: Path, header: str, row: str) -> None:
    titles = header.split()
    table = "\t".join(titles) + f"\na\t{row}A\nb\t{row}C\n"
    shown = ", ".join(map(repr, titles))
    with pytest.raises(
        UserError,
        match=f"truth: which column holds the true labels. name it with --label-column; the columns are {shown}",
    ):
        read_judgeable([asked(tmp_path, SCORES)], truth(tmp_path, table))


def test_the_only_other_column_is_the_truth_beside_sequences(tmp_path: Path) -> None:
    found = read_judgeable([asked(tmp_path, SCORES)], truth(tmp_path, "id,sequence,place\na,MKV,in\nb,MKL,out\n"))
    assert found.numbers.task.labels == ("in", "out")


def test_names_cannot_be_wanted_as_labels(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="truth: --label-column names 'id', which names the examples; name another"):
        read_judgeable([asked(tmp_path, SCORES)], truth(tmp_path, "id\tlabel\na\t0\nb\t1\n", label="id"))
