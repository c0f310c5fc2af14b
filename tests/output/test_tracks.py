from pathlib import Path

import numpy as np

from plmkit.data.task import Task
from plmkit.output.tracks import Values, track_suffix, write_track

STATES = Task("residue", "classification", ("helix", "beta strand"))
SITES = Task("residue", "multilabel", ("metal", "DNA"))
NUMBERS = Task("residue", "regression", ('Z "score"', "pLDDT"))
NAN = float("nan")


def written(folder: Path, task: Task, names: list[str], values: list[Values]) -> list[str]:
    write_track(folder / "track", task, names, values)
    return (folder / "track").read_text(encoding="utf-8").split("\n")


def test_quantities_are_bedgraph_one_track_each_and_equal_neighbours_one_line(tmp_path: Path) -> None:
    first = np.array([[1.0, 0.5], [1.0000001, NAN], [NAN, 0.5], [-1e-9, 0.25], [0.0, 0.25], [2.5, 0.5]])
    assert track_suffix(NUMBERS) == "bedgraph"
    assert written(tmp_path, NUMBERS, ["sp|P1", "P2"], [first, np.array([[1.0, 0.125]])]) == [
        "track type=bedGraph name=\"Z 'score'\"",
        "sp|P1\t0\t2\t1.000000",
        "sp|P1\t3\t5\t0.000000",
        "sp|P1\t5\t6\t2.500000",
        "P2\t0\t1\t1.000000",
        'track type=bedGraph name="pLDDT"',
        "sp|P1\t0\t1\t0.500000",
        "sp|P1\t2\t3\t0.500000",
        "sp|P1\t3\t5\t0.250000",
        "sp|P1\t5\t6\t0.500000",
        "P2\t0\t1\t0.125000",
        "",
    ]


def test_classes_are_bed_with_the_mean_probability_of_each_run(tmp_path: Path) -> None:
    first = np.array([[0.9, 0.1], [0.8, 0.2], [0.25, 0.75], [NAN, NAN], [0.0, 1.0]], dtype=np.float32)
    assert track_suffix(STATES) == "bed"
    assert written(tmp_path, STATES, ["P1", "P2"], [first, np.array([[0.5, 0.5]])]) == [
        "P1\t0\t2\thelix\t850\t.",
        "P1\t2\t3\tbeta_strand\t750\t.",
        "P1\t4\t5\tbeta_strand\t1000\t.",
        "P2\t0\t1\thelix\t500\t.",
        "",
    ]


def test_labels_are_bed_where_they_are_likely_by_their_start(tmp_path: Path) -> None:
    value = np.array([[0.1, 0.5], [0.6, 0.7], [0.8, 0.2], [NAN, 0.4], [0.5, 0.0]])
    assert track_suffix(SITES) == "bed"
    assert written(tmp_path, SITES, ["P1"], [value]) == [
        "P1\t0\t2\tDNA\t600\t.",
        "P1\t1\t3\tmetal\t700\t.",
        "P1\t4\t5\tmetal\t500\t.",
        "",
    ]


def test_a_name_is_one_word_and_no_comment(tmp_path: Path) -> None:
    value = np.array([[1.0, 0.0]])
    names = [line.split("\t")[0] for line in written(tmp_path, STATES, ["#1", "two words"], [value, value])]
    assert names == ["%231", "two_words", ""]


def test_nothing_likely_is_an_empty_file(tmp_path: Path) -> None:
    assert written(tmp_path, SITES, ["P1"], [np.zeros((3, 2))]) == [""]
