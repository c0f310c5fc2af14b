"""Readers are told how honest a tuned model is, in words that fit the numbers."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from plmkit.data.task import Kind, Task
from plmkit.learning.conformal import fit_conformal
from plmkit.learning.judging import Part
from plmkit.learning.trust import Trust, fit_trust
from plmkit.output.trust_wording import trust_entry


def outcome(kind: Kind, labels: str, truth: list[float], predicted: list[list[float]], trust: Trust, part: str) -> Any:
    """As much of an outcome as is looked at: all places of one part."""
    count = len(truth)
    column = np.array(truth)[:, None]
    shown = Part(part, column, np.arange(count), np.ones(count, dtype=np.bool_), count)
    model = SimpleNamespace(task=Task("protein", kind, tuple(labels)))
    return SimpleNamespace(shown=shown, trust=trust, model=model, uncalibrated={part: np.array(predicted)})


def fitted(kind: Kind, labels: str, truth: list[float], predicted: list[list[float]]) -> Trust:
    column = np.array(truth)[:, None]
    return fit_trust(Task("protein", kind, tuple(labels)), column, np.array(predicted), column, None)


def test_classes_on_a_test_set() -> None:
    truth, predicted = [0.0, 1.0, 1.0, 1.0] * 5, [[0.9, 0.1], [0.1, 0.9], [0.1, 0.9], [0.9, 0.1]] * 5
    trust = replace(fitted("classification", "ab", truth, predicted), calibration=None)
    found = trust_entry(outcome("classification", "ab", truth, predicted, trust, "test"))
    assert (found["part"], found["fitted_on_it"], found["calibration"]) == ("test", False, None)
    # three in four are off by 0.1, one in four by 0.9
    assert found["measures"]["brier"]["value"] == pytest.approx((3 * 0.1**2 + 0.9**2) / 4)
    # sets were fitted to calibrated probabilities, of which three in four are right: asked of others, one label each
    assert "sets of 1.0 labels on average held it in 75.0 % (" in found["sentences"][0]


def test_calibration_is_told_and_validation_is_said_to_be_too_good() -> None:
    truth, predicted = (
        [0.0, 1.0, 1.0, 1.0, 0.0] * 20,
        [[0.99, 0.01], [0.01, 0.99], [0.01, 0.99], [0.9, 0.1], [0.8, 0.2]] * 20,
    )
    trust = fitted("classification", "ab", truth, predicted)
    found = trust_entry(outcome("classification", "ab", truth, predicted, trust, "validation"))
    assert found["fitted_on_it"]
    assert found["calibration"] == {"method": "temperature", "places": 100}
    said = " ".join(found["sentences"])
    assert "(temperature scaling), which changes no answer." in said
    assert "give a test set" in said
    measures = found["measures"]
    assert f"differ by {100 * measures['ece']['value']:.1f} % on average" in said
    assert f"{100 * measures['ece_uncalibrated']['value']:.1f} % before" in said
    assert measures["brier"]["value"] < measures["brier_uncalibrated"]["value"]
    assert "Brier score worse" not in said


def test_where_scores_were_raised_to_natural_shares_answers_can_change() -> None:
    truth, predicted = [0.0, 1.0, 0.0, 0.0] * 20, [[0.9, 0.1], [0.4, 0.6], [0.45, 0.55], [0.8, 0.2]] * 20
    column, task = np.array(truth)[:, None], Task("protein", "classification", ("a", "b"))
    trust = fit_trust(task, column, np.array(predicted), column, None, shift=(0.0, -2.0))
    found = trust_entry(outcome("classification", "ab", truth, predicted, trust, "test"))
    assert "which can change answers near the border between labels." in found["sentences"][0]
    answers = trust.calibrated(np.array(predicted)).argmax(axis=1)
    assert not np.array_equal(answers, np.array(predicted).argmax(axis=1))


def test_calibration_that_did_harm_is_said() -> None:
    # on the examples it was fitted on claims of 0.99 were right in 4 of 5 cases, on the test set they always are
    truth, predicted = [0.0, 0.0, 1.0, 1.0, 0.0] * 20, [[0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.01, 0.99]] * 25
    trust = fitted("classification", "ab", truth, predicted)
    right = [float(row[1] > 0.5) for row in predicted]
    found = trust_entry(outcome("classification", "ab", right, predicted, trust, "test"))
    said = " ".join(found["sentences"])
    assert found["measures"]["brier_uncalibrated"]["value"] == pytest.approx(0.0001)
    assert found["measures"]["brier"]["value"] > 0.01
    assert "so on these examples calibration made the calibration error and the Brier score worse." in said


def test_intervals_of_numbers() -> None:
    truth = [float(n) for n in range(1, 21)]
    trust = fitted("regression", "t", truth, [[0.0]] * 20)
    found = trust_entry(outcome("regression", "t", truth, [[0.0]] * 20, trust, "test"))
    # rank 19 of the errors 1 to 20: from -19 to 19, which holds 19 of 20
    assert "intervals 38 wide held it in 95.0 %" in found["sentences"][0]


def test_too_few_examples_for_intervals_are_said() -> None:
    trust = Trust(conformal=fit_conformal(Task("protein", "regression", ("t",)), np.ones((8, 1)), np.zeros((8, 1))))
    found = trust_entry(outcome("regression", "t", [1.0] * 8, [[0.0]] * 8, trust, "test"))
    assert found["measures"] == {}
    (sentence,) = found["sentences"]
    assert sentence.startswith("There are too few validation examples for intervals")
