"""Every kind of task from a file of labels to a tuned model and to predictions, through the command line."""

import csv
import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

Done = Callable[..., str]
Rows = list[dict[str, str]]

LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def table(path: Path) -> Rows:
    with path.open(newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    return path


def proteins(count: int) -> list[str]:
    """Proteins of 12 to 30 residues, some rich in tryptophan."""
    chance = random.Random(5)
    return ["".join(chance.choices(LETTERS + "W" * (10 * (number % 3)), k=12 + number % 19)) for number in range(count)]


def part(number: int) -> str:
    return ("train", "train", "valid", "test")[number % 4]


def measured(folder: Path) -> Path:
    """The share of tryptophan, and of glycine, where it is known."""
    rows: list[dict[str, object]] = [
        {
            "id": f"p{n}",
            "sequence": text,
            "tryptophan": 10 * text.count("W") / len(text),
            "glycine": "" if n % 5 == 0 else f"{text.count('G') / len(text):.3f}",
            "split": part(n),
        }
        for n, text in enumerate(proteins(48))
    ]
    return write(folder / "measured.tsv", rows)


def several(folder: Path) -> Path:
    rows: list[dict[str, object]] = [
        {"id": f"p{n}", "sequence": text, "W": int("W" in text), "KK": int("K" in text), "split": part(n)}
        for n, text in enumerate(proteins(48))
    ]
    return write(folder / "several.tsv", rows)


def of_residues(folder: Path) -> Path:
    """Each residue is aromatic or not; the first residue of each is masked, another is unknown."""
    rows: list[dict[str, object]] = [
        {
            "id": f"p{n}",
            "sequence": text,
            "label": "".join("A" if letter in "FWY" else "o" for letter in text[:-1]) + "?",
            "mask": "0" + "1" * (len(text) - 1),
            "split": part(n),
        }
        for n, text in enumerate(proteins(24))
    ]
    return write(folder / "residues.tsv", rows)


def measured_residues(folder: Path) -> Path:
    rows: list[dict[str, object]] = [
        {
            "id": f"p{n}",
            "sequence": text,
            "label": ";".join("" if place == 1 else f"{LETTERS.index(x) / 7:.3f}" for place, x in enumerate(text)),
            "split": part(n),
        }
        for n, text in enumerate(proteins(24))
    ]
    return write(folder / "scores.tsv", rows)


def pairs(folder: Path) -> Path:
    texts = proteins(49)
    rows: list[dict[str, object]] = [
        {
            "sequence_1": one,
            "sequence_2": other,
            "label": "yes" if ("W" in one) == ("W" in other) else "no",
            "split": part(n),
        }
        for n, (one, other) in enumerate(pairwise(texts))
    ]
    return write(folder / "pairs.tsv", rows)


def drawn(folder: Path) -> list[object]:
    return ["--report", folder / "r.html", "--figure", folder / "f.png"]


def tuned(done: Done, folder: Path, examples: Path, *options: object) -> tuple[Rows, dict[str, Any], str]:
    """Tune a model; return its metrics, its record and what was said. Drawing takes longer, so not all ask for it."""
    usual: list[object] = [
        *(() if "--epochs" in options else ("--epochs", 2)),
        *(() if "--method" in options else ("--method", "head")),
    ]
    said = done(
        *("finetune", "--examples", examples, "--bundle", folder / "tuned.zip", "--metrics", folder / "metrics.tsv"),
        *("--predictions", folder / "put_aside.tsv", "--record", folder / "run.json", "--history", folder / "h.tsv"),
        *usual,
        *options,
    )
    return table(folder / "metrics.tsv"), json.loads((folder / "run.json").read_text()), said


def predicted(done: Done, folder: Path, given: Path, *options: object) -> Rows:
    done(
        *("predict", "--bundle", folder / "tuned.zip", "--proteins", given, "--predictions", folder / "p.tsv", *options)
    )
    return table(folder / "p.tsv")


def value(metrics: Rows, part_name: str, metric: str) -> float:
    (row,) = [
        row
        for row in metrics
        if row["method"] == "fine-tuned model" and row["metric"] == metric and row["examples"].startswith(part_name)
    ]
    return float(row["value"])


def test_measured_numbers(done: Done, tmp_path: Path) -> None:
    """Two quantities at once; the test part of the table is judged and is never learned from."""
    given = measured(tmp_path)
    options = ["--label-column", "tryptophan,glycine", "--epochs", 20]
    metrics, record, said = tuned(done, tmp_path, given, *options, *drawn(tmp_path))
    assert "read as numbers to be predicted (regression" in said
    assert "labels are unknown (not learned from)" in said
    assert record["counts"]["parts"] == {"training": 24, "validation": 12, "test": 12}
    assert value(metrics, "test", "spearman of tryptophan") > 0.5
    aside = [row for row in table(tmp_path / "put_aside.tsv") if row["part"] == "test"]
    expected = spearmanr(*([float(row[name]) for row in aside] for name in ("true_tryptophan", "predicted_tryptophan")))
    assert value(metrics, "test", "spearman of tryptophan") == pytest.approx(float(expected.statistic), abs=1e-3)
    rows = predicted(done, tmp_path, given)
    quantities = ("tryptophan", "glycine")
    intervals = [f"{end}_{name}" for end in ("low", "high") for name in quantities]
    assert list(rows[0]) == ["id", *(f"predicted_{name}" for name in quantities), *intervals, "domain", "far"]
    for row in rows:  # as wide to both sides, and for all proteins
        low, middle, high = (float(row[f"{what}_tryptophan"]) for what in ("low", "predicted", "high"))
        assert [middle - low, high - middle] == pytest.approx([_farthest(tmp_path)] * 2, abs=2e-6)
    again = {row["id"]: row["predicted_tryptophan"] for row in rows}
    assert [again[row["id"]] for row in aside] == [row["predicted_tryptophan"] for row in aside]


def _farthest(folder: Path) -> float:
    """Return the largest of the 12 errors of the validation: 0.9 of 13, rounded up, is rank 12."""
    rows = [row for row in table(folder / "put_aside.tsv") if row["part"] == "validation"]
    return max(abs(float(row["true_tryptophan"]) - float(row["predicted_tryptophan"])) for row in rows)


def test_several_labels_at_once(done: Done, tmp_path: Path) -> None:
    given = several(tmp_path)
    metrics, _, said = tuned(done, tmp_path, given, "--label-column", "W,KK", *drawn(tmp_path))
    assert "read as several labels at once (multi-label)" in said
    rows = predicted(done, tmp_path, given, "--labelled", "--label-column", "W,KK", "--metrics", tmp_path / "m.tsv")
    assert list(rows[0]) == ["id", "label", "predicted", "probability_W", "probability_KK", "domain", "far"]
    for row in rows:
        names = [name for name in ("W", "KK") if float(row[f"probability_{name}"]) >= 0.5]
        assert row["predicted"] == (";".join(names) or "none")
    truth = [row["W"] == "1" for row in table(given)]
    scores = [float(row["probability_W"]) for row in rows]
    found = {row["metric"]: float(row["value"]) for row in table(tmp_path / "m.tsv")}
    assert found["auroc of W"] == pytest.approx(roc_auc_score(truth, scores), abs=1e-5)
    assert found["average_precision of W"] == pytest.approx(average_precision_score(truth, scores), abs=1e-5)
    assert value(metrics, "test", "average_precision") > 0
    assert {row["method"] for row in metrics if row["metric"] == "auroc of W"} == {
        "fine-tuned model",
        "logistic regression",
    }


def test_classes_of_residues(done: Done, tmp_path: Path) -> None:
    given = of_residues(tmp_path)
    options = ["--unit", "residue", "--epochs", 8, "--learning-rate", 0.01]
    metrics, record, said = tuned(done, tmp_path, given, *options, *drawn(tmp_path))
    known = sum(len(row["sequence"]) - 2 for row in table(given))
    assert f"{48} of {known + 48} residues are unknown (not learned from)" in said
    labels = record["counts"]["labels"]
    assert sum(row["training"] + row["validation"] + row["test"] for row in labels) == known
    assert value(metrics, "test", "auroc") > 0.9
    rows = predicted(done, tmp_path, given, "--track", tmp_path / "t.bed", "--track-figure", tmp_path / "t.png")
    labels_and_trust = ["predicted", "probability_A", "probability_o", "set", "domain", "far"]
    assert list(rows[0]) == ["id", "position", "residue", *labels_and_trust]
    expected = [
        (row["id"], str(place), letter) for row in table(given) for place, letter in enumerate(row["sequence"], 1)
    ]
    assert [(row["id"], row["position"], row["residue"]) for row in rows] == expected
    runs = [line.split("\t") for line in (tmp_path / "t.bed").read_text().splitlines()]
    assert sum(int(end) - int(start) for _, start, end, *_ in runs) == len(rows)
    first = [row["predicted"] for row in rows if row["id"] == "p0"]
    assert "".join(name * (int(end) - int(start)) for who, start, end, name, *_ in runs if who == "p0") == "".join(
        first
    )


def test_measured_numbers_of_residues(done: Done, tmp_path: Path) -> None:
    given = measured_residues(tmp_path)
    options = ["--unit", "residue", "--epochs", 8, "--learning-rate", 0.01]
    metrics, _, _ = tuned(done, tmp_path, given, *options, *drawn(tmp_path))
    assert value(metrics, "test", "spearman") > 0.5
    rows = predicted(done, tmp_path, given, "--track", tmp_path / "t.bedgraph")
    assert list(rows[0]) == ["id", "position", "residue", "predicted", "low", "high", "domain", "far"]
    assert (tmp_path / "t.bedgraph").read_text().startswith('track type=bedGraph name="label"\np0\t0\t')


def test_pairs(done: Done, tmp_path: Path) -> None:
    given = pairs(tmp_path)
    _, _, said = tuned(done, tmp_path, given, "--unit", "pair", "--method", "lora", *drawn(tmp_path))
    assert "pairs hold a protein that is also learned from in other pairs" in said
    rows = predicted(done, tmp_path, given)
    turned = write(
        tmp_path / "turned.tsv",
        [{"sequence_1": row["sequence_2"], "sequence_2": row["sequence_1"]} for row in table(given)],
    )
    assert [row["probability_yes"] for row in rows] == [
        row["probability_yes"] for row in predicted(done, tmp_path, turned)
    ]
    names = {text: f"q{n}" for n, text in enumerate(proteins(49))}
    (tmp_path / "q.fasta").write_text("".join(f">{name}\n{text}\n" for text, name in names.items()))
    named = write(
        tmp_path / "named.tsv", [{"a": names[row["sequence_1"]], "b": names[row["sequence_2"]]} for row in table(given)]
    )
    by_name = predicted(done, tmp_path, tmp_path / "q.fasta", "--pairs", named)
    assert [row["probability_yes"] for row in by_name] == [row["probability_yes"] for row in rows]
    assert by_name[0]["id"] == "q0/q1"


def test_several_seeds_and_folds(done: Done, tmp_path: Path) -> None:
    given = several(tmp_path)
    options = ["--label-column", "KK", "--task", "classification", "--seeds", 2, "--folds", 3]
    metrics, record, _ = tuned(done, tmp_path, given, *options, *drawn(tmp_path))
    counts = record["counts"]
    assert [run["name"] for run in counts["runs"]] == ["seed 1", "seed 2", "fold 1", "fold 2", "fold 3"]
    parts = {row["examples"] for row in metrics}
    assert parts == {"validation (12)", "test (12)", "cross-validation (36)"}
    of_seeds = [
        float(row["value"])
        for row in metrics
        if row["metric"] == "auroc" and row["examples"] == "test (12)" and "seed" in row["method"]
    ]
    (mean,) = [
        row
        for row in metrics
        if row["metric"] == "auroc" and "mean" in row["method"] and row["examples"] == "test (12)"
    ]
    assert float(mean["value"]) == pytest.approx(np.mean(of_seeds), abs=1e-6)
    assert [float(mean["low"]), float(mean["high"])] == [min(of_seeds), max(of_seeds)]


def test_several_models_are_averaged_and_their_spread_is_told(done: Done, tmp_path: Path) -> None:
    given = measured(tmp_path)
    bundles = []
    for seed in (1, 2):
        tuned(done, tmp_path, given, "--label-column", "tryptophan", "--seed", seed)
        bundles.append((tmp_path / "tuned.zip").rename(tmp_path / f"{seed}.zip"))
    found = []
    for chosen in ([bundles[0]], [bundles[1]], bundles):
        options = [option for bundle in chosen for option in ("--bundle", bundle)]
        done("predict", *options, "--proteins", given, "--predictions", tmp_path / "p.tsv")
        found.append(table(tmp_path / "p.tsv"))
    one, other, both = found
    for row_one, row_other, row in zip(one, other, both, strict=True):
        values = [float(row_one["predicted"]), float(row_other["predicted"])]
        assert float(row["predicted"]) == pytest.approx(np.mean(values), abs=2e-6)
        assert float(row["spread_tryptophan"]) == pytest.approx(np.std(values), abs=2e-6)


def test_a_tuned_model_goes_on_learning(done: Done, tmp_path: Path) -> None:
    given = measured(tmp_path)
    options = ["--label-column", "tryptophan", "--method", "lora"]
    _, _, _ = tuned(done, tmp_path, given, *options)
    first = (tmp_path / "tuned.zip").rename(tmp_path / "first.zip")
    losses = [float(row["validation_loss"]) for row in table(tmp_path / "h.tsv")]
    _, record, _ = tuned(done, tmp_path, given, *options, "--start", first)
    again = [float(row["validation_loss"]) for row in table(tmp_path / "h.tsv")]
    assert again[0] < losses[0]
    assert [entry["role"] for entry in record["inputs"]] == ["examples", "tuned model"]


def test_models_of_different_tasks_are_not_averaged(done: Done, refused: Done, tmp_path: Path) -> None:
    given = several(tmp_path)
    bundles = []
    for column in ("W,KK", "KK,W"):
        tuned(done, tmp_path, given, "--label-column", column)
        bundles.append((tmp_path / "tuned.zip").rename(tmp_path / f"{column}.zip"))
    options = [option for bundle in bundles for option in ("--bundle", bundle)]
    message = refused("tuned model 2", "predict", *options, "--proteins", given, "--predictions", tmp_path / "x.tsv")
    assert message == (
        "tuned model 2: it predicts multilabel of proteins (KK, W), the first one multilabel of proteins (W, KK); "
        "give models of one task, or predict with each alone"
    )


def test_a_track_of_another_format_than_the_model_has_is_refused(done: Done, refused: Done, tmp_path: Path) -> None:
    given = measured_residues(tmp_path)
    tuned(done, tmp_path, given, "--unit", "residue", "--epochs", 1)
    command = ["predict", "--bundle", tmp_path / "tuned.zip", "--proteins", given, "--predictions", tmp_path / "p.tsv"]
    message = refused("--track-format", *command, "--track", tmp_path / "t", "--track-format", "bed")
    assert message == "--track-format bed does not suit regression; take bedgraph"
