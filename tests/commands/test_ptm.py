import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from Bio import SeqIO
from tests.conftest import random_residues

from plmkit.cli import main
from plmkit.config.ptm import THRESHOLD_RULES
from plmkit.data.modifications import psi_mod
from plmkit.learning.thresholds import RULES
from plmkit.models.archive import pack

Done = Callable[..., str]
Refused = Callable[..., str]
TEST_DATA = Path(__file__).parents[2] / "test-data"


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def changed(bundle: Path, path: Path, **changes: Any) -> Path:
    """Write a tuned model with another plmkit.json."""
    folder = path.with_suffix(".unpacked")
    with ZipFile(bundle) as archive:
        archive.extractall(folder)
    card = json.loads((folder / "plmkit.json").read_text())
    (folder / "plmkit.json").write_text(json.dumps(card | changes))
    pack(folder, path)
    shutil.rmtree(folder)
    return path


def card_of(bundle: Path) -> dict[str, Any]:
    with ZipFile(bundle) as archive:
        card: dict[str, Any] = json.loads(archive.read("plmkit.json"))
    return card


@pytest.fixture(scope="module")
def of_residues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two modifications of the residues of whole proteins: of K before E, and of R before D."""
    folder, generator = tmp_path_factory.mktemp("residues"), random.Random(5)
    rows = ["id\tsequence\tlabel_Acetylation\tlabel_Methylation"]
    for number in range(40):
        sequence = random_residues(generator, 40) + "KERDKARA"
        pairs = [sequence[place : place + 2] for place in range(len(sequence))]
        states = ["".join(str(int(p == s)) if p[0] == s[0] else "?" for p in pairs) for s in ("KE", "RD")]
        rows.append("\t".join([f"p{number}", sequence, *states]))
    (folder / "residues.tsv").write_text("\n".join(rows) + "\n")
    command = ["finetune", "--examples", str(folder / "residues.tsv"), "--unit", "residue", "--method", "head"]
    command += ["--label-column", "label_Acetylation,label_Methylation", "--epochs", "2", "--baselines", "simple"]
    assert main([*command, "--relatives", "anywhere", "--bundle", str(folder / "tuned.zip")]) == 0
    return folder / "tuned.zip"


@pytest.fixture
def scanned(done: Done, tmp_path: Path, bundle: Path, proteins: Path) -> Path:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    done(*command, "--gff", tmp_path / "sites.gff3", "--record", tmp_path / "run.json")
    return tmp_path


def sequences(path: Path) -> dict[str, str]:
    with path.open() as handle:
        return {record.id: str(record.seq) for record in SeqIO.parse(handle, "fasta")}


def test_the_rules_of_the_command_line_are_those_of_the_tuned_models() -> None:
    assert THRESHOLD_RULES == RULES


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
        assert ("near_terminus" in row["flags"]) == (row["window"][0] == "X" or row["window"][-1] == "X")


def test_probabilities_are_those_of_predict_for_the_same_windows(
    done: Done, scanned: Path, tmp_path: Path, bundle: Path
) -> None:
    sites = table(scanned / "sites.tsv")
    (tmp_path / "w.fasta").write_text("".join(f">w{n}\n{row['window']}\n" for n, row in enumerate(sites)))
    command = ["predict", "--bundle", bundle, "--proteins", tmp_path / "w.fasta", "--batch-tokens", 50]
    done(*command, "--predictions", tmp_path / "p.tsv")
    predicted = table(tmp_path / "p.tsv")
    expected = [float(row["probability_1"]) for row in predicted]
    assert [float(row["probability"]) for row in sites] == pytest.approx(expected, abs=3e-6)
    assert max(expected) - min(expected) > 0.5
    flags = {"no": set(), "yes": {"far"}, "very": {"very_far"}}
    told = [set(row["flags"].split(";")) & {"far", "very_far"} for row in sites]
    assert told == [flags[row["far"]] for row in predicted]


def test_the_threshold_decides_what_is_called_modified(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    counts = []
    for threshold in (0, 0.5, 0.9, 1):
        done(*command, "--threshold", threshold, "--gff", tmp_path / "s.gff3", "--record", tmp_path / "run.json")
        rows = table(tmp_path / "s.tsv")
        called = [row for row in rows if row["is_modified"] == "yes"]
        assert called == [row for row in rows if float(row["probability"]) >= threshold]
        gff = [line for line in (tmp_path / "s.gff3").read_text().splitlines() if not line.startswith("#")]
        assert len(gff) == len(called) == json.loads((tmp_path / "run.json").read_text())["counts"]["modified"]
        counts.append(len(called))
    assert counts[0] == len(rows) > counts[1] >= counts[2] >= counts[3]


def test_the_table_can_be_of_called_sites_alone(done: Done, tmp_path: Path, bundle: Path, proteins: Path) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--threshold", 0.5, "--sites"]
    done(*command, tmp_path / "all.tsv")
    done(*command, tmp_path / "called.tsv", "--only-modified")
    rows = table(tmp_path / "all.tsv")
    assert table(tmp_path / "called.tsv") == [row for row in rows if row["is_modified"] == "yes"] != rows


def test_other_residues_can_be_asked_for_and_are_flagged(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    done(*command, "--residues", "yk")
    rows = table(tmp_path / "s.tsv")
    assert {row["residue"] for row in rows} == {"Y", "K"}
    assert {row["residue"] for row in rows if "other_residue" in row["flags"]} == {"K"}


def test_a_threshold_by_name_is_the_one_that_the_model_keeps(
    done: Done, refused: Refused, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    kept = {"value": 0.123, "sensitivity": 0.5, "false_positive_rate": 0.05, "precision": 0.5, "mcc": 0.3}
    fpr = changed(bundle, tmp_path / "kept.zip", thresholds={"1": {"fpr_5": kept | {"rule": "fpr_5"}}})
    command = ["ptm", "--bundle", fpr, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    done(*command, "--threshold", "fpr_5")
    lacks = (
        "keeps no such threshold (older models keep none, and a rule can be out of reach); give a number, or another"
    )
    message = refused("--threshold", *command, "--threshold", "fpr_1")
    assert message == f"--threshold fpr_1: the tuned model of '1' {lacks} rule"
    rows = table(tmp_path / "s.tsv")
    assert {row["threshold"] for row in rows} == {"0.123000"}
    assert all((row["is_modified"] == "yes") == (float(row["probability"]) >= 0.123) for row in rows)
    said = done(*command)  # no choice
    assert "note: threshold: 0.5, as the tuned model of '1' keeps none by the rule mcc" in said
    assert {row["threshold"] for row in table(tmp_path / "s.tsv")} == {"0.500000"}


def test_models_of_windows_and_of_residues_scan_together_each_on_its_residues(
    done: Done, tmp_path: Path, bundle: Path, of_residues: Path, proteins: Path
) -> None:
    assert card_of(of_residues)["task"]["candidate_residues"] == {"Acetylation": "K", "Methylation": "R"}
    outputs = {"--sites": "s.tsv", "--marked": "m.fasta", "--bed": "s.bed", "--summary": "sum.tsv", "--gff": "s.gff3"}
    outputs |= {"--figure": "f.png", "--logo": "l.png", "--enrichment": "e.tsv", "--record": "run.json"}
    places = [piece for option, name in outputs.items() for piece in (option, tmp_path / name)]
    said = done("ptm", "--bundle", bundle, "--bundle", of_residues, "--proteins", proteins, "--threshold", 0.1, *places)
    rows = table(tmp_path / "s.tsv")
    found: dict[str, str] = {}
    for row in rows:
        found[row["modification"]] = found.get(row["modification"], "") + row["residue"]
    assert {name: set(letters) for name, letters in found.items()} == {
        "1": set("STY"),
        "Acetylation": {"K"},
        "Methylation": {"R"},
    }
    order = [(row["protein"], int(row["position"])) for row in rows]
    names = list(sequences(proteins))
    assert order == sorted(order, key=lambda place: (names.index(place[0]), place[1]))
    assert "note: proteins: 1 of 3 hold no candidate residue of Acetylation (K)" in said

    called = {(row["protein"], int(row["position"])) for row in rows if row["is_modified"] == "yes"}
    assert 0 < len(called) < len(rows)
    assert marked(tmp_path / "m.fasta") == (sequences(proteins), called)
    bed = [line.split("\t") for line in (tmp_path / "s.bed").read_text().splitlines()]
    assert [(line[0], int(line[2]), line[3]) for line in bed] == [
        (row["protein"], int(row["position"]), f"{row['residue']}{row['position']}_{row['modification']}")
        for row in rows
        if row["is_modified"] == "yes"
    ]
    assert all(int(line[2]) - int(line[1]) == 1 and 0 <= int(line[4]) <= 1000 for line in bed)
    check_summary(table(tmp_path / "sum.tsv"), rows, sequences(proteins))
    for line in (tmp_path / "s.gff3").read_text().splitlines():
        if "Acetylation" in line:
            assert f"Ontology_term={psi_mod('Acetylation', 'K')}" in line
    assert psi_mod("Acetylation", "K") == "MOD:00064"


def marked(path: Path) -> tuple[dict[str, str], set[tuple[str, int]]]:
    """Read FASTA with # after each site."""
    whole, sites = {}, set()
    for record in path.read_text().split(">")[1:]:
        header, *lines = record.splitlines()
        name, pieces = header.split()[0], "".join(lines).split("#")
        whole[name] = "".join(pieces)
        sites |= {(name, sum(map(len, pieces[:end]))) for end in range(1, len(pieces))}
    return whole, sites


def check_summary(summary: list[dict[str, str]], rows: list[dict[str, str]], proteins: dict[str, str]) -> None:
    assert len(summary) == 3 * len(proteins)
    for line in summary:
        mine = [r for r in rows if (r["protein"], r["modification"]) == (line["protein"], line["modification"])]
        best = max(mine, key=lambda row: float(row["probability"]), default=None)
        assert line["length"] == str(len(proteins[line["protein"]]))
        assert line["candidates"] == str(len(mine))
        assert line["modified"] == str(sum(row["is_modified"] == "yes" for row in mine))
        assert line["highest_probability"] == ("NA" if best is None else best["probability"])
        assert line["highest_site"] == ("NA" if best is None else best["residue"] + best["position"])


def test_probabilities_of_residues_are_those_of_predict(
    done: Done, tmp_path: Path, of_residues: Path, proteins: Path
) -> None:
    done("ptm", "--bundle", of_residues, "--proteins", proteins, "--sites", tmp_path / "s.tsv")
    done("predict", "--bundle", of_residues, "--proteins", proteins, "--predictions", tmp_path / "p.tsv")
    expected = {
        (row["id"], row["position"], name): float(row[f"probability_{name}"])
        for row in table(tmp_path / "p.tsv")
        for name, residue in (("Acetylation", "K"), ("Methylation", "R"))
        if row["residue"] == residue
    }
    rows = table(tmp_path / "s.tsv")
    found = {(row["protein"], row["position"], row["modification"]): float(row["probability"]) for row in rows}
    assert found == pytest.approx(expected, abs=3e-6)


def test_one_modification_of_several_can_be_chosen(
    done: Done, refused: Refused, tmp_path: Path, of_residues: Path, proteins: Path
) -> None:
    command = ["ptm", "--bundle", of_residues, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    done(*command, "--modification", "Methylation", "--residues", "Methylation=RK")
    rows = table(tmp_path / "s.tsv")
    assert {row["modification"] for row in rows} == {"Methylation"}
    assert {row["residue"] for row in rows} == {"R", "K"}
    told = "no tuned model has 'Sulfation'; they have Acetylation, Methylation"
    assert refused("", *command, "--modification", "Sulfation") == f"--modification: {told}"
    assert refused("", *command, "--residues", "Sulfation=Y") == f"--residues: {told}"


def test_models_of_one_task_are_averaged_and_one_given_twice_is_refused(
    done: Done, refused: Refused, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    other = changed(bundle, tmp_path / "other.zip", calibration={"places": 50, "curves": [{"temperature": 3.0}]})
    found = []
    for given in ([bundle], [other], [bundle, other]):
        models = [piece for path in given for piece in ("--bundle", path)]
        said = done("ptm", *models, "--proteins", proteins, "--sites", tmp_path / "s.tsv")
        found.append([float(row["probability"]) for row in table(tmp_path / "s.tsv")])
    assert found[2] == pytest.approx([(a + b) / 2 for a, b in zip(*found[:2], strict=True)], abs=2e-6)
    assert found[0] != pytest.approx(found[1], abs=0.01)
    assert "note: tuned models 1 and 2 are of one task: the mean of their probabilities is told" in said
    twice = ["ptm", "--bundle", bundle, "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    assert refused("tuned model 2", *twice) == (
        "tuned model 2: it is given twice, which adds nothing; give each model once"
    )


def test_two_tasks_under_one_name_are_refused(
    refused: Refused, tmp_path: Path, bundle: Path, of_residues: Path, proteins: Path
) -> None:
    other = changed(of_residues, tmp_path / "other.zip", labels=["1", "Methylation"])
    command = ["ptm", "--bundle", bundle, "--bundle", other, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    assert refused("tuned model 2", *command) == (
        "tuned model 2: '1' is a modification of tuned model 1 too, which has other labels, units or residues; scan "
        "with each alone, or tune one of them with another name for it"
    )


def test_a_prevalence_moves_probabilities_by_bayes(done: Done, tmp_path: Path, bundle: Path, proteins: Path) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    done(*command)
    before = [float(row["probability"]) for row in table(tmp_path / "s.tsv")]
    done(*command, "--prevalence", "1=0.02")
    after = [float(row["probability"]) for row in table(tmp_path / "s.tsv")]
    shares = card_of(bundle)["prevalence"]
    factors = [wanted / share for wanted, share in zip((0.98, 0.02), shares, strict=True)]
    expected = [p * factors[1] / (p * factors[1] + (1 - p) * factors[0]) for p in before]
    assert after == pytest.approx(expected, abs=1e-4)


def test_an_older_model_of_residues_needs_to_be_told_its_residues(
    done: Done, refused: Refused, tmp_path: Path, of_residues: Path, proteins: Path
) -> None:
    task = card_of(of_residues)["task"]
    del task["candidate_residues"]
    older = changed(of_residues, tmp_path / "older.zip", task=task)
    command = ["ptm", "--bundle", older, "--proteins", proteins, "--sites", tmp_path / "s.tsv"]
    assert refused("tuned model", *command) == (
        "tuned model: it does not tell on which residues 'Acetylation' was learned; name them with --residues, as in "
        "Acetylation=STY, or tune it again"
    )
    done(*command, "--residues", "Acetylation=K;Methylation=R")
    assert {row["residue"] for row in table(tmp_path / "s.tsv")} == {"K", "R"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tuned_hydropathy", "it predicts measured numbers (hydropathy); sites need one of labels"),
        (
            "tuned_residues",
            "it does not tell which of its labels a, b, n means 'not modified'; tune it again with --negative-label",
        ),
        (
            "tuned_pairs",
            "it was tuned on pairs of proteins; sites need one tuned on windows or residues (plm finetune --unit "
            "window or residue)",
        ),
    ],
)
def test_models_that_are_not_of_sites_are_refused(
    refused: Refused, tmp_path: Path, proteins: Path, name: str, told: str
) -> None:
    bundle, sites = TEST_DATA / f"{name}.zip", tmp_path / "s.tsv"
    message = refused("tuned model", "ptm", "--bundle", bundle, "--proteins", proteins, "--sites", sites)
    assert message == f"tuned model: {told}"
