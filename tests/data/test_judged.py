"""Predictions and truth are matched by name; what has no partner is counted and listed."""

from dataclasses import replace
from pathlib import Path

import pytest

from plmkit.data.judged import Asked, LeftOut, TruthAsked, read_judgeable
from plmkit.errors import UserError


def asked(folder: Path, text: str, name: str = "predictions") -> Asked:
    path = folder / f"{name.replace(' ', '_')}.tsv"
    path.write_text(text)
    return Asked(path, name, options="--" if name == "predictions" else "--second-")


def truth(folder: Path, text: str, identifier: str | None = None) -> TruthAsked:
    path = folder / "truth.dat"
    path.write_text(text)
    return TruthAsked(path, identifier)


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


def test_residues_are_matched_by_position_and_stay_with_their_protein(tmp_path: Path) -> None:
    rows = "".join(f"{name}\t{at}\t{'HE'[at % 2]}\n" for name in ("p", "q") for at in (1, 2, 3))
    found = read_judgeable(
        [asked(tmp_path, f"id\tposition\tpredicted\n{rows}")], truth(tmp_path, ">q LABEL=HE-\nMKV\n>p LABEL=EHH\nMKL\n")
    )
    assert found.keys == (("p", 1), ("p", 2), ("p", 3), ("q", 1), ("q", 2))
    assert found.groups.tolist() == [0, 0, 0, 1, 1]
    assert (found.grouped_by, found.unit) == ("protein", "residue")
    assert found.sequences == {"q": "MKV", "p": "MKL"}
    names = found.numbers.task.labels
    assert [names[int(number)] for number in found.numbers.truth[:, 0]] == list("EHHHE")


def test_windows_of_one_protein_and_rows_of_one_group_stand_together(tmp_path: Path) -> None:
    text = "id\tlabel\tcluster\tscore\n"
    text += "p%1%3\t0\tx\t0.1\np%5%7\t1\ty\t0.2\nq%1%3\t1\ty\t0.3\nr%1%3\t0\t\t0.4\n"
    found = read_judgeable([asked(tmp_path, text)], TruthAsked())
    assert found.groups.tolist() == [0, 0, 0, 1]
    assert (found.grouped_by, found.unit) == ("cluster and protein", "window")


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


def test_test_sets_are_judged_without_the_validation_examples(tmp_path: Path) -> None:
    text = "id\tpart\tlabel\tscore\na\tvalidation\t0\t0.1\nb\ttest\t1\t0.2\nc\ttest\t0\t0.3\n"
    found = read_judgeable([asked(tmp_path, text)], TruthAsked(), "auto")
    assert [name for name, _ in found.keys] == ["b", "c"]
    assert found.notes[0].startswith(
        "predictions: judged are the 2 rows of the part test; 1 of other parts are put aside"
    )
    assert len(read_judgeable([asked(tmp_path, text)], TruthAsked(), "all")) == 3
    with pytest.raises(UserError, match="there is no part 'dev'; the parts are 'validation', 'test'"):
        read_judgeable([asked(tmp_path, text)], TruthAsked(), "dev")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "id\tlabel\tscore\na\t0\t1\na\t1\t2\n",
            "line 3: 'a' stands already in line 2; keep one row for each, or choose",
        ),
        ("id\tlabel\tscore\n\t0\t1\n", "line 2: no name; write one, or choose another --identifier-column"),
        ("id\tposition\tlabel\tscore\na\t0\t0\t1\n", "line 2: the position '0' is no whole number from 1"),
        ("id\tposition\tlabel\tscore\na\t1\t0\t1\na\t1\t1\t1\n", "line 3: 'a', position 1, stands already in line 2"),
        ("id\tscore\na\t1\n", "which column holds the true labels"),
        ("id\tlabel\tscore\na\t\t1\nb\t\t1\n", "no example has both a prediction and a known truth"),
    ],
)
def test_tables_that_cannot_be_judged_are_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_judgeable([asked(tmp_path, text)], TruthAsked())


def test_names_that_never_match_are_shown(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"truth: none of its names \(such as 'P1'\) is among the predictions \(such as 'a"
    ):
        read_judgeable([asked(tmp_path, "id\tscore\na\t1\n")], truth(tmp_path, "id\tlabel\nP1\t0\n"))


def test_an_unknown_group_column_is_answered_with_the_columns(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="--group-column family: there is no such column; the columns are 'id', 'label'"
    ):
        read_judgeable([asked(tmp_path, "id\tlabel\tscore\na\t0\t1\nb\t1\t2\n")], TruthAsked(), group="family")


def test_truth_of_residues_in_one_cell_obeys_its_mask(tmp_path: Path) -> None:
    rows = "".join(f"p\t{at}\t{at / 10}\n" for at in (1, 2, 3))
    table = replace(truth(tmp_path, "id\tlabel\tmask\np\t1.5 2.5 3.5\t011\n"), kind="regression")
    found = read_judgeable([asked(tmp_path, f"id\tposition\tvalue\n{rows}")], table)
    assert found.numbers.truth[:, 0].tolist() == [2.5, 3.5]
    assert [position for _, position in found.keys] == [2, 3]
