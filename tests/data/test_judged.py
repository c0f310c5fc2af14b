"""Predictions and truth are read together; what would be judged by itself is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from plmkit.data.judged import Asked, TruthAsked, read_judgeable
from plmkit.errors import UserError


def asked(folder: Path, text: str, name: str = "predictions") -> Asked:
    path = folder / f"{name.replace(' ', '_')}.tsv"
    path.write_text(text)
    return Asked(path, name, options="--" if name == "predictions" else "--second-")


def truth(folder: Path, text: str, identifier: str | None = None, label: str | None = None) -> TruthAsked:
    path = folder / "truth.dat"
    path.write_text(text)
    return TruthAsked(path, identifier, label)


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


def test_truth_of_residues_in_one_cell_obeys_its_mask(tmp_path: Path) -> None:
    rows = "".join(f"p\t{at}\t{at / 10}\n" for at in (1, 2, 3))
    table = replace(truth(tmp_path, "id\tlabel\tmask\np\t1.5 2.5 3.5\t011\n"), kind="regression")
    found = read_judgeable([asked(tmp_path, f"id\tposition\tvalue\n{rows}")], table)
    assert found.numbers.truth[:, 0].tolist() == [2.5, 3.5]
    assert [position for _, position in found.keys] == [2, 3]


SCORES = "id\tscore\tother\na\t0.1\t0.3\nb\t0.9\t0.2\n"


def test_a_table_is_not_compared_with_itself(tmp_path: Path) -> None:
    first = replace(asked(tmp_path, SCORES), columns="score")
    true = truth(tmp_path, "id\tlabel\na\t0\nb\t1\n")
    copied = replace(asked(tmp_path, SCORES, "second predictions"), columns="score")
    same = replace(copied, path=first.path)
    for second in (copied, same):
        with pytest.raises(UserError, match="second predictions: this is the same file as the predictions, and"):
            read_judgeable([first, second], true)
    # two methods may stand in one table, and one method may be read at two thresholds
    assert len(read_judgeable([first, replace(same, columns="other")], true)) == 2
    assert len(read_judgeable([first, replace(same, threshold=0.2)], true)) == 2


def test_predictions_are_not_the_truth_of_themselves(tmp_path: Path) -> None:
    first = replace(asked(tmp_path, SCORES), columns="score")
    true = TruthAsked(first.path, label="score")
    with pytest.raises(UserError, match="this is the same file as the truth, and 'score' is taken for both; name the"):
        read_judgeable([first], true)
    with pytest.raises(UserError, match="and 'score' is taken for both"):
        read_judgeable([first], truth(tmp_path, SCORES, label="score"))
    with_truth = asked(tmp_path, "id\tlabel\tscore\na\t0\t0.3\nb\t1\t0.2\n")
    assert len(read_judgeable([with_truth], TruthAsked(with_truth.path))) == 2
