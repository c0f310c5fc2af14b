"""What thresholds give is counted on each part, and told in words."""

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef
from tests.data.example_files import distinct, made

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split
from plmkit.data.task import Task
from plmkit.learning.thresholds import RULES, Threshold
from plmkit.output.thresholds import in_words, rule_in_words, shown_rows, threshold_rows

TRUTH = [0, 1] * 5
YES = np.array([0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.6, 0.4, 0.45, 0.95])
SPLIT = Split(np.arange(10), np.arange(10, 20), 20, 10, {"test": np.arange(20, 30)})


@pytest.fixture
def examples() -> Examples:
    items = [Example(f"p{n}", (text,), f"g{n}", n) for n, text in enumerate(distinct(30))]
    truth = [[n % 2] for n in range(20)] + [[value] for value in TRUTH]
    return made(Task("window", "classification", ("no", "yes")), items, truth, [1] * 30)


def test_thresholds_are_judged_unchanged_on_every_part(examples: Examples) -> None:
    found = {"yes": {"mcc": Threshold("mcc", 0.55, 1, 0, 1, 1)}}
    predicted = {"validation": np.tile([0.5, 0.5], (10, 1)), "test": np.stack([1 - YES, YES], axis=1)}
    rows = threshold_rows(found, 1, predicted, examples, SPLIT)
    assert [row["rule"] for row in rows] == ["half", *RULES]
    half, mcc, *others = rows
    assert half["parts"]["validation"]["true_positives"] == half["parts"]["validation"]["positives"] == 5
    assert {row["threshold"] for row in others} == {None}
    given = mcc["parts"]["test"]
    assert (given["true_positives"], given["false_positives"], given["negatives"]) == (4, 1, 5)
    assert given["mcc"] == pytest.approx(matthews_corrcoef(TRUTH, YES >= 0.55), abs=1e-6)
    assert in_words(given) == ["80.0 % (4 of 5)", "20.0 % (1 of 5)", "80.0 % (4 of 5)", "0.60"]
    none = mcc["parts"]["validation"]
    assert none["precision"] is None
    assert in_words(none) == ["0.0 % (0 of 5)", "0.0 % (0 of 5)", "none", "0.00"]


def test_where_there_are_none_no_row_is_written(examples: Examples) -> None:
    assert threshold_rows(None, 1, {"validation": np.zeros((10, 2)), "test": np.zeros((10, 2))}, examples, SPLIT) == []


def test_rules_are_told_in_words_and_many_labels_are_cut() -> None:
    assert rule_in_words("fpr_1") == "false-positive rate of at most 1 %"
    assert rule_in_words("precision_80") == "precision of at least 80 %"
    assert all(rule_in_words(rule) for rule in ("half", *RULES))
    rows = [{"label": f"l{number // 8}"} for number in range(96)]
    assert len(shown_rows(rows)) == 80
