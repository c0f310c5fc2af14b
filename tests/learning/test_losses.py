"""Weighted losses by hand, and by those of torch one place at a time."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plmkit.data.task import Task
from plmkit.learning.losses import Criterion, LossSettings

SEVERAL = Task("residue", "multilabel", ("Phospho", "Acetyl"))
CLASSES = Task("residue", "classification", ("C", "H"))
NAN = float("nan")
# of the first label two in five known ones are true, of the second one in three
TRUTH = torch.tensor([[1, NAN], [0, NAN], [0, 1], [0, 0], [1, 0], [NAN, NAN]])
PLACES = torch.ones(6)


def test_yes_and_no_of_each_label_count_the_same_whatever_is_unknown() -> None:
    weights = Criterion(SEVERAL, LossSettings(balanced=True), TRUTH).weights(TRUTH, PLACES)
    for column in range(2):
        of_yes, of_no = (weights[TRUTH[:, column] == value, column].sum() for value in (1, 0))
        assert float(of_yes) == pytest.approx(float(of_no))
    assert torch.equal(weights == 0, TRUTH.isnan())
    assert weights[:2, 0].tolist() == [1.5, 1]


@pytest.mark.parametrize("balanced", [True, False])
def test_what_is_unknown_adds_nothing_and_learns_nothing(balanced: bool) -> None:
    criterion = Criterion(SEVERAL, LossSettings(balanced=balanced), TRUTH)
    scores = torch.tensor(np.random.default_rng(1).normal(size=(6, 2)), dtype=torch.float32, requires_grad=True)
    total = criterion.total(scores, TRUTH, PLACES)
    yes = (1.5, 2.0) if balanced else (1.0, 1.0)
    expected = 0.0
    for place, column in torch.nonzero(~TRUTH.isnan()).tolist():
        truth = TRUTH[place, column]
        loss = F.binary_cross_entropy_with_logits(scores[place, column], truth)
        expected += float(loss.detach()) * (yes[column] if truth == 1 else 1.0)
    assert float(total.detach()) == pytest.approx(expected, rel=1e-5)
    total.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert torch.equal(scores.grad == 0, TRUTH.isnan())


def test_a_label_that_is_never_true_or_nowhere_known_does_no_harm() -> None:
    truth = torch.tensor([[0.0, NAN], [0, NAN]])
    criterion = Criterion(SEVERAL, LossSettings(balanced=True), truth)
    assert torch.isfinite(criterion.label_weights).all()
    assert torch.isfinite(criterion.total(torch.zeros(2, 2), truth, torch.ones(2)))


def test_classes_of_residues_count_the_same() -> None:
    truth = torch.tensor([[0.0], [0], [0], [1], [NAN]])
    weights = Criterion(CLASSES, LossSettings(balanced=True), truth).weights(truth, torch.ones(5))
    assert weights[:, 0].tolist() == pytest.approx([4 / 6, 4 / 6, 4 / 6, 2, 0])
