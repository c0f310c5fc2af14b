import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, matthews_corrcoef, roc_auc_score

Done = Callable[..., str]


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_each_row_is_a_protein_with_its_likeliest_label(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, proteins: Path
) -> None:
    out = tmp_path / "p.tsv"
    done("predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", proteins, "--predictions", out)
    rows = table(out)
    labels = ["cytosol", "membrane", "nucleus"]
    assert list(rows[0]) == ["id", "predicted", *(f"probability_{label}" for label in labels)]
    assert [row["id"] for row in rows] == ["first", "second", "third"]
    for row in rows:
        shares = [float(row[f"probability_{label}"]) for label in labels]
        assert sum(shares) == pytest.approx(1, abs=2e-6)
        assert row["predicted"] == labels[int(np.argmax(shares))]


@pytest.mark.parametrize("budget", [1, 100, 100_000])
def test_the_budget_of_tokens_changes_no_probability(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, proteins: Path, budget: int
) -> None:
    command = ["predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", proteins]
    found = []
    for tokens in (4096, budget):
        done(*command, "--predictions", tmp_path / "p.tsv", "--batch-tokens", tokens)
        found.append([float(row["probability_nucleus"]) for row in table(tmp_path / "p.tsv")])
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


def test_metrics_follow_from_the_table_by_scikit_learn(
    done: Done, tmp_path: Path, bundle: Path, held_out_windows: Path
) -> None:
    command = ["predict", "--bundle", bundle, "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv"]
    done(*command, "--labelled", "--metrics", tmp_path / "m.tsv", "--record", tmp_path / "run.json")
    rows = table(tmp_path / "p.tsv")
    truth, predicted = [row["label"] for row in rows], [row["predicted"] for row in rows]
    scores = [float(row["probability_1"]) for row in rows]
    assert truth == ["0", "1"] * 100
    found = {row["metric"]: float(row["value"]) for row in table(tmp_path / "m.tsv")}
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, predicted), abs=1e-6)
    assert found["mcc"] == pytest.approx(matthews_corrcoef(truth, predicted), abs=1e-6)
    assert found["auroc"] == pytest.approx(roc_auc_score([label == "1" for label in truth], scores), abs=1e-3)
    assert {row["examples"] for row in table(tmp_path / "m.tsv")} == {"held-out (200)"}
    recorded = {row["metric"]: row["value"] for row in json.loads((tmp_path / "run.json").read_text())["metrics"]}
    assert recorded == pytest.approx(found)


def test_true_labels_of_one_kind_leave_the_roc_curve_undefined(done: Done, tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "one.fasta").write_text(f">a LABEL=1\n{'S' * 21}\n>b LABEL=1\n{'T' * 21}\n")
    command = ["predict", "--bundle", bundle, "--proteins", tmp_path / "one.fasta", "--labelled"]
    done(
        *command, "--predictions", tmp_path / "p.tsv", "--metrics", tmp_path / "m.tsv", "--record", tmp_path / "r.json"
    )
    (row,) = [row for row in table(tmp_path / "m.tsv") if row["metric"] == "auroc"]
    assert [row["value"], row["low"], row["high"]] == ["NA"] * 3
    (row,) = [row for row in json.loads((tmp_path / "r.json").read_text())["metrics"] if row["metric"] == "auroc"]
    assert row["value"] is None


def test_a_model_of_proteins_takes_proteins_of_any_length(done: Done, tmp_path: Path, tuned_on_proteins: Path) -> None:
    (tmp_path / "p.fasta").write_text(f">short\nM\n>long\n{'MKTAY' * 220}\n")
    command = ["predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", tmp_path / "p.fasta"]
    assert "1 longer than the 1022" in done(*command, "--predictions", tmp_path / "p.tsv")
    assert [row["id"] for row in table(tmp_path / "p.tsv")] == ["short", "long"]


def test_examples_of_the_tuning_are_recognised(
    done: Done, tmp_path: Path, tuned_on_windows: Path, windows: Path
) -> None:
    training = windows
    command = ["predict", "--bundle", tuned_on_windows / "tuned.zip", "--proteins", training, "--labelled"]
    said = done(*command, "--predictions", tmp_path / "p.tsv", "--metrics", tmp_path / "m.tsv")
    count = training.read_text().count(">")
    assert f"note: proteins: {count} of {count} were among the fine-tuning examples; the measures are too good" in said
    assert f"\tpartly known ({count})\t" in (tmp_path / "m.tsv").read_text()
