import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sklearn import metrics as reference

from plmkit.learning import metrics
from plmkit.learning.metrics import Estimate, auroc_difference, estimates

NAN = float("nan")


def random_answers(classes: int, count: int = 120) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Classes and probabilities which agree with them a little."""
    generator = np.random.default_rng(classes)
    truth = generator.integers(classes, size=count)
    scores = generator.normal(size=(count, classes)) + np.eye(classes)[truth]
    return truth, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def test_two_classes_by_hand() -> None:
    truth = np.array([0, 0, 1, 1])
    positive = np.array([0.1, 0.6, 0.4, 0.9])
    probabilities = np.column_stack([1 - positive, positive])
    assert metrics.accuracy(truth, probabilities) == 0.5
    assert metrics.matthews_correlation(truth, probabilities) == 0.0
    assert metrics.area_under_roc(truth, probabilities) == 0.75  # 3 of 4 pairs in order
    # ranks of the positives: 1 and 3 -> (1/1 + 2/3) / 2
    assert metrics.average_precision(truth, probabilities) == pytest.approx(5 / 6)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_metrics_equal_those_of_scikit_learn(classes: int) -> None:
    truth, probabilities = random_answers(classes)
    predicted = probabilities.argmax(axis=1)
    assert metrics.accuracy(truth, probabilities) == pytest.approx(np.mean(truth == predicted))
    assert metrics.matthews_correlation(truth, probabilities) == reference.matthews_corrcoef(truth, predicted)
    one_against_rest = [reference.roc_auc_score(truth == c, probabilities[:, c]) for c in range(classes)]
    assert metrics.area_under_roc(truth, probabilities) == pytest.approx(np.mean(one_against_rest))
    each = [reference.average_precision_score(truth == c, probabilities[:, c]) for c in range(classes)]
    expected = each[1] if classes == 2 else np.mean(each)
    assert metrics.average_precision(truth, probabilities) == pytest.approx(expected)


def test_average_precision_of_a_rare_positive_class_is_its_own() -> None:
    truth = np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    scores = np.array([0.8, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    probabilities = np.stack([1 - scores, scores], axis=1)
    assert metrics.average_precision(truth, probabilities, positive=1) == 0.5  # second in the list
    assert metrics.average_precision(1 - truth, probabilities[:, ::-1], positive=0) == 0.5
    blind = np.full((10, 2), 0.5)
    assert metrics.average_precision(truth, blind) == pytest.approx(0.1)  # its share


def test_a_difference_is_judged_on_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    generator = np.random.default_rng(3)
    truth = np.repeat([0, 1], 100)
    one = generator.normal(truth * 1.0, 1.0)
    other = one + generator.normal(0, 0.8, 200)
    two, less = (np.stack([-values, values], axis=1) for values in (one, other))
    found = auroc_difference(truth, two, less, np.arange(200))
    apart = [estimates(truth, values, np.arange(200))["auroc"] for values in (two, less)]
    assert found.value == pytest.approx(apart[0].value - apart[1].value)
    assert 0 < found.low < found.value < found.high
    assert apart[0].low < apart[1].high  # the intervals overlap all the same
    assert auroc_difference(truth, two, two, np.arange(200)) == Estimate(0.0, 0.0, 0.0)


def test_of_one_class_only_there_is_no_roc_curve() -> None:
    truth = np.array([1, 1, 1])
    probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]])
    found = estimates(truth, probabilities, np.arange(3))
    assert found["accuracy"].value == pytest.approx(2 / 3)
    assert found["mcc"] == Estimate(0.0, 0.0, 0.0)
    assert np.isnan([found["auroc"].value, found["auroc"].low, found["auroc"].high]).all()
    assert np.isnan(found["average_precision"].value)


def test_a_class_which_does_not_occur_leaves_no_roc_curve_of_three() -> None:
    truth, probabilities = random_answers(3)
    assert np.isnan(metrics.area_under_roc(truth[truth < 2], probabilities[truth < 2]))


def test_the_interval_of_independent_examples_is_that_of_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 1000)
    monkeypatch.setattr(metrics, "METRICS", {"accuracy": metrics.accuracy})
    truth, probabilities = random_answers(2, count=80)
    right = (truth == probabilities.argmax(axis=1)).astype(float)
    found = estimates(truth, probabilities, np.arange(80))["accuracy"]
    expected = bootstrap((right,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert found.value == right.mean()
    # Here rows within a drawn group are drawn again, which for groups of one changes nothing.
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.03)


def test_examples_of_one_protein_widen_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 300)
    monkeypatch.setattr(metrics, "METRICS", {"accuracy": metrics.accuracy})
    # Ten proteins of twenty examples; of each protein all are right or all wrong.
    groups = np.repeat(np.arange(10), 20)
    truth = np.repeat(np.arange(10) % 2, 20)
    probabilities = np.tile([0.1, 0.9], (200, 1))
    together = estimates(truth, probabilities, groups)["accuracy"]
    alone = estimates(truth, probabilities, np.arange(200))["accuracy"]
    assert together.value == alone.value == 0.5
    # by the binomial law: sqrt(0.25 / n), twice 1.96 of it
    assert alone.high - alone.low == pytest.approx(3.92 * (0.25 / 200) ** 0.5, rel=0.2)
    assert together.high - together.low == pytest.approx(3.92 * (0.25 / 10) ** 0.5, rel=0.25)


def test_rows_of_a_drawn_protein_are_drawn_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 300)
    truth = np.array([0, 1] * 100)
    found = estimates(truth, np.tile([0.1, 0.9], (200, 1)), np.zeros(200, dtype=np.int64))["accuracy"]
    assert found.high - found.low == pytest.approx(3.92 * (0.25 / 200) ** 0.5, rel=0.2)


def test_intervals_are_the_same_each_time() -> None:
    truth, probabilities = random_answers(2)
    groups = np.arange(120) // 3
    assert estimates(truth, probabilities, groups) == estimates(truth, probabilities, groups)
    assert estimates(truth, probabilities, groups, seed=1) != estimates(truth, probabilities, groups)
