from pathlib import Path

import numpy as np
from tests.output.made_explanations import IMPORTANCE, PAIRS, SEQUENCE, TASK, made

from plmkit.data.task import Task
from plmkit.output.explanations import write_importance, write_importance_track, write_matrix


def lines(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text().splitlines()]


def test_each_residue_has_a_row_with_its_largest_substitution(tmp_path: Path) -> None:
    write_importance(tmp_path / "t.tsv", TASK, [made()])
    found = lines(tmp_path / "t.tsv")
    assert found[0] == ["protein", "label", "position", "residue", "importance", "largest_change", "to"]
    assert found[1] == ["p 1", "motif", "2", "A", "0.100000", "-0.100000", "C"]
    assert len(found) == 1 + len(SEQUENCE.strip("X"))


def test_other_methods_have_no_substitutions_and_pairs_two_chains(tmp_path: Path) -> None:
    write_importance(tmp_path / "t.tsv", PAIRS, [made(chains=2, has_changes=False)])
    found = lines(tmp_path / "t.tsv")
    assert found[0] == ["protein", "chain", "label", "position", "residue", "importance"]
    assert [row[1] for row in found[1:]] == ["1"] * 5 + ["2"] * 5


def test_residues_tell_which_one_is_explained(tmp_path: Path) -> None:
    task = Task("residue", "classification", ("none", "motif"))
    write_importance(tmp_path / "t.tsv", task, [made(position=4)])
    assert lines(tmp_path / "t.tsv")[1][:5] == ["p 1", "motif", "4", "2", "A"]


def test_the_matrix_has_a_column_for_each_amino_acid(tmp_path: Path) -> None:
    write_matrix(tmp_path / "m.tsv", TASK, [made()])
    found = lines(tmp_path / "m.tsv")
    assert found[0][4:] == list("ACDEFGHIKLMNPQRSTVWY")
    assert found[1][4:6] == ["NA", "-0.100000"]


def test_the_track_counts_from_zero_and_joins_what_is_printed_alike(tmp_path: Path) -> None:
    importance = [np.nan, 1.0, 1.0, np.nan, 1.0, -2.0]
    write_importance_track(tmp_path / "t.bedgraph", [made(importance, "XACXEF", has_changes=False)])
    assert lines(tmp_path / "t.bedgraph")[1:] == [
        ["p_1", "1", "3", "1.000000"],
        ["p_1", "4", "5", "1.000000"],
        ["p_1", "5", "6", "-2.000000"],
    ]
    assert IMPORTANCE[1] == 0.1
