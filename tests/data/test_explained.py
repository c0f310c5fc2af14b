from pathlib import Path

import pytest

from plmkit.data.columns import Columns
from plmkit.data.explained import Wanted, check_letters, limited, read_wanted
from plmkit.data.task import Task
from plmkit.errors import UserError

WINDOWS = Task("window", "classification", ("0", "1"))
PROTEINS = Task("protein", "classification", ("a", "b"))
PAIRS = Task("pair", "classification", ("a", "b"))
KNOWN = "ACDEFGHIKLMNPQRSTVWYXBUZO"


def fasta(folder: Path, **sequences: str) -> Path:
    path = folder / "proteins.fasta"
    path.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in sequences.items()))
    return path


def test_a_site_of_a_whole_protein_becomes_its_window_and_keeps_its_numbers(tmp_path: Path) -> None:
    (wanted,), _ = read_wanted(fasta(tmp_path, p="ACDEFG"), WINDOWS, Columns(), None, 5, 2)
    assert wanted == Wanted("p", ("XACDE",), 1, 2, 0)


def test_a_position_beyond_the_end_is_refused_with_its_line(tmp_path: Path) -> None:
    path = fasta(tmp_path, long="ACDEFG", short="AC")
    with pytest.raises(UserError, match=r"^proteins, line 3: 'short' has 2 residues, --position 4 is beyond its end"):
        read_wanted(path, Task("residue", "regression", ("x",)), Columns(), None, None, 4)


def test_whole_proteins_need_a_position_for_a_model_of_windows(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"windows of 5; for a site in whole proteins give --position"):
        read_wanted(fasta(tmp_path, p="ACDEFG"), WINDOWS, Columns(), None, 5, None)


def test_pairs_keep_the_order_in_which_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("a\tb\nz\ty\n")
    path = fasta(tmp_path, y="AAA", z="WWWW")
    (wanted,), _ = read_wanted(path, PAIRS, Columns(), tmp_path / "pairs.tsv", None, None)
    assert (wanted.name, wanted.sequences) == ("z/y", ("WWWW", "AAA"))


def test_letters_which_the_model_does_not_know_are_refused() -> None:
    with pytest.raises(
        UserError, match=r"line 1: 'p' holds J, which the model does not know; write X .*; line 3: 'q' "
    ):
        check_letters([Wanted("p", ("AJ",), 1), Wanted("q", ("XX",), 3)], KNOWN)
    check_letters([Wanted("p", ("AXU",), 1)], KNOWN)


def test_what_is_left_out_is_counted() -> None:
    wanted = [Wanted(name, ("A" * length,), 1) for name, length in (("a", 9), ("b", 2), ("c", 3), ("d", 4))]
    kept, notes = limited(wanted, most=2, longest=5)
    assert [item.name for item in kept] == ["b", "c"]
    assert notes == [
        "proteins: 1 longer than 5 residues are left out; --longest explains them too",
        "proteins: the first 2 of 3 are explained, 1 are left out; see --most",
    ]
    assert limited(wanted, 4, 9) == (wanted, [])
    with pytest.raises(UserError, match="all are longer than 1 residues"):
        limited(wanted, 2, 1)
