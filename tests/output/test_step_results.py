from tests.output.made_records import made_record
from tests.output.made_steps import landscape, predictions, scan, search

from plmkit.output.step_results import (
    in_cells,
    of_predictions,
    of_scan,
    of_search,
    rows_of_headline,
    rows_of_map,
    rows_of_search,
    stated_verdict,
)


def judged(low: float | None) -> dict[str, object]:
    high = None if low is None else 0.9
    row = {"method": "fine-tuned model", "examples": "held-out (50)", "metric": "auroc", "value": 0.7}
    return predictions() | {"metrics": [row | {"low": low, "high": high}]}


def test_predictions_without_truth_are_said_to_be_unjudged() -> None:
    assert of_predictions(predictions()) == (
        "The predictions were not compared with any truth. 3 of 50 lie far from the training examples."
    )


def test_predictions_that_may_be_guesses_are_called_so() -> None:
    assert of_predictions(judged(0.6)).startswith(
        "On held-out (50): area under the ROC curve 0.70 (0.60 to 0.90). 3 of 50 lie"
    )
    assert "They are not shown to be better than guessing (0.5)." in of_predictions(judged(0.45))
    assert "They are not shown to be better than guessing (0.5)." in of_predictions(judged(None))


def test_calls_are_no_observations() -> None:
    assert of_scan(scan()) == (
        "30 of 900 candidate residues of 20 proteins are called modified (Phosphorylation: 30 of 900 candidates from "
        "0.25 on). Calls are predictions, not observations."
    )


def test_transferred_labels_stand_beside_the_most_frequent_one() -> None:
    assert of_search(search()) == (
        "6 of 8 queries got a label from their neighbours. It is right for 75 % (50 to 90 %) of the queries; always "
        "saying the most frequent label: 25 % (10 to 50 %)."
    )
    assert of_search(search() | {"metrics": []}).endswith("; how often that is right was not asked.")
    assert of_search(search() | {"inputs": []}) == ""


def test_verdicts_are_those_of_the_records() -> None:
    assert stated_verdict(made_record()) == "LoRA beats everything."
    assert stated_verdict(landscape()) == "3 clusters."


def test_the_headline_of_a_tuned_model_is_told_on_what_it_was_judged_by() -> None:
    rows = rows_of_headline(made_record(tests=["test"]))
    assert {row["metric"] for row in rows} == {"macro_f1"}
    assert {row["examples"] for row in rows} == {"test (20)"}
    assert [row["method"] for row in rows][-1] == "fine-tuned model minus logistic regression"
    assert rows_of_headline(made_record(method="head"))[0]["method"] == "head on the frozen model"


def test_rows_of_all_steps_have_the_same_cells() -> None:
    found = [in_cells(row) for row in (*rows_of_map(landscape()), *rows_of_search(search()))]
    assert found == [
        ("map", "all", "silhouette", "0.500", ""),
        ("map", "all", "trustworthiness", "not defined", ""),
        ("most frequent label", "queries", "accuracy", "0.250", "0.100 to 0.500"),
        ("transfer", "queries", "accuracy", "0.750", "0.500 to 0.900"),
    ]
