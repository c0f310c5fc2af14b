"""The column of the truth is named, known by its title, or the only one that can hold labels."""

from pathlib import Path

import numpy as np
import pytest
from tests.data.test_judged import asked, truth

from plmkit.data.judged import TruthAsked, read_judgeable
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


@pytest.mark.parametrize("predicted", ["probability_{}", "{}", "label_{}"])
def test_columns_of_labels_are_known_by_the_beginning_of_their_titles(tmp_path: Path, predicted: str) -> None:
    titles = "\t".join(predicted.format(name) for name in ("ac", "me"))
    scores = f"id\t{titles}\na\t0.1\t0.2\nb\t0.9\t0.3\n"
    found = read_judgeable([asked(tmp_path, scores)], truth(tmp_path, "id\tlabel_ac\tlabel_me\na\t0\t1\nb\t1\t0\n"))
    assert (found.numbers.task.kind, found.numbers.task.labels) == ("multilabel", ("ac", "me"))
    assert found.numbers.truth.tolist() == [[0, 1], [1, 0]]
    assert found.numbers.methods[0].values.tolist() == [[0.1, 0.2], [0.9, 0.3]]


def test_labels_beside_their_predictions_and_of_all_residues_in_one_cell(tmp_path: Path) -> None:
    beside = "id\tlabel_ac\tlabel_me\tprobability_ac\tprobability_me\na\t0\t1\t0.1\t0.2\nb\t1\t0\t0.9\t0.3\n"
    assert read_judgeable([asked(tmp_path, beside)], TruthAsked()).numbers.truth.tolist() == [[0, 1], [1, 0]]
    rows = "".join(f"p\t{at}\t0.{at}\t0.2\n" for at in (1, 2, 3))
    strings = truth(tmp_path, "id\tlabel_ac\tlabel_me\np\t?10\t01?\n")
    found = read_judgeable([asked(tmp_path, f"id\tposition\tprobability_ac\tprobability_me\n{rows}")], strings)
    assert np.isnan(found.numbers.truth).tolist() == [[True, False], [False, False], [False, True]]


def test_words_of_classes_may_begin_as_titles_of_labels_do(tmp_path: Path) -> None:
    scores = "id\tlabel_0\tlabel_1\na\t0.9\t0.1\nb\t0.3\t0.7\n"
    found = read_judgeable([asked(tmp_path, scores)], truth(tmp_path, "id\tlabel\na\tlabel_0\nb\tlabel_1\n"))
    assert found.numbers.task.labels == ("label_0", "label_1")
