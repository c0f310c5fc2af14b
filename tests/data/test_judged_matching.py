"""What matches by name is judged; what does not is counted, listed and explained."""

import re
from pathlib import Path

import pytest
from tests.data.test_judged import asked, truth

from plmkit.data.judged import TruthAsked, read_judgeable
from plmkit.data.judged_matching import LeftOut
from plmkit.errors import UserError


def test_rows_are_matched_by_name_whatever_their_order(tmp_path: Path) -> None:
    found = read_judgeable(
        [asked(tmp_path, "id\tscore\nb\t0.9\na\t0.2\nonly\t0.5\nempty\tNA\nunknown\t0.1\n")],
        truth(tmp_path, "name,label\na,no\nb,yes\nlost,no\nempty,no\nunknown,?\n"),
    )
    assert found.keys == (("b", 0), ("a", 0))
    assert found.numbers.truth.tolist() == [[1], [0]]
    assert found.numbers.methods[0].values[:, 1].tolist() == [0.9, 0.2]
    assert found.left_out == (
        LeftOut(("only", 0), "truth", "no truth"),
        LeftOut(("empty", 0), "predictions", "the prediction is empty"),
        LeftOut(("unknown", 0), "truth", "the truth is unknown"),
        LeftOut(("lost", 0), "predictions", "no prediction"),
    )
    assert found.notes[:2] == (
        "truth: 1 example is not judged, because there is no truth",
        "predictions: 1 example is not judged, because the prediction is empty",
    )


def test_pairs_are_matched_by_both_names(tmp_path: Path) -> None:
    found = read_judgeable(
        [asked(tmp_path, "id\tscore\na/b\t0.1\nb/c\t0.9\n")],
        truth(tmp_path, "a\tb\tlabel\nb\tc\t1\na\tb\t0\n", identifier="a,b"),
    )
    assert found.numbers.truth.tolist() == [[0], [1]]


def test_two_tables_are_compared_on_common_examples_only(tmp_path: Path) -> None:
    first = asked(tmp_path, "id\tlabel\tscore\na\t0\t0.1\nb\t1\t0.2\nc\t1\t0.3\n")
    second = asked(tmp_path, "id,target,score\nc,0,3\na,0,-1\nz,0,5\n", "second predictions")
    found = read_judgeable([first, second], TruthAsked())
    assert found.keys == (("a", 0), ("c", 0))
    assert [method.values[:, 1].tolist() for method in found.numbers.methods] == [[0.1, 0.3], [-1, 3]]
    assert LeftOut(("b", 0), "second predictions", "no prediction") in found.left_out
    assert "second predictions: its column 'target' says otherwise than the truth of 1 examples" in found.notes


def test_names_that_never_match_are_shown(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"truth: none of its names \(such as 'P1'\) is among the predictions \(such as 'a"
    ):
        read_judgeable([asked(tmp_path, "id\tscore\na\t1\n")], truth(tmp_path, "id\tlabel\nP1\t0\n"))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("p1 p2", "truth: 2 names differ from the predictions in upper and lower case alone (such as 'p1' and 'P1')"),
        ("p1 x", "truth: 1 name differs from the predictions in upper and lower case alone (such as 'p1' and 'P1')"),
    ],
)
def test_names_in_another_case_are_told_where_nothing_matches(tmp_path: Path, names: str, told: str) -> None:
    rows = "".join(f"{name}\t0\n" for name in names.split())
    with pytest.raises(UserError, match=re.escape(f"{told}; write them alike; so nothing can be matched")):
        read_judgeable([asked(tmp_path, "id\tscore\nP1\t1\nP2\t2\n")], truth(tmp_path, f"id\tlabel\n{rows}"))


def test_names_in_another_case_are_told_where_a_part_matches(tmp_path: Path) -> None:
    first = asked(tmp_path, "id\tscore\na\t1\nb\t2\nc\t3\nD\t4\n")
    second = asked(tmp_path, "id\tscore\na\t3\nb\t1\nC\t2\nd\t2\n", "second predictions")
    found = read_judgeable([first, second], truth(tmp_path, "id\tlabel\na\t0\nb\t1\nC\t0\nD\t1\n"))
    alone = "in upper and lower case alone (such as"
    assert f"truth: 1 name differs from the predictions {alone} 'C' and 'c'); write them alike" in found.notes
    assert f"second predictions: 2 names differ from the predictions {alone} 'C' and 'c'); write them alike" in (
        found.notes
    )
    # two spellings in one table are two names
    both = read_judgeable([asked(tmp_path, "id\tscore\na\t1\nA\t2\n")], truth(tmp_path, "id\tlabel\nA\t0\na\t1\n"))
    assert not any("lower case" in note for note in both.notes)
