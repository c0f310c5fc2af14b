from pathlib import Path

import pytest

from plmkit.data.columns import Columns
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.data.labelled import Source, read_written
from plmkit.data.structure_states import with_structure_states
from plmkit.data.task import Unit
from plmkit.errors import UserError

PROTEINS = ">a\nMEVQLVQYKA\n>b some words\nGGG\n>c\nSTY\n"


def given(folder: Path, states: str, proteins: str = PROTEINS) -> Proteins:
    (folder / "proteins").write_text(proteins)
    (folder / "states").write_text(states)
    return with_structure_states(read_fasta(folder / "proteins", "proteins"), folder / "states", "proteins")


def test_states_are_found_by_name_in_either_case(tmp_path: Path) -> None:
    found = given(tmp_path, ">c\nDV#\n>a\nDVPPR\nYDAVD\n>z\nDDDD\n>b\n###\n")
    assert [record.states for record in found.records] == ["dvpprydavd", "", "dv#"]
    assert found.sequences == ["MEVQLVQYKA", "GGG", "STY"]
    assert found.notes("proteins", with_states=True) == [
        "proteins: 1 states of structures have other names: not used",
        "proteins: 2 read with states of their structures, unknown for 1 of 13 residues",
        "proteins: 1 without states of a structure, read as if each were unknown",
    ]


def test_states_that_are_not_spelt_in_lower_case_may_alternate(tmp_path: Path) -> None:
    assert given(tmp_path, ">a\nDvPpRyDaVd\n").records[0].states == "dvpprydavd"


@pytest.mark.parametrize(
    ("states", "proteins", "message"),
    [
        (
            ">a\nDVP\n>b\nDD\n",
            PROTEINS,
            "line 1: 'a' has 3 states, but 10 residues among the proteins \\(line 1\\).*'b'",
        ),
        (">a\nMEVQLVQYKA\n", PROTEINS, "line 1: these are the amino acids of 'a' again, not states"),
        (">a\nDVXPRYDAVD\n", PROTEINS, "structure states, line 1, a: 'x' at residue 3 is no state"),
        (">a\nDVPP-YDAVD\n", PROTEINS, "structure states, line 1, a: '-' at residue 5 is no state"),
        (">a\n", PROTEINS, "structure states, line 1, a: no states"),
        (
            ">q\nDVP\n",
            PROTEINS,
            "structure states: none of their names, such as 'q', is among the proteins, such as 'a'",
        ),
        (">a\nDVPP\n", ">a\nMdEvVpQp\n", "proteins: these are written with states already"),
        ("id\tstates\na\tDVP\n", PROTEINS, "structure states, line 1: expected a FASTA header"),
    ],
)
def test_states_that_do_not_fit_are_a_mistake(tmp_path: Path, states: str, proteins: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        given(tmp_path, states, proteins)


def rows(folder: Path, examples: str, table: str = "", unit: Unit = "protein") -> list[tuple[tuple[str, ...], ...]]:
    (folder / "examples").write_text(examples)
    (folder / "table").write_text(table)
    (folder / "states").write_text(">x\nDVP\n>y\nAAC\n")
    beside = folder / "table" if table else None
    source = Source(folder / "examples", "examples", unit, Columns(), beside, states=folder / "states")
    return [(row.sequences, row.states) for row in read_written(source, "learn").rows]


def test_every_form_of_examples_takes_states(tmp_path: Path) -> None:
    expected = [(("MKV",), ("dvp",)), (("GGG",), ("aac",))]
    assert rows(tmp_path, ">x LABEL=1\nMKV\n>y LABEL=0\nGGG\n") == expected
    assert rows(tmp_path, "id,sequence,label\nx,MKV,1\ny,GGG,0\n") == expected
    assert rows(tmp_path, ">x\nMKV\n>y\nGGG\n", "id,label\nx,1\ny,0\n") == expected
    assert rows(tmp_path, ">x\nMKV\n>y\nGGG\n", "a,label,b\nx,1,y\n", "pair") == [(("MKV", "GGG"), ("dvp", "aac"))]


def test_pairs_without_names_take_no_states_by_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--structure-states goes with names of proteins"):
        rows(tmp_path, "sequence_1,sequence_2,label\nMKV,GGG,1\n", unit="pair")
