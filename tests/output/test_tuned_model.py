import base64
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from plmkit.cli import main
from plmkit.models.bundle import sequence_digest

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
PARTS = ("train", "train", "valid", "test")


def sequence(number: int) -> str:
    """Example number so and so; acid for even numbers."""
    return RESIDUES[number % 20] + ("DE" if number % 2 else "KR") * 3 + RESIDUES[number // 20]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all outputs of two small trainings on 40 proteins: 20 to learn from, 10 to validate, 10 to test."""
    folder = tmp_path_factory.mktemp("results")
    rows = [f"P{n}\t{sequence(n)}\t{'acid' if n % 2 else 'base'}\t{PARTS[n // 2 % 4]}\n" for n in range(40)]
    (folder / "examples.tsv").write_text("id\tsequence\tlabel\tsplit\n" + "".join(rows))
    arguments = ["finetune", "--examples", str(folder / "examples.tsv"), "--method", "head", "--epochs", "2"]
    arguments += ["--baselines", "simple", "--relatives", "anywhere"]
    for option in ("bundle", "metrics", "predictions", "history", "curves", "figure", "report", "record"):
        arguments += [f"--{option}", str(folder / option)]
    assert main([*arguments, "--seeds", "2", "--seed", "7"]) == 0
    return folder


def table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def test_predictions_are_those_of_all_examples_not_learned_from(results: Path) -> None:
    header, *rows = table(results / "predictions")
    assert header == ["id", "part", "label", "predicted", "probability_acid", "probability_base"]
    validation = [f"P{n}" for n in range(40) if n // 2 % 4 == 2]
    test = [f"P{n}" for n in range(40) if n // 2 % 4 == 3]
    assert [row[:2] for row in rows] == [[n, "validation"] for n in validation] + [[n, "test"] for n in test]
    assert all(row[2] == ("acid" if int(row[0][1:]) % 2 else "base") for row in rows)


def test_the_metrics_of_the_table_are_those_of_the_predictions(results: Path) -> None:
    rows = [row for row in table(results / "predictions") if row[1] == "test"]
    right = sum(row[2] == row[3] for row in rows) / len(rows)
    (found,) = [row for row in table(results / "metrics") if row[:3] == ["fine-tuned model", "test (10)", "accuracy"]]
    assert float(found[3]) == right


def test_the_history_has_a_row_for_each_epoch_of_each_run(results: Path) -> None:
    header, *rows = table(results / "history")
    assert header == ["run", "epoch", "training_loss", "validation_loss", "score"]
    assert [row[:2] for row in rows] == [["seed 7", "1"], ["seed 7", "2"], ["seed 8", "1"], ["seed 8", "2"]]


def test_the_bundle_tells_what_the_record_tells(results: Path) -> None:
    record = json.loads((results / "record").read_text())
    with ZipFile(results / "bundle") as archive:
        card = json.loads(archive.read("plmkit.json"))
        assert set(archive.namelist()) == {"README.md", "domain.safetensors", "head.safetensors", "plmkit.json"}
        assert record["model"]["name"] in archive.read("README.md").decode()
    assert (card["labels"], card["method"], card["adapter"]) == (["acid", "base"], "head", None)
    assert (card["metrics"], card["notes"]) == (record["metrics"], record["notes"])
    assert card["training"] == record["config"] | {"runs": record["counts"]["runs"]}
    assert card["data"]["parts"] == {"training": 20, "validation": 10, "test": 10}


def test_sequences_of_the_test_set_are_not_among_those_the_model_knows(results: Path) -> None:
    with ZipFile(results / "bundle") as archive:
        known = json.loads(archive.read("plmkit.json"))["data"]["sequences"]
    assert known == sorted(sequence_digest(sequence(n)) for n in range(40) if n // 2 % 4 != 3)


def test_the_record_counts_what_stands_in_each_part(results: Path) -> None:
    counts = json.loads((results / "record").read_text())["counts"]
    assert counts["parts"] == counts["places"] == counts["groups"] == {"training": 20, "validation": 10, "test": 10}
    assert counts["labels"] == [{"name": name, "training": 10, "validation": 5, "test": 5} for name in ("acid", "base")]
    assert counts["adapter"] is None


def test_the_report_shows_the_figures_that_are_written(results: Path) -> None:
    content = (results / "report").read_text(encoding="utf-8")
    for name in ("curves", "figure"):
        assert base64.b64encode((results / name).read_bytes()).decode() in content
    assert "On the test examples" in content
    assert "mean (lowest to highest) of 2 runs" in content
