"""plm sites on the small real inputs of test-data, and on made-up sites."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.forked import Program

from plmkit.data import mmseqs
from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.task import Unit

Done = Callable[..., str]
Refused = Callable[..., str]
TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
HUMAN = TEST_DATA / "human_phosphosites"
PROTEINS, SITES, WINDOWS = HUMAN / "proteins.fasta", HUMAN / "sites.tsv", HUMAN / "train_windows.fasta"
MARKED = TEST_DATA / "marked_sites.fasta"
OUTPUTS = {
    "--examples": "examples.tsv",
    "--mismatches": "mismatches.tsv",
    "--summary": "summary.tsv",
    "--figure": "figure.png",
    "--report": "report.html",
    "--record": "run.json",
}
NAMED = ("--name", "Phosphorylation")

needs_mmseqs = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def preparing(folder: Path, proteins: Path, *more: object) -> list[object]:
    outputs = [part for option, name in OUTPUTS.items() for part in (option, folder / name)]
    return ["sites", "--proteins", proteins, *outputs, *more]


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return found


def read_back(folder: Path, unit: Unit) -> Examples:
    """Read the table as plm finetune does."""
    return read_examples(folder / "examples.tsv", "examples", unit, None, Columns(), None)


def table(folder: Path, text: str) -> Path:
    path = folder / "sites.tsv"
    path.write_text(text)
    return path


@pytest.fixture
def two_modifications(tmp_path: Path) -> tuple[Path, Path]:
    """Twenty proteins with two sites of one modification and one of the other."""
    proteins, sites = tmp_path / "proteins.fasta", ["protein\tposition\tresidue\tmodification"]
    letters = "ACDEFGHILMNPQRVW"
    with proteins.open("w") as handle:
        for number in range(20):
            middle = letters[number % 16] + letters[number // 16]
            handle.write(f">p{number}\n{middle}SGKGS{middle[::-1]}KGY{middle}\n")
            sites += [f"p{number}\t3\tS\tPhospho", f"p{number}\t12\tY\tPhospho", f"p{number}\t5\tK\tAcetyl"]
    return proteins, table(tmp_path, "\n".join(sites) + "\n")


@needs_mmseqs
def test_a_table_of_sites_becomes_windows_that_finetune_reads(done: Done, tmp_path: Path) -> None:
    said = done(*preparing(tmp_path, PROTEINS, "--sites", SITES, "--kind", "windows", *NAMED))

    read = read_back(tmp_path, "window")
    assert read.labels == ("Phosphorylation", "unmodified")
    given = {}
    for name in ("train_windows.fasta", "heldout_windows.fasta"):
        for item in read_examples(HUMAN / name, "examples", "window", None, Columns(), None).items:
            given[item.name.split("|")[1] + "_" + item.name.split("%")[2]] = item.sequences[0]
    assert {item.name.split("|")[1] + "_" + item.name.split("_")[-1]: item.sequences[0] for item in read.items} == given
    truth = {tuple(row[:2]): row[3] for row in rows(SITES)[1:]}
    found = {(row[3].split("|")[1], row[5]): row[2] for row in rows(tmp_path / "examples.tsv")[1:]}
    assert found == {place: "Phosphorylation" if label == "1" else "unmodified" for place, label in truth.items()}
    parts: dict[str, set[str | None]] = {}
    for item in read.items:
        parts.setdefault(item.group, set()).add(item.part)
    assert all(len(one) == 1 for one in parts.values())
    told = record(tmp_path)
    assert told["counts"]["unmarked"] == "unknown"
    assert told["counts"]["verdict"] in said
    assert told["counts"]["verdict"].endswith(
        "No test window overlaps a training window, and no test protein is a training protein."
    )
    assert told["counts"]["verdict"] in (tmp_path / "report.html").read_text()


@needs_mmseqs
def test_marked_proteins_become_a_label_for_each_residue(done: Done, tmp_path: Path) -> None:
    done(*preparing(tmp_path, MARKED, "--kind", "proteins", "--split", "proteins", *NAMED))

    read = read_back(tmp_path, "residue")
    assert read.labels == ("Phosphorylation", "unmodified")
    letters = "".join(item.sequences[0] for item in read.items)
    known = {letters[at] for at in np.flatnonzero(~np.isnan(read.truth[:, 0]))}
    assert known == set("STY")
    assert int((read.truth[:, 0] == 0).sum()) == MARKED.read_text().count("#")
    summary = {row[2]: row for row in rows(tmp_path / "summary.tsv")[1:]}
    assert summary["all"][3:5] == ["20", str(MARKED.read_text().count("#"))]
    assert int(summary["all"][4]) == sum(int(summary[part][4]) for part in ("train", "valid", "test"))
    assert record(tmp_path)["counts"]["unmarked"] == "negative"


@needs_mmseqs
@pytest.mark.parametrize(("kind", "unit"), [("windows", "window"), ("proteins", "residue")])
def test_several_modifications_are_several_labels_at_once(
    done: Done, two_modifications: tuple[Path, Path], tmp_path: Path, kind: str, unit: Unit
) -> None:
    proteins, sites = two_modifications
    done(*preparing(tmp_path, proteins, "--sites", sites, "--kind", kind, "--split", "proteins"))

    read = read_back(tmp_path, unit)
    assert (read.task.kind, len(read.labels)) == ("multilabel", 2)
    counts = {one["name"]: (one["modified"], one["unmodified"]) for one in record(tmp_path)["counts"]["modifications"]}
    of_label = {
        label: (int((column == 1).sum()), int((column == 0).sum()))
        for label, column in zip(read.labels, read.truth.T, strict=True)
    }
    assert of_label == counts == {read.labels[0]: (20, 20), read.labels[1]: (40, 20)}


@needs_mmseqs
def test_the_parts_of_published_windows_are_checked(done: Done, tmp_path: Path) -> None:
    said = done(*preparing(tmp_path, WINDOWS, "--split", "random", *NAMED))

    assert "divided at random" in said
    metrics = {row["part"]: row for row in record(tmp_path)["metrics"]}
    assert metrics["test"]["shared_proteins"] > 0
    assert "are also training proteins: measures are too good for new proteins." in said
    read = read_back(tmp_path, "window")
    assert [item.name for item in read.items] == [
        item.name for item in read_examples(WINDOWS, "examples", "window", None, Columns(), None).items
    ]
    assert {item.group.count("|") for item in read.items} == {2}


@needs_mmseqs
def test_parts_of_single_sites_are_taken_for_windows_and_refused_for_proteins(
    done: Done, refused: Refused, tmp_path: Path
) -> None:
    proteins = tmp_path / "proteins.fasta"
    proteins.write_text("".join(f">p{n}\n{'ACDEFGHIKL'[n]}GSGGSGTGG\n" for n in range(10)))
    told = ["protein\tposition\tlabel\tsplit"]
    for n in range(10):
        told += [f"p{n}\t3\t1\ttrain", f"p{n}\t6\t0\ttest", f"p{n}\t8\t{n % 2}\ttrain"]
    sites = table(tmp_path, "\n".join(told) + "\n")
    command = preparing(tmp_path, proteins, "--sites", sites, "--split", "given", "--window-length", "17", *NAMED)

    said = refused("sites: sites of one protein are in several parts", *command, "--kind", "proteins")
    assert "give --kind windows" in said

    said = done(*command)
    assert "10 of 10 test windows (100.0 %) overlap training windows and 10 of 10 test proteins are also train" in said
    assert record(tmp_path)["counts"]["reason"] == "Windows, since the split divides the sites of a protein."
    parts = {row[0]: row[4] for row in rows(tmp_path / "examples.tsv")[1:]}
    assert parts == {f"p{n}_{at}": part for n in range(10) for at, part in ((3, "train"), (6, "test"), (8, "train"))}


def test_one_of_several_modifications_and_residues_of_the_user(
    done: Done, two_modifications: tuple[Path, Path], tmp_path: Path
) -> None:
    proteins, sites = two_modifications
    more = ("--split", "none", "--residues", "Phospho=STYG")
    said = done(*preparing(tmp_path, proteins, "--sites", sites, "--only", "Phospho", *more))

    one = record(tmp_path)["counts"]["modifications"][0]
    sequences = "".join(line for line in proteins.read_text().splitlines() if not line.startswith(">"))
    assert (one["name"], one["modified"]) == ("Phospho", 40)
    assert one["unmodified"] == sum(map(sequences.count, "STYG")) - 40
    assert "Nothing was divided" in said
    assert "split" not in rows(tmp_path / "examples.tsv")[0]


@needs_mmseqs
def test_what_does_not_fit_is_listed(done: Done, tmp_path: Path) -> None:
    lines = SITES.read_text().splitlines()
    lines[1] = lines[1].replace("\t16\tS\t", "\t16\tY\t")
    assert lines[1] != SITES.read_text().splitlines()[1]
    done(*preparing(tmp_path, PROTEINS, "--sites", table(tmp_path, "\n".join(lines) + "\n"), *NAMED))

    header, row = rows(tmp_path / "mismatches.tsv")
    assert header == ["line", "protein", "position", "residue", "found", "modification", "reason"]
    assert row[0] == "2"
    assert row[2:6] == ["16", "Y", "S", "Phosphorylation"]
    assert record(tmp_path)["counts"]["mismatches"] == 1
    assert "Sites that do not fit" in (tmp_path / "report.html").read_text()


@needs_mmseqs
def test_equal_runs_give_equal_files(done: Done, tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        done(*preparing(tmp_path, MARKED, *NAMED))
        contents.append([(tmp_path / name).read_bytes() for name in OUTPUTS.values()])

    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("protein\tposition\tresidue\nP16949\t9999\tS\n", "sites"),
        ("protein\tposition\tlabel\nP16949\t16\t1\nP16949\t16\t0\n", "sites"),
        ("protein\tposition\nQ99999\t16\n", "sites: none of the annotated proteins"),
        ("protein\tposition\tlabel\nP16949\t16\t0\n", "sites: not one residue is modified"),
    ],
)
def test_sites_that_cannot_be_are_refused(refused: Refused, tmp_path: Path, text: str, wanted: str) -> None:
    refused(wanted, *preparing(tmp_path, PROTEINS, "--sites", table(tmp_path, text), "--split", "none", *NAMED))


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (("--residues", "Acetylation=K"), "--residues names 'Acetylation'; the modifications of the sites are Phos"),
        (("--residues", "STY"), '--residues takes a modification and letters, as in "Phosphorylation=STY", not'),
        (("--residues", "A=S", "--residues", "A=T"), "--residues names 'A' twice; give all its letters at once"),
        (("--residues", "A=X"), "--residues takes a modification and letters"),
        (("--window-length", "32"), "--window-length must be odd, so that the site is in the middle, not 32"),
        (("--split", "random", "--kind", "proteins"), "--split random divides the sites of a protein: give --kind win"),
        (("--split-column", "x"), "--split-column is for --split given; leave one out"),
        (("--test-share", "0.6", "--validation-share", "0.6"), "together leave too little to learn from: at most 0.9"),
        (("--most-mismatches", "2"), "--most-mismatches must be between 0 and 1, not 2"),
        (("--only", "Acetylation"), "no annotation is called 'Acetylation'"),
        (("--split", "given"), "proteins: nothing says train, valid or test"),
        (
            ("--unmarked", "unknown"),
            "sites: no candidate residue is known not to be modified, so nothing can be learned",
        ),
    ],
)
def test_mistakes_in_options_are_answered(refused: Refused, tmp_path: Path, more: tuple[str, ...], wanted: str) -> None:
    assert wanted in refused("", *preparing(tmp_path, MARKED, *NAMED, *more))


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (("--sequons",), "proteins: these are windows with LABEL=, and --sequons is for whole proteins; leave it out"),
        (("--kind", "proteins"), "proteins: these are windows with LABEL=; leave out --kind proteins"),
        (("--split", "given"), "proteins: nothing says train, valid or test"),
    ],
)
def test_windows_are_no_whole_proteins(refused: Refused, tmp_path: Path, more: tuple[str, ...], wanted: str) -> None:
    assert wanted in refused("", *preparing(tmp_path, WINDOWS, *more))


def test_no_deep_learning_is_loaded(without_torch: Program, tmp_path: Path) -> None:
    done = without_torch(*preparing(tmp_path, MARKED, "--split", "none", *NAMED))

    assert done.returncode == 0, done.stderr
    assert "Nothing was divided" in done.stderr
