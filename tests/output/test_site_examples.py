from pathlib import Path

import numpy as np
from tests.data.annotated_proteins import annotated, windows_of

from plmkit.data.cells import words_of
from plmkit.data.site_annotations import Rejected
from plmkit.data.site_candidates import CandidateRules, candidate_states
from plmkit.data.site_counts import Count
from plmkit.output.site_examples import write_counts, write_mismatches, write_proteins, write_windows


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_windows_of_one_modification(tmp_path: Path) -> None:
    told = annotated(["SKS"], {"P": [{3: True}]})
    found = candidate_states(told, CandidateRules({}))
    windows = windows_of(["SKS"], found.proteins, found.positions, 3)

    write_windows(tmp_path / "t", found, windows, ["train", "test"], ["p0"])

    assert lines(tmp_path / "t") == [
        "id\tsequence\tlabel\tgroup\tsplit\tposition\tresidue",
        "p0_1\tXSK\tunmodified\tp0\ttrain\t1\tS",
        "p0_3\tKSX\tP\tp0\ttest\t3\tS",
    ]


def test_windows_of_two_modifications_without_parts_and_with_names_of_their_own(tmp_path: Path) -> None:
    told = annotated(["SKS"], {"P": [{3: True}], "A": [{2: True}]})
    found = candidate_states(told, CandidateRules({}))
    windows = windows_of(["SKS"], found.proteins, found.positions, 1)

    write_windows(tmp_path / "t", found, windows, None, ["p0"], ["one", "two", "three"])

    assert lines(tmp_path / "t") == [
        "id\tsequence\tlabel_A\tlabel_P\tgroup\tposition\tresidue",
        "one\tS\t\t0\tp0\t1\tS",
        "two\tK\t1\t\tp0\t2\tK",
        "three\tS\t\t1\tp0\t3\tS",
    ]


def test_whole_proteins_have_a_word_or_a_letter_for_each_residue(tmp_path: Path) -> None:
    told = annotated(["SKS", "GGG", "SGK"], {"P by A": [{3: True}, {}, {}]})
    one = candidate_states(told, CandidateRules({}))
    write_proteins(tmp_path / "one", one, told.proteins, np.array([0]), ["test"])

    told = annotated(["SKS"], {"P; by A": [{3: True}]})
    write_proteins(tmp_path / "divided", candidate_states(told, CandidateRules({})), told.proteins, np.array([0]), None)

    told = annotated(["SKS", "GGG", "SGK"], {"P": [{3: True}, {}, {}], "A": [{}, {}, {3: True}]})
    two = candidate_states(told, CandidateRules({}))
    write_proteins(tmp_path / "two", two, told.proteins, np.array([0, 2]), None)

    assert lines(tmp_path / "one") == ["id\tsequence\tsplit\tlabel", "p0\tSKS\ttest\tunmodified;?;P by A"]
    assert words_of(lines(tmp_path / "one")[1].split("\t")[-1], "residue") == ["unmodified", "", "P by A"]
    assert lines(tmp_path / "divided")[1] == "p0\tSKS\tunmodified;?;P_by A"
    assert lines(tmp_path / "two") == ["id\tsequence\tlabel_A\tlabel_P", "p0\tSKS\t???\t0?1", "p2\tSGK\t??1\t???"]


def test_mismatches_and_counts(tmp_path: Path) -> None:
    write_mismatches(tmp_path / "m", [Rejected(3, "p", None, "S", "", "P", "there is no position")])
    write_counts(tmp_path / "c", [Count("P", "STY", "test", 1, 1, 3, 4), Count("P", "STY", "all", 0, 0, 0, 1)])

    assert lines(tmp_path / "m")[1] == "3\tp\tNA\tS\t\tP\tthere is no position"
    assert lines(tmp_path / "c")[1:] == ["P\tSTY\ttest\t1\t1\t3\t4\t0.250000", "P\tSTY\tall\t0\t0\t0\t1\tNA"]
