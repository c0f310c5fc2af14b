import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

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
    (tmp_path / "w.fasta").write_text("".join(f">{record}" for record in records[1:6:2]))
    command = ["explain", "--bundle", bundle, "--proteins", tmp_path / "w.fasta", "--label", "1", "--method", method]
    done(*command, "--importance", tmp_path / "i.tsv", "--record", tmp_path / "run.json")
    rows = table(tmp_path / "i.tsv")
    best = []
    for name in dict.fromkeys(row["protein"] for row in rows):
        own = [row for row in rows if row["protein"] == name]
        best.append(int(max(own, key=lambda row: float(row["importance"]))["position"]))
    assert best == [MIDDLE + 1] * 3
    found = json.loads((tmp_path / "run.json").read_text())["metrics"]
    assert sum(each["agreement"] for each in found) / 3 < 0.5
    if method == "gradients":
        # the score of this model switches within a hundredth of the line, between log-odds of -10 and 8
        assert all(abs(each["residual"]) < 0.01 * abs(each["differences"][0]) for each in found)
        assert all(each["steps"] < 512 for each in found)


@pytest.mark.parametrize("label", ["membrane", None])
def test_probabilities_are_those_of_plm_predict(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, label: str | None
) -> None:
    with ZipFile(tuned_on_proteins / "tuned.zip") as archive, ZipFile(tmp_path / "tuned.zip", "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "plmkit.json":
                card = json.loads(content)
                # a strong one, so that nothing but the calibrated probabilities can agree
                card["calibration"]["curves"] = [{"temperature": 4.0}]
                content = json.dumps(card).encode()
            changed.writestr(name, content)
    changes = "MKWTAYWIWQ", "AKWTAYWIWQ"
    (tmp_path / "one.fasta").write_text(f">p\n{changes[0]}\n")
    common = ["--bundle", tmp_path / "tuned.zip", "--proteins"]
    options = ["--label", label] if label else []
    done(
        "explain",
        *common,
        tmp_path / "one.fasta",
        *options,
        "--importance",
        tmp_path / "i.tsv",
        "--record",
        tmp_path / "r",
    )
    found = json.loads((tmp_path / "r").read_text())["metrics"][0]
    to = found["strongest"]
    sequence = changes[0]
    place = int(to[1:-1]) - 1
    assert sequence[place] == to[0]
    (tmp_path / "both.fasta").write_text(
        f">p\n{sequence}\n>changed\n{sequence[:place]}{to[-1]}{sequence[place + 1 :]}\n"
    )
    done("predict", *common, tmp_path / "both.fasta", "--predictions", tmp_path / "p.tsv")
    predicted, changed_row = table(tmp_path / "p.tsv")
    assert found["label"] == (label or predicted["predicted"])
    assert found["is_predicted"] == (found["label"] == predicted["predicted"])
    column = f"probability_{found['label']}"
    assert found["value"] == pytest.approx(float(predicted[column]), abs=2e-6)
    assert found["after_strongest"] == pytest.approx(float(changed_row[column]), abs=2e-6)
    own = 1 / (1 + math.exp(-found["score"]))
    assert abs(own - found["value"]) > 0.01


def test_all_outputs_of_two_runs_are_equal_and_the_report_has_no_script(done: Done, tmp_path: Path) -> None:
    (tmp_path / "short.fasta").write_text(">one\nMKTAYIAK\n>two\nGWYSPL\n>three\nMKV\n")
    (tmp_path / "pairs.tsv").write_text("a\tb\none\ttwo\nthree\tone\n")
    found = []
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        options: list[object] = []
        for name in ("importance", "matrix", "track", "figure", "report", "record"):
            options += [f"--{name}", tmp_path / run / name]
        pairs = ["--pairs", tmp_path / "pairs.tsv", "--model", DATA / "untrained_model.zip", "--most", "1"]
        done("explain", "--bundle", DATA / "tuned_pairs.zip", "--proteins", tmp_path / "short.fasta", *pairs, *options)
        found.append({path.name: path.read_bytes() for path in (tmp_path / run).iterdir()})
    assert found[0] == found[1]
    assert len(found[0]) == 6
    report = found[0]["report"].decode()
    assert "<script" not in report
    assert "It is neither cause nor biology" in report
    assert "the first 1 of 2 are explained, 1 are left out" in report


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
        (["--steps", "63"], "--steps must be between 64 and 65536, not 63"),
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
