"""A model that learned from few of the negatives gives probabilities as among all of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.data.example_files import distinct, made
from tests.models.tuned_models import shape

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split
from plmkit.learning.lessons import TrainingSettings
from plmkit.learning.prevalence import at_prevalence
from plmkit.learning.rounds import Round
from plmkit.learning.trainer import Fitted, Plan, Trainer
from plmkit.models.source import open_model

SPLIT = Split(np.arange(0, 20), np.arange(60, 80), 80, 20)  # 10 of each class to learn from
FEWER = replace(SPLIT, left_out=np.arange(20, 60))  # and 40 more of class 0
NATURAL = (50 / 60, 10 / 60)


@pytest.fixture
def examples() -> Examples:
    items = [Example(f"p{n}", (text,), f"g{n}", n) for n, text in enumerate(distinct(80))]
    truth = [[int(n < 20 and n % 2)] for n in range(80)]
    return made(shape(labels="ab").task, items, truth, [1] * 80)


def fitted(small: Path, examples: Examples, split: Split, start: Path | None = None) -> tuple[Trainer, Fitted]:
    plan = Plan(
        shape(labels="ab", method="head"), 0.0, TrainingSettings(2, 2, 0.01, 8, 1000, "loss", seed=1), start=start
    )
    with open_model(str(small), None) as files:
        trainer = Trainer(files, examples, plan, torch.device("cpu"), alone=True)
        return trainer, trainer.fit(Round("seed 1", "seed", 1, split))


def test_the_head_stands_for_the_shares_of_the_whole_training_side(examples: Examples, small: Path) -> None:
    _, balanced = fitted(small, examples, SPLIT)
    trainer, natural = fitted(small, examples, FEWER)
    expected = at_prevalence(balanced.trained.predicted, (0.5, 0.5), NATURAL)
    np.testing.assert_allclose(natural.trained.predicted, expected, atol=1e-6)
    np.testing.assert_allclose(trainer.predict(natural, FEWER.validation), expected, atol=1e-6)
    assert [epoch.score for epoch in natural.trained.epochs] == [epoch.score for epoch in balanced.trained.epochs]


def test_going_on_begins_with_what_is_learned_from(examples: Examples, small: Path, tmp_path: Path) -> None:
    for name, split in (("balanced", SPLIT), ("natural", FEWER)):
        (tmp_path / name).mkdir()
        fitted(small, examples, split)[1].model.save(tmp_path / name)
    balanced = fitted(small, examples, SPLIT, tmp_path / "balanced")[1].trained.predicted
    natural = fitted(small, examples, FEWER, tmp_path / "natural")[1].trained.predicted
    np.testing.assert_allclose(natural, at_prevalence(balanced, (0.5, 0.5), NATURAL), atol=1e-5)
