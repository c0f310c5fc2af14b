"""What predictions of each kind are judged by, and where nothing is said."""

import math

import numpy as np
import pytest

from plmkit.data.judged_words import Method, Numbers
from plmkit.data.task import Kind, Task
from plmkit.learning.evaluation import evaluate, guessing, headline_of, metrics_of, occurrences, too_few

BINARY = Task("protein", "classification", ("no", "yes"))


def numbers(kind: Kind, labels: tuple[str, ...], truth: object, *methods: Method) -> Numbers:
    return Numbers(Task("protein", kind, labels), 1, np.array(truth, dtype=np.float64), methods, ())


def method(values: object, **more: bool) -> Method:
    return Method(np.array(values, dtype=np.float64), **more)


def test_metrics_are_those_that_the_predictions_bear() -> None:
    nothing = np.zeros((0, 2))
    assert metrics_of(BINARY, Method(nothing, has_answers=False)) == ("auroc", "average_precision")
    assert metrics_of(BINARY, Method(nothing, has_ranks=False)) == ("accuracy", "mcc", "macro_f1")
    assert {"accuracy", "auroc"} <= set(metrics_of(BINARY, Method(nothing, are_probabilities=True)))
    assert headline_of(BINARY, ["accuracy", "auroc"]) == "auroc"
    assert headline_of(BINARY, ["accuracy", "mcc", "macro_f1"]) == "mcc"


def test_guessing_is_the_most_frequent_class_and_the_shares() -> None:
    found = guessing(numbers("classification", ("a", "b"), [[0], [0], [0], [1]], method(np.eye(2)[[0, 0, 0, 1]])))
    assert found["accuracy"] == 0.75
    assert found["mcc"] == 0
    assert found["auroc"] == 0.5
    assert found["average_precision"] == 0.25


def test_small_and_uniform_subsets_say_why_nothing_is_said() -> None:
    alone = np.arange(12)
    both = np.array([[0.0], [1.0]] * 6)
    assert too_few(BINARY, both, alone) == ""
    assert too_few(BINARY, both[:9], alone[:9]) == "too few: 9 of at least 10"
    assert too_few(BINARY, both * 0, alone) == "one class only"
    assert too_few(BINARY, both, alone * 0) == "too few: all are related"
    assert too_few(Task("protein", "regression", ("value",)), both * 0, alone) == "all values are equal"


def test_subsets_and_rare_classes_have_no_made_up_number() -> None:
    truth = np.array([[0]] * 15 + [[1]] * 12 + [[2]] * 3)
    shares = np.full((30, 3), 0.2) + 0.4 * np.eye(3)[truth[:, 0]]
    data = numbers("classification", ("a", "b", "c"), truth, method(shares, are_probabilities=True))
    places = {"first": np.arange(5), "mixed": np.arange(10, 30)}
    found = evaluate(data, np.arange(30), {"organism": places}, seed=0)

    small, mixed = found.subsets["organism"]
    assert small.too_few == "too few: 5 of at least 10"
    assert all(math.isnan(estimate.value) for estimate in small.found[0].values())
    assert mixed.found[0]["accuracy"].value == 1
    assert found.labels[0]["a"]["auroc"].value == 1
    assert math.isnan(found.labels[0]["c"]["auroc"].value)
    assert occurrences(data).tolist() == [15, 12, 3]


def test_of_very_few_examples_there_is_a_value_without_an_interval() -> None:
    shares = np.array([[0.9, 0.1], [0.2, 0.8]])
    data = numbers("classification", ("no", "yes"), [[0], [1]], *[method(shares, are_probabilities=True)] * 2)
    whole = evaluate(data, np.arange(2), {}, seed=0).whole
    assert whole.too_few == "too few: 2 of at least 10"
    assert whole.found[0]["auroc"].value == 1
    assert math.isnan(whole.found[0]["auroc"].low)
    assert not whole.compared


def test_two_methods_are_tested_by_the_headline_and_by_accuracy() -> None:
    truth = np.arange(40)[:, None] % 2
    good, poor = np.eye(2)[truth[:, 0]], np.eye(2)[(np.arange(40) // 2) % 2]
    shares = [method(0.2 + 0.6 * values, are_probabilities=True) for values in (good, poor)]
    data = numbers("classification", ("no", "yes"), truth, *shares)
    alone = evaluate(data, np.arange(40), {}, seed=0).whole
    assert {name: test.name for name, test in alone.tests.items()} == {
        "auroc": "permutation test",
        "accuracy": "exact McNemar test",
    }
    # 20 pairs differ, all for the first: 2 / 2**20, corrected for two tests
    assert alone.tests["accuracy"].p == pytest.approx(2 / 2**20)
    assert alone.tests["accuracy"].corrected == pytest.approx(4 / 2**20)
    assert alone.compared["accuracy"].difference.value == 0.5
    related = evaluate(data, np.arange(40) // 2, {}, seed=0).whole
    assert related.tests["accuracy"].name == "permutation test"
