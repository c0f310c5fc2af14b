"""The course of a training: rates, stopping, what is kept, repetition, interruption, lack of memory."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.learning.training_material import examples, settings
from tests.models.tuned_models import fresh, shape

from plmkit.data.rows import Indices
from plmkit.data.task import Kind, Unit
from plmkit.errors import OutOfMemoryError, UserError
from plmkit.learning import training
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.lessons import Trained, TrainingSettings
from plmkit.learning.optimisers import rate_at
from plmkit.learning.training import train
from plmkit.models.shape import Method
from plmkit.models.sources import Source
from plmkit.models.tuned import TunedModel

KINDS: list[Kind] = ["classification", "multilabel", "regression"]
UNITS: list[Unit] = ["protein", "residue", "pair", "window"]


def trained(
    folder: Path,
    wanted: TrainingSettings,
    kind: Kind = "classification",
    unit: Unit = "protein",
    method: Method = "lora",
    checkpoint: Checkpoint | None = None,
    dropout: float = 0.0,
) -> tuple[TunedModel, Trained]:
    """Train a small model on twelve examples, by which it is judged too."""
    rows, labelled = examples(kind, unit)
    model = fresh(folder, shape(kind, unit, method, dropout=dropout), dropout)
    if kind == "regression":
        model.head.standardise(torch.from_numpy(labelled.truth))
    source = model.source_to_learn(rows.sequences, wanted.batch_tokens)
    return model, train(model, source, labelled, labelled, wanted, checkpoint)


def same(one: TunedModel, other: TunedModel) -> bool:
    return all(torch.equal(*pair) for pair in zip(one.weights(), other.weights(), strict=True))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_task_learns_its_examples(small: Path, kind: Kind, unit: Unit) -> None:
    epochs = 25 if unit == "residue" else 12  # 250 residues are more than 12 proteins
    _, found = trained(small, settings(epochs=epochs, patience=epochs), kind, unit)
    losses = [epoch.validation_loss for epoch in found.epochs]
    assert min(losses) < 0.7 * losses[0]
    _, labelled = examples(kind, unit)
    assert found.predicted.shape == (len(labelled.truth), 3)


@pytest.mark.parametrize("method", ["head", "rslora", "dora", "ia3", "full"])
def test_every_method_learns(small: Path, method: Method) -> None:
    _, found = trained(small, settings(epochs=12, patience=12), method=method)
    assert min(epoch.validation_loss for epoch in found.epochs) < 0.9 * found.epochs[0].validation_loss


def test_the_rate_rises_for_a_tenth_of_the_steps_then_falls_to_zero() -> None:
    rates = [rate_at(step, 20, 0.1) for step in range(21)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert np.diff(rates[2:]).tolist() == pytest.approx([-1 / 18] * 18)
    assert rates[20] == 0
    assert [rate_at(step, 1, 0.1) for step in range(2)] == [1.0, 0.0]


def in_turn(values: list[float]) -> Callable[..., float]:
    """Give these numbers one after the other, whatever is asked."""
    left = iter(values)
    return lambda *arguments: next(left)


def test_training_stops_after_patience_and_keeps_the_best_epoch(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[torch.Tensor]] = []
    losses = in_turn([0.9, 0.5, 0.7, 0.5, 0.6, 0.1])

    def judged(this: training._Training, predicted: object) -> float:
        seen.append(this.model.weights())
        return losses()

    monkeypatch.setattr(training._Training, "mean_loss", judged)
    model, found = trained(small, settings(epochs=10, patience=3))
    assert found.best_epoch == 2
    assert [(epoch.number, epoch.validation_loss) for epoch in found.epochs] == list(
        enumerate([0.9, 0.5, 0.7, 0.5, 0.6], start=1)
    )
    assert all(torch.equal(kept, weight) for kept, weight in zip(model.weights(), seen[1], strict=True))
    assert not torch.equal(seen[1][-1], seen[4][-1])


def test_the_epoch_is_chosen_by_the_score_and_between_equals_by_the_loss(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nan = float("nan")
    scores, losses = in_turn([nan, 0.5, 0.7, 0.7, 0.6]), in_turn([0.1, 0.4, 0.9, 0.8, 0.2])
    monkeypatch.setattr(training, "value", lambda *arguments: scores())
    monkeypatch.setattr(training._Training, "mean_loss", lambda this, predicted: losses())
    _, found = trained(small, settings(epochs=5, patience=5, select_by="mcc"))
    assert found.best_epoch == 4


def test_the_predictions_are_those_of_the_weights_that_are_kept(small: Path) -> None:
    rows, labelled = examples()
    model, found = trained(small, settings(epochs=6, patience=6))
    again = model.predict(model.source_to_learn(rows.sequences), labelled.chains)
    np.testing.assert_allclose(found.predicted, again, atol=1e-6)


def test_the_language_model_itself_stays_as_it_was(small: Path) -> None:
    untouched = {name: weight.clone() for name, weight in fresh(small, shape()).backbone.network.named_parameters()}
    model, _ = trained(small, settings(epochs=2))
    after = {name: weight for name, weight in model.backbone.network.named_parameters() if not weight.requires_grad}
    assert len(after) > 30
    assert all(torch.equal(weight, untouched[name]) for name, weight in after.items())
    before = fresh(small, shape()).weights()
    assert not any(torch.equal(one, other) for one, other in zip(before, model.weights(), strict=True))


@pytest.mark.parametrize("method", ["lora", "head"])
def test_the_seed_alone_decides(small: Path, method: Method) -> None:
    first, again, other = (trained(small, settings(seed=seed), method=method, dropout=0.3)[0] for seed in (1, 1, 2))
    assert same(first, again)
    assert not same(first, other)


class KilledError(Exception):
    """Stands for a process that ends at once."""


def dying(after: int) -> Callable[[training._Training, object], None]:
    """A step that ends the process instead of being the one after so many."""
    step, done = training._Training._step, 0

    def run(this: training._Training, rows: object) -> None:
        nonlocal done
        if done == after:
            raise KilledError
        done += 1
        step(this, rows)  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("after", [1, 2, 5, 7])
@pytest.mark.parametrize("method", ["lora", "head"])
def test_killed_at_any_step_and_resumed_the_result_is_the_same(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, method: Method
) -> None:
    wanted = settings(epochs=4, batch_tokens=60)
    undisturbed, expected = trained(small, wanted, method=method, dropout=0.3)

    def checkpoint() -> Checkpoint:
        return Checkpoint(tmp_path / "run", {"seed": 1}, minutes=0)

    with monkeypatch.context() as patch:
        patch.setattr(training._Training, "_step", dying(after))
        with pytest.raises(KilledError):
            trained(small, wanted, method=method, checkpoint=checkpoint(), dropout=0.3)
    resumed, found = trained(small, wanted, method=method, checkpoint=checkpoint(), dropout=0.3)
    assert same(undisturbed, resumed)
    assert found.epochs == expected.epochs
    assert np.array_equal(found.predicted, expected.predicted)


def test_a_finished_run_is_not_trained_again(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = settings(epochs=2)
    first, expected = trained(small, wanted, checkpoint=Checkpoint(tmp_path / "run", {}, minutes=9))
    monkeypatch.setattr(training._Training, "_step", dying(0))
    again, found = trained(small, wanted, checkpoint=Checkpoint(tmp_path / "run", {}, minutes=9))
    assert same(first, again)
    assert found.epochs == expected.epochs


def short_of_memory(monkeypatch: pytest.MonkeyPatch, fitting: int) -> list[int]:
    """Let a model fail that is given more tokens at once; return what it was given."""
    scores, asked = TunedModel.scores, []

    def run(this: TunedModel, source: Source, chains: Indices) -> torch.Tensor:
        tokens = sum(source.tokens(int(chain)) for chain in chains.flat)
        asked.append(tokens)
        if tokens > fitting:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes")
        return scores(this, source, chains)

    monkeypatch.setattr(TunedModel, "scores", run)
    return asked


def test_with_too_little_memory_parts_become_smaller_for_good_and_the_result_stays(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = trained(small, settings(epochs=2))
    asked = short_of_memory(monkeypatch, fitting=80)
    found, _ = trained(small, settings(epochs=2))
    assert asked[0] > 80
    assert sum(tokens > 80 for tokens in asked) < 10  # it does not begin anew with everything at each step
    for one, other in zip(expected.weights(), found.weights(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_a_protein_that_never_fits_is_the_end(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short_of_memory(monkeypatch, fitting=20)
    with pytest.raises(OutOfMemoryError, match="not enough memory to train on 34 residues at once; leave it out"):
        trained(small, settings(epochs=1))


def test_states_computed_twice_give_the_same_weights(small: Path) -> None:
    expected, _ = trained(small, settings(epochs=2), dropout=0.3)
    rows, labelled = examples()
    model = fresh(small, shape(dropout=0.3), 0.3)
    model.backbone.recompute = True
    train(model, model.source_to_learn(rows.sequences, 10_000), labelled, labelled, settings(epochs=2))
    for one, other in zip(expected.weights(), model.weights(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


def test_a_rate_that_destroys_the_model_is_told(small: Path) -> None:
    with pytest.raises(UserError, match="the loss is no number in any epoch; give a lower --learning-rate"):
        trained(small, settings(learning_rate=1e30, epochs=2), "regression")
