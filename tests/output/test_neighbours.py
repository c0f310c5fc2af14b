from pathlib import Path

import numpy as np

from plmkit.learning.neighbours import Neighbours
from plmkit.learning.transfer import Accuracy, Transfer, wilson
from plmkit.output.neighbours import accuracy_rows, write_accuracies, write_hits, write_transfers

FOUND = Neighbours(np.array([[1, 0], [0, -1]]), np.array([[1.25e-7, 0.5], [1.5, np.inf]]))
QUERIES, REFERENCES = ["q", "alone"], ["a", "b"]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def test_hits_keep_small_distances_and_leave_out_what_is_not_there(tmp_path: Path) -> None:
    write_hits(tmp_path / "hits.tsv", QUERIES, REFERENCES, [("x", "y"), ("z",)], FOUND, "cosine")
    assert lines(tmp_path / "hits.tsv") == [
        "q\t1\tb\t1.25e-07\t1.000000\tz",
        "q\t2\ta\t0.5\t0.500000\tx;y",
        "alone\t1\ta\t1.5\t0.000000\tx;y",
    ]


def test_the_best_label_stands_beside_no_transfer(tmp_path: Path) -> None:
    answers = [[Transfer("x", 0.4, (0, 1)), Transfer("y", 0.3, (1,))], []]
    write_transfers(tmp_path / "transfers.tsv", QUERIES, REFERENCES, FOUND, answers, 0.3)
    assert lines(tmp_path / "transfers.tsv") == [
        "q\tx\t0.400000\t2\tb;a\ttransferred",
        "q\ty\t0.300000\t1\ta\ttransferred",
        "alone\tNA\tNA\t0\tNA\tno transfer",
    ]
    write_transfers(tmp_path / "transfers.tsv", QUERIES, REFERENCES, FOUND, answers, 0.5)
    assert lines(tmp_path / "transfers.tsv")[0] == "q\tNA\t0.400000\t2\tb;a\tno transfer"


def test_accuracies_stand_below_the_most_frequent_label(tmp_path: Path) -> None:
    rows = accuracy_rows(
        "queries", [Accuracy(0.5, 1, 0.5, wilson(1, 1)), Accuracy(0.9, 0, 0.0, wilson(0, 0))], wilson(1, 2), 2
    )
    write_accuracies(tmp_path / "metrics.tsv", rows)
    assert lines(tmp_path / "metrics.tsv") == [
        "queries\tmost frequent label\tNA\t2\t1.000000\t0.500000\t0.094531\t0.905469",
        "queries\ttransfer\t0.500000\t1\t0.500000\t1.000000\t0.206549\t1.000000",
        "queries\ttransfer\t0.900000\t0\t0.000000\tNA\tNA\tNA",
    ]
