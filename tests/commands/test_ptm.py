import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from Bio import SeqIO

Done = Callable[..., str]


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.fixture
def scanned(done: Done, tmp_path: Path, bundle: Path, proteins: Path) -> Path:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    done(*command, "--gff", tmp_path / "sites.gff3", "--record", tmp_path / "run.json")
    return tmp_path


def sequences(path: Path) -> dict[str, str]:
    with path.open() as handle:
        return {record.id: str(record.seq) for record in SeqIO.parse(handle, "fasta")}


def test_every_s_t_and_y_is_scored_once_in_order(scanned: Path, proteins: Path) -> None:
    expected = [
        (name, str(position), residue)
        for name, sequence in sequences(proteins).items()
        for position, residue in enumerate(sequence, start=1)
        if residue in "STY"
    ]
    assert [(row["protein"], row["position"], row["residue"]) for row in table(scanned / "sites.tsv")] == expected


def test_each_window_is_cut_around_its_site(scanned: Path, proteins: Path) -> None:
    found = sequences(proteins)
    for row in table(scanned / "sites.tsv"):
        padded = "X" * 10 + found[row["protein"]] + "X" * 10
        assert row["window"] == padded[int(row["position"]) - 1 :][:21]


def test_scores_are_those_of_predict_for_the_same_windows(
    done: Done, scanned: Path, tmp_path: Path, bundle: Path
) -> None:
    sites = table(scanned / "sites.tsv")
    (tmp_path / "w.fasta").write_text("".join(f">w{n}\n{row['window']}\n" for n, row in enumerate(sites)))
    command = ["predict", "--bundle", bundle, "--proteins", tmp_path / "w.fasta", "--batch-tokens", 50]
    done(*command, "--predictions", tmp_path / "p.tsv")
    expected = [float(row["probability_1"]) for row in table(tmp_path / "p.tsv")]
    assert [float(row["score"]) for row in sites] == pytest.approx(expected, abs=3e-6)
    assert max(expected) - min(expected) > 0.5


def test_the_threshold_decides_what_is_called_modified(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    counts = []
    for threshold in (0, 0.5, 0.9, 1):
        done(*command, "--threshold", threshold, "--gff", tmp_path / "s.gff3", "--record", tmp_path / "run.json")
        rows = table(tmp_path / "s.tsv")
        called = [row for row in rows if row["is_modified"] == "yes"]
        assert called == [row for row in rows if float(row["score"]) >= threshold]
        gff = [line for line in (tmp_path / "s.gff3").read_text().splitlines() if not line.startswith("#")]
        assert len(gff) == len(called) == json.loads((tmp_path / "run.json").read_text())["counts"]["modified"]
        counts.append(len(called))
    assert counts[0] == len(rows) > counts[1] >= counts[2] >= counts[3]


def test_other_residues_can_be_asked_for(done: Done, tmp_path: Path, bundle: Path, proteins: Path) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    done(*command, "--residues", "y")
    assert {row["residue"] for row in table(tmp_path / "s.tsv")} == {"Y"}
