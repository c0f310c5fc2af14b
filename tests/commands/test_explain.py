import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

Done = Callable[..., str]
Refused = Callable[..., str]
DATA = Path(__file__).resolve().parents[2] / "test-data"
MIDDLE = 11  # of windows of 21


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("method", ["substitution", "masking", "gradients"])
def test_the_planted_motif_comes_out_on_top(
    done: Done, tmp_path: Path, bundle: Path, held_out_windows: Path, method: str
) -> None:
    """The label means that a proline follows the middle; the windows are new to the model."""
    records = held_out_windows.read_text().split(">")[1:]
    (tmp_path / "w.fasta").write_text("".join(f">{record}" for record in records[1:12:2]))
    command = ["explain", "--bundle", bundle, "--proteins", tmp_path / "w.fasta", "--label", "1", "--method", method]
    done(*command, "--importance", tmp_path / "i.tsv", "--record", tmp_path / "run.json")
    rows = table(tmp_path / "i.tsv")
    best = []
    for name in dict.fromkeys(row["protein"] for row in rows):
        own = [row for row in rows if row["protein"] == name]
        best.append(int(max(own, key=lambda row: float(row["importance"]))["position"]))
    # this model answers so sharply that its attributions do not all add up, which is said
    assert best.count(MIDDLE + 1) >= (4 if method == "gradients" else 6), best
    record = json.loads((tmp_path / "run.json").read_text())
    assert sum(each["agreement"] for each in record["metrics"]) / 6 < 0.5


def test_all_outputs_of_two_runs_are_equal_and_the_report_has_no_script(done: Done, tmp_path: Path) -> None:
    found = []
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        options: list[object] = []
        for name in ("importance", "matrix", "track", "figure", "report", "record"):
            options += [f"--{name}", tmp_path / run / name]
        pairs = ["--pairs", DATA / "pairs.tsv", "--model", DATA / "untrained_model.zip", "--most", "1"]
        done("explain", "--bundle", DATA / "tuned_pairs.zip", "--proteins", DATA / "fragments.fasta", *pairs, *options)
        found.append({path.name: path.read_bytes() for path in (tmp_path / run).iterdir()})
    assert found[0] == found[1]
    assert len(found[0]) == 6
    report = found[0]["report"].decode()
    assert "<script" not in report
    assert "It is neither cause nor biology" in report
    assert "39 are left out" in report


def test_a_site_of_a_whole_protein_keeps_the_numbers_of_the_protein(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    command = ["explain", "--bundle", bundle, "--proteins", proteins, "--position", "3", "--method", "masking"]
    done(*command, "--importance", tmp_path / "i.tsv")
    rows = [row for row in table(tmp_path / "i.tsv") if row["protein"] == "first"]
    assert "".join(row["residue"] for row in rows) == "SMKTAYIAKQRSQ"
    assert [row["position"] for row in rows] == [str(number) for number in range(1, 14)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--label", "2"], "tuned model: it knows no label '2'; take one of these as --label: 0, 1"),
        (["--position", "99"], "proteins, line 1: 'first' has 24 residues, --position 99 is beyond its end; "),
        ([], "proteins, line 1: 'first' has 24 residues, the model was tuned on windows of 21; "),
        (["--method", "masking", "--matrix", "m.tsv"], "--matrix shows substitutions, --method masking makes none; "),
        (["--position", "3", "--longest", "2"], "proteins: all are longer than 2 residues"),
        (["--steps", "0"], "--steps must be between 1 and 1000, not 0"),
        (["--pairs", DATA / "pairs.tsv"], "--pairs is for models of pairs, this one is of windows; leave it out"),
        (["--position", "3", "--model", DATA / "untrained_model.zip"], "tuned model: it was tuned on plmkit-tiny-2 "),
    ],
)
def test_mistakes_are_answered_in_one_line(
    refused: Refused, tmp_path: Path, bundle: Path, proteins: Path, options: list[object], message: str
) -> None:
    refused(
        message, "explain", "--bundle", bundle, "--proteins", proteins, "--importance", tmp_path / "i.tsv", *options
    )


def test_unknown_letters_and_positions_of_whole_proteins_are_refused(
    refused: Refused, tmp_path: Path, tuned_on_proteins: Path
) -> None:
    (tmp_path / "p.fasta").write_text(">p\nMKTJA\n")
    command = ["explain", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", tmp_path / "p.fasta"]
    command += ["--importance", tmp_path / "i.tsv"]
    refused("proteins, line 1: 'p' holds J, which the model does not know", *command)
    refused("--position is for models of residues and windows, this one is of proteins", *command, "--position", "1")
