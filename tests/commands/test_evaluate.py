"""plm evaluate on the small predictions of test-data, beside scikit-learn."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, matthews_corrcoef, roc_auc_score
from tests.forked import Program

Done = Callable[..., str]
Refused = Callable[..., str]
TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
PREDICTIONS, TRUTH = TEST_DATA / "evaluate_predictions.tsv", TEST_DATA / "evaluate_truth.tsv"
SCORES = TEST_DATA / "evaluate_scores.csv"
OUTPUTS = {
    "--metrics": "metrics.tsv",
    "--report": "report.html",
    "--figure": "figure.png",
    "--subsets-figure": "subsets.png",
    "--left-out": "left_out.tsv",
    "--record": "run.json",
}


def command(folder: Path, predictions: Path = PREDICTIONS, *more: object) -> list[object]:
    outputs = [part for option, name in OUTPUTS.items() for part in (option, folder / name)]
    return ["evaluate", "--predictions", predictions, *outputs, *more]


def rows(path: Path, delimiter: str = "\t") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def values(path: Path, method: str, examples: str = "all (60)") -> dict[str, str]:
    found = rows(path / "metrics.tsv")
    return {row["metric"]: row["value"] for row in found if (row["method"], row["examples"]) == (method, examples)}


def truth_of(names: list[str]) -> Any:
    labels = {row["id"]: int(row["label"]) for row in rows(TRUTH)}
    return np.array([labels[name] for name in names])


def test_metrics_are_those_of_scikit_learn(done: Done, tmp_path: Path) -> None:
    said = done(*command(tmp_path, PREDICTIONS, "--truth", TRUTH, "--subset-column", "organism"))
    given = rows(PREDICTIONS)
    truth = truth_of([row["id"] for row in given])
    share = np.array([float(row["probability_1"]) for row in given])
    expected = {
        "accuracy": accuracy_score(truth, share > 0.5),
        "mcc": matthews_corrcoef(truth, share > 0.5),
        "macro_f1": f1_score(truth, share > 0.5, average="macro"),
        "auroc": roc_auc_score(truth, share),
        "average_precision": average_precision_score(truth, share),
    }
    found = values(tmp_path, "predictions")
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected, abs=1e-6)
    human = values(tmp_path, "predictions", "organism: human (30)")
    assert float(human["auroc"]) == pytest.approx(roc_auc_score(truth[:30], share[:30]), abs=1e-6)
    assert set(values(tmp_path, "predictions", "organism: rat (6)").values()) == {"NA"}
    assert rows(tmp_path / "left_out.tsv") == [
        {"id": "protein99%1%11", "position": "NA", "input": "predictions", "reason": "no prediction"}
    ]
    assert "On 60 windows of 20 proteins: area under the ROC curve 0.98" in said


def test_the_record_and_the_report_say_the_same(done: Done, tmp_path: Path) -> None:
    done(*command(tmp_path, PREDICTIONS, "--truth", TRUTH, "--subset-column", "organism"))
    record = json.loads((tmp_path / "run.json").read_text())
    report = (tmp_path / "report.html").read_text()
    assert record["counts"]["groups"] == 20
    assert (record["counts"]["subsets"], record["counts"]["subsets_too_small"]) == (3, 1)
    assert record["counts"]["verdict"] in report
    assert "too\xa0few:\xa06\xa0of\xa0at\xa0least\xa010" in report
    assert [entry["role"] for entry in record["inputs"]] == ["predictions", "truth"]
    assert record["model"] is None


def test_two_methods_are_compared_and_the_better_one_is_named(done: Done, tmp_path: Path) -> None:
    comparison = tmp_path / "comparison.tsv"
    more = ["--truth", TRUTH, "--second", SCORES, "--second-name", "old program", "--comparison", comparison]
    said = done(*command(tmp_path, PREDICTIONS, *more))
    scores = {row["site"]: float(row["score"]) for row in rows(SCORES, ",")}
    names = [row["id"] for row in rows(PREDICTIONS)]
    other = roc_auc_score(truth_of(names), [scores[name] for name in names])
    row = rows(comparison)[0]
    assert float(row["second"]) == pytest.approx(other, abs=1e-6)
    assert float(row["difference"]) == pytest.approx(float(row["first"]) - other, abs=2e-6)
    assert (row["metric"], row["test"]) == ("auroc", "permutation test")
    assert float(row["p"]) < 0.01
    assert "is better than old program: area under the ROC curve 0.984 against 0.662" in said
    assert "old program minus" not in (tmp_path / "metrics.tsv").read_text()
    assert set(values(tmp_path, "predictions minus old program")) == {"auroc", "average_precision"}


def test_equal_methods_show_no_difference(done: Done, tmp_path: Path) -> None:
    header, *given = PREDICTIONS.read_text().splitlines()
    turned = tmp_path / "turned.tsv"
    turned.write_text("\n".join([header, *given[::-1]]) + "\n")
    said = done(*command(tmp_path, PREDICTIONS, "--truth", TRUTH, "--second", turned))
    assert "No difference can be shown" in said
    assert "both say the same of every example" in said


def test_a_threshold_turns_scores_into_answers(done: Done, tmp_path: Path) -> None:
    done(*command(tmp_path, SCORES, "--truth", TRUTH))
    assert set(values(tmp_path, "predictions")) == {"auroc", "average_precision"}
    done(*command(tmp_path, SCORES, "--truth", TRUTH, "--threshold", "5"))
    given = rows(SCORES, ",")
    expected = accuracy_score(truth_of([row["site"] for row in given]), [float(row["score"]) >= 5 for row in given])
    assert float(values(tmp_path, "predictions")["accuracy"]) == pytest.approx(expected, abs=1e-6)


def test_the_same_seed_gives_the_same_bytes(done: Done, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        done(*command(folder, PREDICTIONS, "--truth", TRUTH, "--second", SCORES, "--subset-column", "organism"))
    for name in OUTPUTS.values():
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_predictions_of_finetune_and_of_predict_are_read_as_they_are(done: Done, tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    path.write_text(
        "id\tpart\tlabel\tpredicted\tprobability_a\tprobability_b\tspread_a\tspread_b\n"
        + "".join(
            f"n{n}\t{('validation', 'test')[n % 2]}\t{'ab'[n // 2 % 2]}\ta\t{n / 40:.3f}\t{1 - n / 40:.3f}\t0\t0\n"
            for n in range(40)
        )
    )
    said = done(*command(tmp_path, path))
    assert "judged are the 20 rows of the part test; 20 of other parts are put aside" in said
    assert "On 20 examples: " in said


def test_what_was_put_aside_by_the_split_is_no_test_set_beside_a_true_one(done: Done, tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    parts = ("test", "test_aside", "validation")
    rows = "".join(f"n{n}\t{parts[n % 3]}\t{'ab'[n // 3 % 2]}\ta\t{n / 60:.3f}\t{1 - n / 60:.3f}\n" for n in range(60))
    path.write_text(f"id\tpart\tlabel\tpredicted\tprobability_a\tprobability_b\n{rows}")
    said = done(*command(tmp_path, path))
    assert "judged are the 20 rows of the part test; 40 of other parts are put aside" in said
    assert "those of test_aside may share proteins with the training examples; validation examples chose" in said


def test_it_runs_without_torch(without_torch: Program, tmp_path: Path) -> None:
    answer = without_torch(*command(tmp_path, PREDICTIONS, "--truth", TRUTH))
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--comparison", "c"], "--comparison is about the table of --second: add that, or leave it out"),
        (["--second-threshold", "1"], "--second-threshold is about the table of --second"),
        (["--truth-identifier-column", "1"], "--truth-identifier-column is about the table of --truth"),
        (["--subsets-identifier-column", "1"], "--subsets-identifier-column is about the table of --subsets"),
        (["--threshold", "nan"], "--threshold must be a finite number, not nan"),
        (["--length-edges", "3,2"], "--length-edges takes rising numbers above 0 with commas between"),
        (["--similarity-edges", "x"], "--similarity-edges takes rising numbers above 0 with commas between"),
        (["--name", " "], "--name and --second-name must be two different names"),
        (["--learned-from", "a", "--similarity-column", "b"], "--learned-from and --similarity-column both say"),
        (["--seed", "-1"], "--seed must be"),
    ],
)
def test_options_that_do_not_fit_are_refused(refused: Refused, tmp_path: Path, more: list[str], told: str) -> None:
    assert refused("", *command(tmp_path), *more).startswith(told)


def test_repeated_names_are_refused_with_their_lines(refused: Refused, tmp_path: Path) -> None:
    said = refused("predictions", *command(tmp_path, TEST_DATA / "evaluate_repeated.tsv", "--truth", TRUTH))
    assert said.startswith("predictions, line 4: 'protein1%1%11' stands already in line 2; keep one row for each")


def test_a_table_without_truth_is_told_where_to_give_it(refused: Refused, tmp_path: Path) -> None:
    said = refused("predictions", *command(tmp_path, SCORES))
    assert "which column holds the true labels? name it with --label-column, or give it as --truth" in said


def test_a_table_is_not_compared_with_itself(refused: Refused, tmp_path: Path) -> None:
    said = refused("second predictions", *command(tmp_path, PREDICTIONS, "--truth", TRUTH, "--second", PREDICTIONS))
    assert "this is the same file as the predictions, and comparing a table with itself shows nothing" in said


def test_intervals_of_draws_that_lose_a_class_are_left_out_with_the_reason(done: Done, tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    small = "".join(f"s{n}\tA\tA\tsmall\n" for n in range(11)) + "s11\tB\tA\tsmall\n"
    large = "".join(f"l{n}\t{'AB'[n % 2]}\t{'AB'[n % 2 if n % 5 else 0]}\tlarge\n" for n in range(60))
    path.write_text("id\tlabel\tpredicted\torganism\n" + small + large)
    done(*command(tmp_path, path, "--subset-column", "organism", "--length-edges", "none"))
    of = {(row["examples"], row["metric"]): row for row in rows(tmp_path / "metrics.tsv")}
    lone = of["organism: small (12)", "macro_f1"]
    assert float(lone["value"]) == pytest.approx(22 / 23 / 2, abs=1e-6)
    assert (lone["low"], lone["high"]) == ("NA", "NA")
    assert of["organism: small (12)", "accuracy"]["high"] != "NA"
    assert of["organism: large (60)", "macro_f1"]["high"] != "NA"
    report = (tmp_path / "report.html").read_text()
    assert "(small): there are too few examples of some classes, which random draws lose." in report
    assert json.loads((tmp_path / "run.json").read_text())["counts"]["subsets_that_lose_classes"] == 1
