"""Related examples are drawn together; where that is not known it is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.test_judged import asked, truth

from plmkit.data.judged import TruthAsked, read_judgeable


def test_windows_of_one_protein_and_rows_of_one_group_stand_together(tmp_path: Path) -> None:
    text = "id\tlabel\tcluster\tscore\n"
    text += "p%1%3\t0\tx\t0.1\np%5%7\t1\ty\t0.2\nq%1%3\t1\ty\t0.3\nr%1%3\t0\t\t0.4\n"
    found = read_judgeable([asked(tmp_path, text)], TruthAsked())
    assert found.groups.tolist() == [0, 0, 0, 1]
    assert (found.grouped_by, found.unit) == ("cluster and protein", "window")


PAIRS = "a\tb\tlabel\tscore\nx\ty\t0\t0.1\nx\tz\t1\t0.9\nz\tw\t1\t0.4\nu\tv\t0\t0.2\n"
TOLD = (
    "pairs: 2 of 6 proteins stand in more than one of the 4 pairs; intervals and tests take pairs as independent, so "
    "they say more than is known; give --group-column to draw related pairs together"
)


def test_proteins_of_several_pairs_are_counted(tmp_path: Path) -> None:
    found = read_judgeable([replace(asked(tmp_path, PAIRS), identifier="a,b")], TruthAsked())
    assert (found.unit, found.grouped_by) == ("pair", "")
    assert found.notes[0] == TOLD
    joined = "id\tlabel\tscore\nx/y\t0\t0.1\nx/z\t1\t0.9\nz/w\t1\t0.4\nu/v\t0\t0.2\n"
    assert read_judgeable([asked(tmp_path, joined)], TruthAsked()).notes[0] == TOLD
    by_truth = truth(tmp_path, "one\ttwo\tlabel\nx\ty\t0\nx\tz\t1\nz\tw\t1\nu\tv\t0\n", "one,two")
    scores = joined.replace("\t0\t", "\t").replace("\t1\t", "\t").replace("label\t", "")
    assert read_judgeable([asked(tmp_path, scores)], by_truth).notes[0] == TOLD


def test_pairs_of_groups_and_pairs_that_share_nothing_have_no_note(tmp_path: Path) -> None:
    grouped = PAIRS.replace("score\n", "score\tcluster\n").replace("0.1\n", "0.1\t1\n").replace("0.9\n", "0.9\t1\n")
    grouped = grouped.replace("0.4\n", "0.4\t1\n").replace("0.2\n", "0.2\t2\n")
    found = read_judgeable([replace(asked(tmp_path, grouped), identifier="a,b")], TruthAsked())
    assert found.groups.tolist() == [0, 0, 0, 1]
    alone = "id\tlabel\tscore\nx/y\t0\t0.1\nz/w\t1\t0.4\n"
    notes = (*found.notes, *read_judgeable([asked(tmp_path, alone)], TruthAsked()).notes)
    assert not any("proteins" in note for note in notes)


@pytest.mark.parametrize("names", ["P1/12-80 P1/90-120", "P1/A24G P2/A24G:K30R", "P1/5 x", "sp/P1 sp/P2"])
def test_stretches_and_variants_are_no_pairs(tmp_path: Path, names: str) -> None:
    one, other = names.split()
    found = read_judgeable([asked(tmp_path, f"id\tlabel\tscore\n{one}\t0\t0.1\n{other}\t1\t0.4\n")], TruthAsked())
    assert found.unit == "protein"
