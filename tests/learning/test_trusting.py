"""What a tuned model can be trusted with is learned from its validation examples alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from tests.data.example_files import distinct, made
from tests.models.tuned_models import shape

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split
from plmkit.learning.lessons import TrainingSettings
from plmkit.learning.rounds import Round
from plmkit.learning.trainer import Plan, Trainer
from plmkit.learning.trusting import calibrated_parts, learn_trust
from plmkit.models.source import open_model

CLASSES = [number % 3 for number in range(60)]
SPLIT = Split(np.arange(30), np.arange(30, 60), 30, 30)


@pytest.fixture
def examples() -> Examples:
    items = [Example(f"p{n}", (text,), f"g{n}", n) for n, text in enumerate(distinct(60))]
    return made(shape().task, items, [[label] for label in CLASSES], [1] * 60)


def test_every_part_is_calibrated_by_the_validation(examples: Examples) -> None:
    chance = np.random.default_rng(1)
    scores = chance.normal(0, 2, (50, 3))
    predicted = {"validation": softmax(scores[:30], axis=1), "test": softmax(scores[30:], axis=1)}
    found = calibrated_parts(examples, SPLIT, predicted, balanced=False)

    def loss(logarithm: float) -> float:  # with the prior on its logarithm that is told in calibration.py
        right = log_softmax(scores[:30] / np.exp(logarithm), axis=1)[np.arange(30), CLASSES[30:]]
        return float(-right.sum() + 2 * logarithm**2)

    temperature = np.exp(minimize(lambda x: loss(x[0]), [0.0]).x[0])
    np.testing.assert_allclose(found["test"], softmax(scores[30:] / temperature, axis=1), atol=1e-4)
    np.testing.assert_allclose(found["validation"], softmax(scores[:30] / temperature, axis=1), atol=1e-4)


def test_a_model_knows_where_its_training_examples_lie(examples: Examples, small: Path) -> None:
    settings = TrainingSettings(1, 1, 0.001, 8, 1000, "loss", seed=1)
    with open_model(str(small), None) as files:
        trainer = Trainer(files, examples, Plan(shape(method="head"), 0.0, settings), torch.device("cpu"), alone=True)
        fitted = trainer.fit(Round("seed 1", "seed", 1, SPLIT))
    trust = learn_trust(trainer, fitted, examples, SPLIT, balanced=False)
    assert trust.prevalence == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert trust.domain is not None
    # the inputs of the head were standardised by its own means over the same examples
    np.testing.assert_allclose(trust.domain.mean, fitted.model.head.inputs_mean, atol=1e-5)
    np.testing.assert_allclose(trust.domain.deviation, fitted.model.head.inputs_deviation, rtol=1e-3)
    assert (len(trust.domain.vectors), len(trust.domain.distances)) == (30, 30)
