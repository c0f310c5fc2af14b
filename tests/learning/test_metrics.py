"""Metrics against scikit-learn, and their intervals against metrics of drawn rows."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics as reference

from plmkit.data.task import Kind
from plmkit.learning import metrics
from plmkit.learning.bootstrap import draws
from plmkit.learning.metrics import (
    HIGHER_IS_BETTER,
    METRICS,
    Estimate,
    difference,
    estimates,
    estimates_by_label,
    value,
)

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats], float]


def random_classes(classes: int, count: int = 120) -> tuple[Floats, Floats]:
    """Classes and probabilities which agree with them a little, with ties."""
    generator = np.random.default_rng(classes)
    truth = generator.integers(classes, size=count)
    scores = (generator.normal(size=(count, classes)) + np.eye(classes)[truth]).round(1)
    return truth[:, None].astype(float), np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def random_labels(count: int = 120) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(6)
    truth = generator.integers(2, size=(count, 3)).astype(float)
    return truth, (0.6 * generator.random((count, 3)) + 0.4 * truth).round(2)


def random_quantities(count: int = 120) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(7)
    truth = generator.normal(size=(count, 2)).round(1)
    return truth, (truth + generator.normal(size=(count, 2))).round(1)


def two_classes(positive: Floats) -> Floats:
    return np.stack([1 - positive, positive], axis=1)


def of_columns(metric: Metric) -> Metric:
    return lambda truth, predicted: float(np.mean([metric(t, p) for t, p in zip(truth.T, predicted.T, strict=True)]))


def by_scikit_learn(kind: Kind, classes: int) -> dict[str, Metric]:
    """Each metric as scikit-learn and scipy compute it of rows."""
    if kind == "regression":
        return {
            "spearman": of_columns(lambda t, p: spearmanr(t, p).statistic),
            "pearson": of_columns(lambda t, p: pearsonr(t, p).statistic),
            "r2": of_columns(reference.r2_score),
            "rmse": of_columns(reference.root_mean_squared_error),
            "mae": of_columns(reference.mean_absolute_error),
        }
    if kind == "multilabel":
        return {
            "macro_f1": lambda t, p: reference.f1_score(t, p >= 0.5, average="macro"),
            "micro_f1": lambda t, p: reference.f1_score(t, p >= 0.5, average="micro"),
            "auroc": lambda t, p: reference.roc_auc_score(t, p),
            "average_precision": lambda t, p: reference.average_precision_score(t, p),
        }
    columns = [1] if classes == 2 else list(range(classes))
    return {
        "accuracy": lambda t, p: reference.accuracy_score(t[:, 0], p.argmax(axis=1)),
        "mcc": lambda t, p: reference.matthews_corrcoef(t[:, 0], p.argmax(axis=1)),
        "macro_f1": lambda t, p: reference.f1_score(t[:, 0], p.argmax(axis=1), average="macro"),
        "auroc": lambda t, p: float(np.mean([reference.roc_auc_score(t[:, 0] == c, p[:, c]) for c in columns])),
        "average_precision": lambda t, p: float(
            np.mean([reference.average_precision_score(t[:, 0] == c, p[:, c]) for c in columns])
        ),
    }


CASES: list[tuple[Kind, Floats, Floats]] = [
    *(("classification", *random_classes(classes)) for classes in (2, 3, 5)),
    ("multilabel", *random_labels()),
    ("regression", *random_quantities()),
]


@pytest.mark.parametrize(("kind", "truth", "predicted"), CASES)
@pytest.mark.parametrize("groups", [np.arange(120) // 3, np.arange(120) // 12], ids=["many", "few"])
def test_intervals_are_those_of_metrics_of_drawn_rows(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, truth: Floats, predicted: Floats, groups: NDArray[np.int64]
) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 30)
    found = estimates(kind, truth, predicted, groups, seed=3)
    slow = by_scikit_learn(kind, predicted.shape[1])
    assert tuple(found) == METRICS[kind] == tuple(slow)
    rows = [np.repeat(np.arange(120), row.astype(int)) for block in draws(groups, 30, 3) for row in block]
    for name, metric in slow.items():
        low, high = np.percentile([metric(truth[drawn], predicted[drawn]) for drawn in rows], [2.5, 97.5])
        expected = (metric(truth, predicted), low, high)
        assert (found[name].value, found[name].low, found[name].high) == pytest.approx(expected)
        assert value(name, kind, truth, predicted) == found[name].value


def test_two_classes_by_hand() -> None:
    truth, predicted = np.array([[0.0], [0], [1], [1]]), two_classes(np.array([0.1, 0.6, 0.4, 0.9]))
    found = {name: value(name, "classification", truth, predicted) for name in METRICS["classification"]}
    assert found == pytest.approx(
        {"accuracy": 0.5, "mcc": 0, "macro_f1": 0.5, "auroc": 0.75, "average_precision": (1 / 1 + 2 / 3) / 2}
    )


def test_average_precision_of_a_rare_positive_class_is_its_own() -> None:
    truth = np.array([[1.0], [0], [0], [0], [0], [0], [0], [0], [0], [0]])
    predicted = two_classes(np.array([0.8, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
    name = "average_precision"
    assert value(name, "classification", truth, predicted, positive=1) == 0.5  # second in the list
    assert value(name, "classification", 1 - truth, predicted[:, ::-1], positive=0) == 0.5
    found = estimates("classification", 1 - truth, predicted[:, ::-1], np.arange(10), positive=0)
    assert found[name].value == 0.5
    assert found["auroc"].value == value("auroc", "classification", truth, predicted) == pytest.approx(8 / 9)
    assert value(name, "classification", truth, np.full((10, 2), 0.5)) == pytest.approx(0.1)  # its share


def test_a_difference_is_judged_on_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    generator = np.random.default_rng(3)
    truth = np.repeat([0.0, 1.0], 100)[:, None]
    scores = generator.normal(truth[:, 0], 1.0)
    one, other = two_classes(scores), two_classes(scores + generator.normal(0, 0.8, 200))
    found = difference("auroc", "classification", truth, one, other, np.arange(200))
    apart = [estimates("classification", truth, each, np.arange(200))["auroc"] for each in (one, other)]
    assert found.value == pytest.approx(apart[0].value - apart[1].value)
    assert 0 < found.low < found.value < found.high
    assert apart[0].low < apart[1].high  # the intervals overlap all the same
    assert difference("auroc", "classification", truth, one, one, np.arange(200)) == Estimate(0.0, 0.0, 0.0)


def test_of_one_class_only_there_is_no_roc_curve() -> None:
    predicted = two_classes(np.array([0.8, 0.4, 0.9]))
    found = estimates("classification", np.ones((3, 1)), predicted, np.arange(3))
    assert found["accuracy"].value == pytest.approx(2 / 3)
    assert found["mcc"] == Estimate(0.0, 0.0, 0.0)
    assert np.isnan([found["auroc"].value, found["auroc"].low, found["auroc"].high]).all()
    assert np.isnan(found["average_precision"].value)


def test_a_class_which_does_not_occur_leaves_no_roc_curve_of_three() -> None:
    truth, predicted = random_classes(3)
    kept = truth[:, 0] < 2
    assert np.isnan(value("auroc", "classification", truth[kept], predicted[kept]))
    # F1 of the missing class is 0 where it is an answer, and does not count where it is none
    answers = np.eye(3)[[0, 1, 1]]
    assert value("macro_f1", "classification", np.array([[0.0], [1], [1]]), answers) == 1
    assert value("macro_f1", "classification", np.array([[0.0], [1], [0]]), np.eye(3)[[0, 1, 2]]) == pytest.approx(
        (2 / 3 + 1 + 0) / 3
    )


def test_an_area_that_most_draws_lack_has_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    # the only place of class 1 is in a draw of 30 with 64 %, two certain places both with 41 %
    predicted = two_classes(np.linspace(0, 1, 30))
    rare = (np.arange(30) == 29)[:, None].astype(float)
    found = estimates("classification", rare, predicted, np.arange(30))["auroc"]
    assert found == Estimate(1.0, 1.0, 1.0)
    labels = np.where(np.arange(30) == 28, 0.0, np.where(np.arange(30) == 29, 1.0, np.nan))[:, None]
    found = estimates("multilabel", labels, predicted[:, 1:], np.arange(30))["auroc"]
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()


def test_labels_count_where_they_are_known_and_occur() -> None:
    truth = np.array([[1.0, 0, np.nan], [0, 0, np.nan], [1, np.nan, np.nan], [0, 0, np.nan]])
    predicted = np.array([[0.9, 0.9, 0.9], [0.6, 0.1, 0.1], [0.4, 0.1, 0.1], [0.1, 0.1, 0.1]])
    assert value("auroc", "multilabel", truth, predicted) == 0.75  # of the first label alone
    assert value("average_precision", "multilabel", truth, predicted) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert value("macro_f1", "multilabel", truth, predicted) == 0.5
    # 1 true positive; answered: 2 of the first label, 1 of the second; true: 2
    assert value("micro_f1", "multilabel", truth, predicted) == pytest.approx(2 / 5)
    assert all(np.isnan(value(name, "multilabel", truth[:, 2:], predicted[:, 2:])) for name in METRICS["multilabel"])


def test_the_truth_decides_which_quantities_count() -> None:
    line = np.arange(4.0)
    truth = np.stack([line, np.full(4, 2.0), np.full(4, np.nan)], axis=1)
    predicted = np.stack([line, line, line], axis=1)
    # the constant quantity has errors of 2, 1, 0, 1, but no correlation; the unknown one has nothing
    assert value("mae", "regression", truth, predicted) == pytest.approx((0 + 1) / 2)
    assert value("rmse", "regression", truth, predicted) == pytest.approx((0 + 1.5**0.5) / 2)
    assert value("spearman", "regression", truth, predicted) == pytest.approx(1)
    truth[:, 1] = line[::-1]
    assert value("spearman", "regression", truth, predicted) == pytest.approx(0, abs=1e-12)
    predicted[:, 1] = 5.0  # a method that cannot tell gets no better mean by that
    assert np.isnan(value("spearman", "regression", truth, predicted))


def test_each_label_is_judged_alone() -> None:
    truth, predicted = random_classes(3)
    groups = np.arange(120) // 3
    found = estimates_by_label(["a", "b", "c"], "classification", truth, predicted, groups)
    answers = predicted.argmax(axis=1)
    for number, label in enumerate("abc"):
        is_true = truth[:, 0] == number
        expected = {
            "auroc": reference.roc_auc_score(is_true, predicted[:, number]),
            "average_precision": reference.average_precision_score(is_true, predicted[:, number]),
            "f1": reference.f1_score(is_true, answers == number),
        }
        assert {name: estimate.value for name, estimate in found[label].items()} == pytest.approx(expected)
        alone = estimates("multilabel", is_true[:, None].astype(float), predicted[:, [number]], groups)
        assert found[label]["auroc"] == alone["auroc"]


def test_each_column_is_judged_alone() -> None:
    groups = np.arange(120) // 3
    truth, predicted = random_labels()
    of_labels = estimates_by_label(["a", "b", "c"], "multilabel", truth, predicted, groups)
    alone = estimates("multilabel", truth[:, 1:2], predicted[:, 1:2], groups)
    renamed = {"auroc": "auroc", "average_precision": "average_precision", "f1": "macro_f1"}
    assert of_labels["b"] == {name: alone[other] for name, other in renamed.items()}
    truth, predicted = random_quantities()
    of_quantities = estimates_by_label(["x", "y"], "regression", truth, predicted, groups)
    assert of_quantities["y"] == estimates("regression", truth[:, 1:], predicted[:, 1:], groups)


def test_two_classes_or_one_quantity_have_nothing_to_tell_apart() -> None:
    assert estimates_by_label(["no", "yes"], "classification", *random_classes(2), np.arange(120)) == {}
    truth, predicted = random_quantities()
    assert estimates_by_label(["x"], "regression", truth[:, :1], predicted[:, :1], np.arange(120)) == {}


def test_intervals_are_the_same_each_time() -> None:
    truth, predicted = random_classes(2)
    groups = np.arange(120) // 3
    found = estimates("classification", truth, predicted, groups)
    assert found == estimates("classification", truth, predicted, groups)
    assert found != estimates("classification", truth, predicted, groups, seed=1)


def test_only_errors_are_better_when_lower() -> None:
    assert {name for name, higher in HIGHER_IS_BETTER.items() if not higher} == {"rmse", "mae"}
