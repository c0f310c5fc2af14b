import copy
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plmkit.errors import OutOfMemoryError, UserError
from plmkit.learning import training
from plmkit.learning.training import LabelledRows, TrainingSettings, mean_loss, train
from plmkit.models.backbone import load_backbone
from plmkit.models.source import open_model
from plmkit.models.tuned import TunedModel, fresh_model

WEIGHTS = torch.tensor([0.5, 1.0, 3.0])


def settings(**changes: object) -> TrainingSettings:
    usual = {
        "epochs": 4,
        "patience": 4,
        "learning_rate": 0.01,
        "batch_size": 6,
        "batch_tokens": 10_000,
        "balanced": False,
        "seed": 1,
    }
    return TrainingSettings(**(usual | changes))  # type: ignore[arg-type]


def model(dropout: float = 0.0) -> TunedModel:
    torch.manual_seed(3)
    with open_model("embedded", None) as files:
        backbone = load_backbone(files, torch.device("cpu"))
    return fresh_model(backbone, ("a", "b", "c"), "mean", 4, 8, adapter_dropout=dropout, head_dropout=dropout)


@pytest.fixture
def rows() -> LabelledRows:
    """Twelve sequences of unequal length in three classes of unequal size."""
    generator = random.Random(2)
    sequences = ["".join(generator.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for length in range(4, 40, 3)]
    return LabelledRows(sequences, np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]))


def gradients(found: TunedModel) -> list[torch.Tensor]:
    return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in found.parameters()]


def one_step(rows: LabelledRows, budget: int) -> tuple[float, list[torch.Tensor]]:
    tuned = model()
    loss = training._step_loss(tuned, rows, np.arange(12), WEIGHTS, budget)
    return loss, gradients(tuned)


@pytest.mark.parametrize("budget", [1, 60, 200])
def test_gradients_of_parts_add_up_to_those_of_one_batch(rows: LabelledRows, budget: int) -> None:
    loss, whole = one_step(rows, 10_000)
    loss_of_parts, added = one_step(rows, budget)
    assert loss_of_parts == pytest.approx(loss, abs=1e-6)
    assert max(float(part.abs().max()) for part in whole) > 1e-3
    for one, other in zip(whole, added, strict=True):
        torch.testing.assert_close(other, one, atol=1e-6, rtol=1e-5)


def test_the_loss_of_a_step_is_the_weighted_cross_entropy(rows: LabelledRows) -> None:
    loss, whole = one_step(rows, 100)
    tuned = model()
    scores = torch.cat([tuned.scores([sequence]) for sequence in rows.sequences])
    truth = torch.from_numpy(rows.truth)
    expected = F.cross_entropy(scores, truth, weight=WEIGHTS)
    expected.backward()  # type: ignore[no-untyped-call]
    assert loss == pytest.approx(expected.item(), abs=1e-6)
    for one, other in zip(whole, gradients(tuned), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


def test_the_mean_loss_is_the_weighted_cross_entropy_by_hand(rows: LabelledRows) -> None:
    tuned = model(dropout=0.5)  # no dropout when judging
    probabilities = tuned.probabilities(rows.sequences, 1000)
    weights = WEIGHTS.numpy()[rows.truth]
    by_hand = -(weights * np.log(probabilities[np.arange(12), rows.truth])).sum() / weights.sum()
    assert mean_loss(tuned, rows, WEIGHTS, 1000) == pytest.approx(by_hand, rel=1e-5)


def test_balanced_weights_by_hand() -> None:
    truth = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    assert training._class_weights(truth, 3, True).tolist() == pytest.approx([12 / 18, 12 / 12, 12 / 6])
    assert training._class_weights(truth, 3, False).tolist() == [1, 1, 1]


def test_balanced_training_reports_the_balanced_loss(rows: LabelledRows) -> None:
    tuned = model()
    epochs, best = train(tuned, rows, rows, settings(balanced=True, epochs=2))
    weights = torch.tensor([12 / 18, 1.0, 2.0])
    assert mean_loss(tuned, rows, weights, 1000) == pytest.approx(epochs[best - 1].validation_loss, rel=1e-5)


def test_the_rate_rises_for_a_tenth_of_the_steps_then_falls_to_zero() -> None:
    rates = [training._rate(step, 20) for step in range(21)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert np.diff(rates[2:]).tolist() == pytest.approx([-1 / 18] * 18)
    assert rates[20] == 0
    assert [training._rate(step, 1) for step in range(2)] == [1.0, 0.0]


def losses(values: list[float]) -> Callable[..., float]:
    """Validation losses in this order, whatever the model says."""
    left = iter(values)
    return lambda *arguments: next(left)


def test_training_stops_after_patience_and_keeps_the_best_epoch(
    rows: LabelledRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[torch.Tensor]] = []
    tuned = model()
    values = losses([0.9, 0.5, 0.7, 0.5, 0.6, 0.1])

    def judged(*arguments: object) -> float:
        seen.append(tuned.weights())
        return values()

    monkeypatch.setattr(training, "mean_loss", judged)
    epochs, best = train(tuned, rows, rows, settings(epochs=10, patience=3))
    assert best == 2
    assert [(epoch.number, epoch.validation_loss) for epoch in epochs] == [
        (1, 0.9),
        (2, 0.5),
        (3, 0.7),
        (4, 0.5),
        (5, 0.6),
    ]
    assert all(torch.equal(kept, weight) for kept, weight in zip(tuned.weights(), seen[1], strict=True))
    assert not torch.equal(seen[1][-1], seen[4][-1])


def test_the_language_model_itself_stays_as_it_was(rows: LabelledRows) -> None:
    tuned = model()
    frozen = {n: p.clone() for n, p in tuned.backbone.network.named_parameters() if not p.requires_grad}
    before = tuned.weights()
    train(tuned, rows, rows, settings(epochs=2))
    after = dict(tuned.backbone.network.named_parameters())
    assert frozen
    assert all(torch.equal(weight, after[name]) for name, weight in frozen.items())
    assert not any(torch.equal(one, other) for one, other in zip(before, tuned.weights(), strict=True))


def short_of_memory(tuned: TunedModel, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a batch of more tokens than this, padding included, be too much."""
    whole = copy.copy(tuned)

    def scores(sequences: list[str]) -> torch.Tensor:
        if len(sequences) * (max(map(len, sequences)) + 2) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole.scores(sequences)

    monkeypatch.setattr(tuned, "scores", scores)


@pytest.mark.parametrize("most", [39, 100])  # the longest has 37 residues
def test_too_little_memory_changes_no_result(rows: LabelledRows, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty, short = model(), model()
    short_of_memory(short, most, monkeypatch)
    expected, found = (train(tuned, rows, rows, settings())[0] for tuned in (plenty, short))
    for one, other in zip(expected, found, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, rel=1e-4)
        assert other.validation_loss == pytest.approx(one.validation_loss, rel=1e-4)


def test_one_protein_too_large_to_train_on_is_the_end(rows: LabelledRows, monkeypatch: pytest.MonkeyPatch) -> None:
    tuned = model()
    short_of_memory(tuned, 38, monkeypatch)
    with pytest.raises(OutOfMemoryError, match="train on one single protein of 37 residues"):
        train(tuned, rows, rows, settings())


def test_losses_that_are_no_numbers_are_a_mistake_in_the_options(
    rows: LabelledRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "mean_loss", losses([math.nan] * 4))
    with pytest.raises(UserError, match="--learning-rate"):
        train(model(), rows, rows, settings())
