"""Calibration agrees with scikit-learn, keeps what must stay, and survives being saved."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression

from plmkit.data.task import Task
from plmkit.learning.calibration import Calibration, Curve, fit_calibration

THREE = Task("protein", "classification", ("a", "b", "c"))
TWO = Task("window", "classification", ("0", "1"))
LABELS = Task("protein", "multilabel", ("x", "y"))
Doubles = NDArray[np.float64]


class Scores(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose inputs are its scores already."""

    def fit(self, scores: Doubles, classes: Doubles) -> "Scores":
        self.classes_, self.n_features_in_ = np.unique(classes), scores.shape[1]
        return self

    def decision_function(self, scores: Doubles) -> Doubles:
        return scores

    def predict(self, scores: Doubles) -> Doubles:
        return np.asarray(self.classes_[scores.argmax(axis=1)])


def told(count: int, classes: int, factor: float = 3.0, seed: int = 1) -> tuple[Doubles, Doubles]:
    """Classes drawn by honest probabilities, and scores that are too large by a factor."""
    chance = np.random.default_rng(seed)
    honest = chance.normal(0, 1, (count, classes))
    drawn = [chance.choice(classes, p=row) for row in softmax(honest, axis=1)]
    return np.array(drawn, dtype=np.float64)[:, None], factor * honest


def test_a_temperature_is_that_of_scikit_learn() -> None:
    truth, scores = told(900, 3)
    model = CalibratedClassifierCV(FrozenEstimator(Scores().fit(scores, truth[:, 0])), method="temperature")
    expected = model.fit(scores, truth[:, 0]).predict_proba(scores)
    fitted = fit_calibration(THREE, truth, softmax(scores, axis=1))
    assert fitted is not None
    assert fitted.method == "temperature"
    assert fitted.curves[0].temperature == pytest.approx(3, rel=0.1)
    np.testing.assert_allclose(fitted.apply(softmax(scores, axis=1)), expected, atol=0.01)  # which has no prior


def test_a_temperature_changes_no_answer() -> None:
    truth, scores = told(300, 3)
    predicted = softmax(scores, axis=1)
    fitted = fit_calibration(THREE, truth, predicted)
    assert fitted is not None
    assert (fitted.apply(predicted).argmax(axis=1) == predicted.argmax(axis=1)).all()


def test_few_right_answers_do_not_make_a_model_certain() -> None:
    truth = np.array([[0.0], [1], [0], [1]])
    predicted = np.array([[0.7, 0.3], [0.3, 0.7], [0.7, 0.3], [0.3, 0.7]])
    fitted = fit_calibration(TWO, truth, predicted)
    assert fitted is not None
    assert 0.7 < fitted.apply(predicted).max() < 0.85


def test_many_examples_of_each_class_give_an_isotonic_curve_in_the_order_of_the_scores() -> None:
    chance = np.random.default_rng(2)
    scores = chance.uniform(size=6000)
    truth = (chance.uniform(size=6000) < scores**3).astype(np.float64)  # bent: no temperature makes it honest
    predicted = np.stack([1 - scores, scores], axis=1)
    fitted = fit_calibration(TWO, truth[:, None], predicted)
    assert fitted is not None
    assert fitted.method == "isotonic"
    found = fitted.apply(predicted)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    expected = IsotonicRegression().fit(scores, truth).predict(scores)
    assert np.abs(found[:, 1] - expected).mean() < 0.01  # the same steps, joined by lines
    assert np.abs(found[:, 1] - scores**3).max() < 0.1
    assert spearmanr(found[:, 1], scores).statistic == pytest.approx(1, abs=1e-6)
    assert len(np.unique(found[:, 1])) > 5900
    assert found.min() > 0


def test_each_label_has_its_own_curve_and_unknown_ones_are_left_out() -> None:
    chance = np.random.default_rng(3)
    honest = chance.normal(size=(2000, 2))
    truth = (chance.uniform(size=(2000, 2)) < expit(honest)).astype(np.float64)
    truth[500:, 1] = np.nan
    predicted = expit(2 * honest)
    fitted = fit_calibration(LABELS, truth, predicted)
    assert fitted is not None
    assert fitted.method == "temperature and isotonic"
    assert fitted.curves[0].steps is not None
    assert fitted.curves[1].temperature == pytest.approx(2, rel=0.25)
    np.testing.assert_allclose(
        fitted.apply(predicted)[:, 1], expit(logit(predicted[:, 1]) / fitted.curves[1].temperature), atol=1e-6
    )


def test_balanced_training_is_calibrated_at_equal_shares() -> None:
    chance = np.random.default_rng(4)
    truth = (np.arange(4000) % 10 == 0).astype(np.float64)[:, None]
    scores = chance.normal(2 * truth[:, 0] - 1, 1)  # of equal classes the probability is expit(2 score)
    honest = expit(2 * scores)
    predicted = np.stack([1 - honest, honest], axis=1)
    fitted = fit_calibration(TWO, truth, predicted, balanced=True)
    assert fitted is not None
    assert np.abs(fitted.apply(predicted)[:, 1] - honest).mean() < 0.05


def test_it_says_the_same_after_it_was_saved() -> None:
    for count in (50, 2000):
        truth, scores = told(count, 3)
        predicted = softmax(scores, axis=1)
        fitted = fit_calibration(THREE, truth, predicted)
        assert fitted is not None
        again = Calibration.from_json(json.loads(json.dumps(fitted.to_json())), THREE)
        assert np.array_equal(again.apply(predicted), fitted.apply(predicted))


@pytest.mark.parametrize(
    "saved",
    [
        {"curves": [], "places": 3},
        {"curves": [{"temperature": 0}], "places": 3},
        {"curves": [{"temperature": float("nan")}], "places": 3},
        {"curves": [{"steps": [[0, 1], [1, 0]]}] * 3, "places": 3},
        {"curves": [{"steps": [[0, 1], [0, 2]]}] * 3, "places": 3},
        {"curves": [{"temperature": 1}] * 2, "places": 3},
        {"curves": [{"temperature": 1}]},
        {"curves": [{"steps": [[], []]}] * 3, "places": 3},
    ],
)
def test_what_is_no_calibration_is_refused(saved: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Calibration.from_json(saved, THREE)


def test_quantities_have_none() -> None:
    assert fit_calibration(Task("protein", "regression", ("Tm",)), np.ones((5, 1)), np.ones((5, 1))) is None
    assert Curve().of_label(np.array([0.25]))[0] == pytest.approx(0.25)


def test_many_residues_of_few_proteins_do_not_bear_a_curve() -> None:
    chance = np.random.default_rng(1)
    predicted = chance.dirichlet(np.ones(2), 3000)
    truth = (chance.uniform(size=3000) < predicted[:, 1]).astype(np.float64)[:, None]
    task = Task("residue", "classification", ("0", "1"))
    found = [fit_calibration(task, truth, predicted, examples=examples) for examples in (999, 1000, None)]
    assert [one.method for one in found if one is not None] == ["temperature", "isotonic", "isotonic"]


def test_a_temperature_does_not_take_away_what_rarity_says() -> None:
    truth, scores = told(900, 2)
    shift = (2.0, -1.0)  # as if learned among others: scores three times too large, then moved
    plain = fit_calibration(TWO, truth, softmax(scores, axis=1))
    fitted = fit_calibration(TWO, truth, softmax(scores + shift, axis=1), shift=shift)
    assert plain is not None
    assert fitted is not None
    # the best temperature is that of what was honest but for the shift: here no shift is needed, so it is another one
    best = min(
        np.linspace(0.3, 12, 2000).tolist(),
        key=lambda t: (
            -np.log(softmax(scores / t + shift, axis=1))[np.arange(900), truth[:, 0].astype(int)].sum()
            + 2 * np.log(t) ** 2
        ),
    )
    assert fitted.curves[0].temperature == pytest.approx(best, abs=0.01)
    expected = softmax(scores / fitted.curves[0].temperature + shift, axis=1)
    np.testing.assert_allclose(fitted.apply(softmax(scores + shift, axis=1)), expected, atol=1e-5)
    again = Calibration.from_json(json.loads(json.dumps(fitted.to_json())), TWO)
    assert again == fitted
    assert "shift" not in plain.to_json()


def test_fewer_negatives_are_calibrated_better_round_the_shift() -> None:
    chance = np.random.default_rng(4)
    truth = (chance.uniform(size=40_000) < 0.05).astype(np.float64)
    honest = 1.5 * chance.normal(truth, 1) - 0.75  # log-odds where both classes are as frequent, but for scale
    sure = np.stack([0 * honest, 3 * honest], axis=1)
    shift = (float(np.log(0.95 / 0.5)), float(np.log(0.05 / 0.5)))
    few = slice(0, 900)
    found = {
        name: fit_calibration(TWO, truth[few, None], softmax(sure[few] + shift, axis=1), shift=given)
        for name, given in (("round", shift), ("plain", None))
    }
    losses = {
        name: -np.log(fitted.apply(softmax(sure + shift, axis=1)))[np.arange(40_000), truth.astype(int)].mean()
        for name, fitted in found.items()
        if fitted is not None
    }
    assert losses["round"] < losses["plain"]


@pytest.mark.parametrize("shift", [[1.0], [0.0, float("nan")], "ab"])
def test_a_shift_that_was_changed_is_refused(shift: object) -> None:
    saved = {"curves": [{"temperature": 1.0}], "places": 9, "shift": shift}
    with pytest.raises((ValueError, TypeError)):
        Calibration.from_json(saved, TWO)


def test_scores_that_differ_in_a_last_bit_are_calibrated() -> None:
    chance = np.random.default_rng(1)
    near_one = (1 - chance.integers(1, 40, 2000) * 2.0**-24).astype(np.float32)
    predicted = np.concatenate([near_one, chance.uniform(size=2000).astype(np.float32)])
    truth = (chance.uniform(size=4000) < predicted - 0.05).astype(np.float64)[:, None]
    fitted = fit_calibration(TWO, truth, np.stack([1 - predicted, predicted], axis=1))
    assert fitted is not None
    assert fitted.method == "isotonic"
    assert np.isfinite(fitted.apply(np.stack([1 - predicted, predicted], axis=1))).all()
