"""What is learned from the validation examples is kept with the model, and is told when there is too little of it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from plmkit.data.task import Task
from plmkit.errors import UserError
from plmkit.learning.conformal import Conformal, Scores
from plmkit.learning.domain import Domain, fit_domain
from plmkit.learning.trust import Trust, far_flags, fit_trust, prevalence_of, thresholds_of, trust_notes, trust_of
from plmkit.models.bundle import Bundle

TWO = Task("window", "classification", ("0", "1"))
NUMBER = Task("protein", "regression", ("Tm",))
Doubles = NDArray[np.float64]


def too_sure(count: int, seed: int) -> tuple[Doubles, Doubles]:
    """Truth drawn from probabilities, and what a model says that claims three times their log-odds."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0, 1, (count, 2))
    truth = (chance.uniform(size=count) < softmax(scores, axis=1)[:, 1]).astype(np.float64)
    return truth[:, None], softmax(3 * scores, axis=1)


def cloud(count: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)


def a_domain(validation: int) -> Domain:
    return fit_domain(cloud(50, 1), cloud(validation, 2))


def test_calibration_sets_and_measures_fit_together() -> None:
    truth, predicted = too_sure(400, 1)
    truth[:5] = np.nan  # nothing is known of these
    trust = fit_trust(TWO, truth, predicted, np.array([[0.0], [1], [1], [1]]), None)
    assert trust.calibration is not None
    assert trust.calibration.places == 395
    assert trust.calibration.curves[0].temperature == pytest.approx(3, rel=0.3)
    assert trust.prevalence == (0.25, 0.75)
    assert trust.domain is None
    new_truth, new = too_sure(4000, 2)
    found = trust.measures(TWO, new_truth, new, np.arange(4000))
    assert found["ece"].value < 0.04 < 0.1 < found["ece_uncalibrated"].value
    assert found["brier"].value < found["brier_uncalibrated"].value
    assert found["coverage"].value == pytest.approx(0.9, abs=0.03)


def test_measured_numbers_have_intervals_alone() -> None:
    chance = np.random.default_rng(1)
    truth = chance.normal(size=(500, 1))
    trust = fit_trust(NUMBER, truth, np.zeros((500, 1)), truth, None)
    assert (trust.calibration, trust.prevalence) == (None, None)
    assert np.array_equal(trust.calibrated(np.array([[7.0]])), [[7.0]])
    # 95 % of a normal distribution lie within 1.96
    assert thresholds_of([trust], 0.95) == pytest.approx(1.96, abs=0.15)


def test_a_bundle_gives_back_what_was_put_into_it(tmp_path: Path) -> None:
    truth, predicted = too_sure(100, 3)
    trust = fit_trust(TWO, truth, predicted, truth, (cloud(50, 1), cloud(30, 2)))
    trust.save(tmp_path)
    task = {"kind": "classification", "unit": "window", "window_length": 21}
    again = trust_of(Bundle(tmp_path, {"task": task, "labels": ["0", "1"], **trust.card()}))
    assert np.array_equal(again.calibrated(predicted), trust.calibrated(predicted))
    assert np.array_equal(thresholds_of([again], 0.8), thresholds_of([trust], 0.8))  # type: ignore[arg-type]
    assert again.prevalence == trust.prevalence
    assert again.thresholds == trust.thresholds
    assert again.domain is not None
    assert trust.domain is not None
    assert np.array_equal(again.domain.shares(cloud(9, 4)), trust.domain.shares(cloud(9, 4)))


def test_thresholds_are_of_the_calibrated_probabilities_of_the_positive_class() -> None:
    truth, predicted = too_sure(800, 5)
    trust = fit_trust(TWO, truth, predicted, truth, None, positive=0)
    assert trust.thresholds is not None
    (label,) = trust.thresholds
    assert label == "0"
    chosen = trust.thresholds["0"]["fpr_10"]
    yes = trust.calibrated(predicted)[:, 0] >= chosen.value
    assert yes[truth[:, 0] == 1].mean() == pytest.approx(chosen.false_positive_rate)
    assert yes[truth[:, 0] == 0].mean() == pytest.approx(chosen.sensitivity)


def test_an_older_bundle_has_no_thresholds_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    card = {"task": {"kind": "classification", "unit": "window", "window_length": 21}, "labels": ["0", "1"]}
    assert trust_of(Bundle(tmp_path, card)).thresholds is None
    with pytest.raises(UserError, match="the archive was changed"):
        trust_of(Bundle(tmp_path, card | {"thresholds": {"2": {}}}))


def test_several_models_have_mean_thresholds_and_shares_if_all_tell_them() -> None:
    def conformal(*scores: float) -> Conformal:
        return Conformal(tuple(Scores(1, np.array([score])) for score in scores))

    one = Trust(conformal=conformal(0.2), prevalence=(0.5, 0.5))
    other = Trust(conformal=conformal(0.4, 0.8), prevalence=(0.9, 0.1))
    assert thresholds_of([one, other], 0.5) == pytest.approx([0.3, 0.5])
    assert prevalence_of([one, other]) == pytest.approx((0.7, 0.3))
    assert thresholds_of([one, Trust()], 0.5) is None
    assert prevalence_of([Trust(), one]) is None


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([0.95], ""),  # of one, or of two, this is chance
        ([0.96, 0.96], ""),
        ([0.96] * 3 + [0.5] * 27, ""),  # one in ten
        ([0.96] * 3 + [0.5] * 26, "3 of 29 lie farther from the training examples than 95 %"),
        ([0.99], "1 of 1 lie farther from the training examples than 99 %"),
        ([0.995] + [0.5] * 49, ""),
        ([0.995] * 2 + [0.5] * 97, "2 of 99 lie farther from the training examples than 99 %"),
        ([0.995] * 20 + [0.5] * 980, ""),
    ],
)
def test_far_examples_are_said_when_they_are_more_than_expected(shares: list[float], told: str) -> None:
    trust = Trust(conformal=Conformal(()), domain=a_domain(99))
    notes = trust_notes([trust], np.array(shares), "proteins")
    assert [note.split(" of the validation")[0] for note in notes] == ([f"proteins: {told}"] if told else [])


def test_few_validation_examples_tell_nothing_of_distance() -> None:
    few, enough = (Trust(conformal=Conformal(()), domain=a_domain(count)) for count in (18, 19))
    shares = np.array([0.1, 0.95, 0.99])
    assert far_flags([enough, enough], shares) == ["no", "yes", "very"]
    assert far_flags([enough, few], shares) == ["unknown"] * 3
    (note,) = trust_notes([few], np.array([18 / 19] * 5), "proteins")
    assert note.startswith("tuned model: only 18 validation examples")


def test_an_old_model_is_said_to_be_old() -> None:
    (note,) = trust_notes([Trust()], None, "proteins")
    assert note.startswith("tuned model: made without calibration")
