"""Expected thresholds come from scikit-learn's curves and from trying every score."""

import json
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import matthews_corrcoef, precision_recall_curve, roc_curve

from plmkit.data.task import Task
from plmkit.learning.thresholds import FEWEST_YES, RULES, Threshold, Thresholds, fit_thresholds, from_json, to_json

TWO = Task("window", "classification", ("unmodified", "Phospho"))
SEVERAL = Task("residue", "multilabel", ("Phospho", "Acetyl"))
Doubles = NDArray[np.float64]


def drawn(
    count: int, share: float = 0.2, apart: float = 1.5, seed: int = 1, digits: int = 4
) -> tuple[Doubles, Doubles]:
    """Truth (P,) and the true probability of yes for normal scores that lie `apart`; few digits make ties."""
    chance = np.random.default_rng(seed)
    truth = (chance.uniform(size=count) < share).astype(np.float64)
    scores = chance.normal(0, 1, count) + apart * truth
    odds = share / (1 - share) * np.exp(apart * scores - apart**2 / 2)
    return truth, np.round(odds / (1 + odds), digits)


def fitted(truth: Doubles, scores: Doubles) -> dict[str, Threshold]:
    found = fit_thresholds(TWO, 1, truth[:, None], np.stack([1 - scores, scores], axis=1))
    assert found is not None
    return dict(found["Phospho"])


def middles(scores: Doubles) -> list[float]:
    """Every threshold that can matter."""
    return [(low + high) / 2 for low, high in pairwise(np.unique(scores).tolist())]


@pytest.mark.parametrize("seed", range(3))
def test_mcc_is_the_highest_of_all_thresholds(seed: int) -> None:
    truth, scores = drawn(300, seed=seed, digits=2)
    found = fitted(truth, scores)["mcc"]
    best = max(matthews_corrcoef(truth, scores >= middle) for middle in middles(scores))
    assert found.mcc == pytest.approx(best)
    assert matthews_corrcoef(truth, scores >= found.value) == pytest.approx(best)


@pytest.mark.parametrize(("rule", "share"), [("fpr_1", 0.01), ("fpr_5", 0.05), ("fpr_10", 0.1)])
def test_a_false_positive_rate_is_kept_by_the_lowest_threshold(rule: str, share: float) -> None:
    truth, scores = drawn(1000)
    found = fitted(truth, scores)[rule]
    negatives = int((truth == 0).sum())
    rates, sensitivities, borders = roc_curve(truth, scores, drop_intermediate=False)
    kept = np.flatnonzero((rates * negatives + 1) / (negatives + 1) <= share)[-1]
    assert borders[kept + 1] < found.value <= borders[kept]
    assert found.false_positive_rate == pytest.approx(rates[kept])
    assert found.sensitivity == pytest.approx(sensitivities[kept])


@pytest.mark.parametrize(("rule", "share"), [("precision_50", 0.5), ("precision_80", 0.8)])
def test_a_precision_is_kept_by_the_lowest_threshold(rule: str, share: float) -> None:
    truth, scores = drawn(3000, apart=2.5)
    found = fitted(truth, scores)[rule]
    precisions, sensitivities, borders = precision_recall_curve(truth, scores)
    yes = (scores[:, None] >= borders).sum(axis=0)
    # Wilson's bound solves (p - bound)^2 = z^2 bound (1 - bound) / n: whether a share is below it can be asked directly
    above = precisions[:-1] - share
    is_kept = (above > 0) & (above**2 >= norm.ppf(0.9) ** 2 * share * (1 - share) / yes) & (yes >= FEWEST_YES)
    lowest = np.flatnonzero(is_kept)[0]
    assert borders[lowest - 1] < found.value <= borders[lowest]
    assert found.precision == pytest.approx(precisions[lowest])
    assert found.sensitivity == pytest.approx(sensitivities[lowest])


def test_what_is_promised_holds_for_others() -> None:
    truth, scores = drawn(200_000, seed=99, digits=12)
    rates, precisions = [], []
    for seed in range(60):
        found = fitted(*drawn(400, seed=seed, digits=12))
        rates.append((scores[truth == 0] >= found["fpr_5"].value).mean())
        precisions.append((truth[scores >= found["precision_50"].value]).mean())
    assert np.mean(rates) <= 0.05
    assert np.mean(np.array(precisions) >= 0.48) >= 0.9


def test_a_rule_out_of_reach_is_absent() -> None:
    # of 98 negatives one is more than 1 %, and 19 right answers are luck
    truth, scores = np.array([1.0] * 19 + [0.0] * 98), np.array([0.9] * 19 + [0.1] * 98)
    assert set(fitted(truth, scores)) == {"mcc", "fpr_5", "fpr_10"}
    more = fitted(np.append(truth, [0, 1, 1]), np.append(scores, [0.1, 0.9, 0.9]))
    assert set(more) == set(RULES)
    assert {one.value for one in more.values()} == {0.5}
    # worse than guessing: only to say yes to all is right in more than half
    (always,) = fitted(1 - truth, scores).values()
    assert (always.rule, always.value, always.sensitivity) == ("precision_50", 0.05, 1)


def test_all_equal_or_of_one_kind_have_none() -> None:
    assert fitted(np.array([0.0, 1.0] * 100), np.full(200, 0.5)) == {}
    assert fitted(np.ones(200), np.linspace(0, 1, 200)) == {}


def test_thresholds_lie_between_scores_and_survive_json() -> None:
    truth, scores = drawn(2000, digits=12)
    found: Thresholds = {"Phospho": fitted(truth, scores)}
    again = from_json(json.loads(json.dumps(to_json(found))), TWO)
    assert again == found
    for one in again["Phospho"].values():
        assert one.value not in scores
        for kept in (scores, scores.astype(np.float32).astype(np.float64)):
            yes = kept >= one.value
            assert truth[yes].mean() == pytest.approx(one.precision)
            assert truth[yes].sum() / truth.sum() == pytest.approx(one.sensitivity)


def test_near_scores_are_told_apart() -> None:
    low, high = 0.3, 0.3 + 1e-6
    found = fitted(np.array([0.0] * 30 + [1.0] * 30), np.array([low] * 30 + [high] * 30))
    assert low < found["mcc"].value <= high


def test_each_label_has_its_own_where_it_is_known() -> None:
    truth, scores = drawn(400)
    other, others = drawn(400, seed=5)
    other[:200] = np.nan
    found = fit_thresholds(SEVERAL, 1, np.stack([truth, other], axis=1), np.stack([scores, others], axis=1))
    assert found is not None
    assert found == {"Phospho": fitted(truth, scores), "Acetyl": fitted(other[200:], others[200:])}


def test_numbers_and_more_classes_have_none() -> None:
    three = Task("protein", "classification", ("a", "b", "c"))
    assert fit_thresholds(three, 2, np.array([[0.0], [2]]), np.full((2, 3), 1 / 3)) is None
    assert fit_thresholds(Task("protein", "regression", ("Tm",)), 0, np.ones((2, 1)), np.ones((2, 1))) is None


@pytest.mark.parametrize(
    "saved",
    [
        {"Methyl": {}},
        {"Phospho": {"mcc": {"value": 0.5}}},
        {"Phospho": 3},
        ["Phospho"],
        {"Phospho": {"mcc": dict.fromkeys(("value", "sensitivity", "false_positive_rate", "precision", "mcc"), 2)}},
    ],
)
def test_what_was_changed_is_refused(saved: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(saved, TWO)  # type: ignore[arg-type]
