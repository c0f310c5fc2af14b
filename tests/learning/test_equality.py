"""Losses and gradients are those of plain PyTorch in float64: padded and masked, stock transformers and peft."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from peft import PeftModel
from tests.learning.training_material import examples, settings
from tests.models.random_models import stock
from tests.models.tuned_models import fresh, moved_by_chance, shape
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from plmkit.data.task import Kind, Unit
from plmkit.learning.lessons import Labelled
from plmkit.learning.losses import FITTING, LossName, LossSettings
from plmkit.learning.training import _Training
from plmkit.learning.workers import Workers
from plmkit.models.shape import Method
from plmkit.models.tuned import TunedModel

CASES = [(kind, name) for kind, names in FITTING.items() for name in names]
UNITS: list[Unit] = ["protein", "residue", "pair", "window"]


def one_step(
    model: TunedModel, labelled: Labelled, texts: tuple[str, ...], budget: int, loss: LossSettings
) -> tuple[float, list[Tensor]]:
    """The loss and the gradients of one step over all examples, by plmkit."""
    source = model.source_to_learn(texts, budget)
    training = _Training(model, source, labelled, labelled, settings(batch_tokens=budget, loss=loss), None, Workers())
    weight = float(training._weights(labelled).sum())
    found = training._accumulate(labelled, training.tokens, weight, seed=1)
    return found, [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in model.parameters()]


class Plain:
    """The same model of stock transformers and peft in float64, on padded batches with a mask, and a head by hand."""

    def __init__(self, model: TunedModel, folder: Path, saved: Path) -> None:
        self.unit, self.how = model.task.unit, model.shape.pooling
        self.tokenizer = model.backbone.tokenizer
        network: nn.Module
        if model.shape.method == "full":
            network = stock(saved)
        elif model.shape.method == "head":
            network = stock(folder).requires_grad_(False)
        else:
            network = PeftModel.from_pretrained(stock(folder), saved, is_trainable=True)
        self.network = network.double()
        self.head = {name: weight.detach().double().requires_grad_() for name, weight in model.head.named_parameters()}

    def scores(self, texts: tuple[str, ...], chains: list[list[int]]) -> Tensor:
        rows = [torch.from_numpy(self.tokenizer.encode(text)) for text in texts]
        tokens = pad_sequence(rows, batch_first=True, padding_value=1)
        mask = (tokens != 1).long()
        states = self.network(input_ids=tokens, attention_mask=mask).last_hidden_state
        residues = [state[1 : len(row) - 1] for state, row in zip(states, rows, strict=True)]
        places = [self._places([residues[chain] for chain in of_one]) for of_one in chains]
        hidden = F.linear(torch.cat(places), self.head["dense.weight"], self.head["dense.bias"]).tanh()
        return F.linear(hidden, self.head["scores.weight"], self.head["scores.bias"])

    def _places(self, residues: list[Tensor]) -> Tensor:
        if self.unit == "residue":
            return residues[0]
        if self.unit == "window":
            return residues[0][len(residues[0]) // 2][None]
        if self.unit == "protein":
            return residues[0].mean(dim=0, keepdim=True)
        one, other = (part.mean(dim=0) for part in residues)
        return torch.cat((one + other, (one - other).abs(), one * other))[None]

    def gradients(self) -> list[Tensor]:
        learned = [weight for weight in self.network.parameters() if weight.requires_grad and weight.grad is not None]
        found = [weight.grad for weight in (*learned, *self.head.values())]
        return [gradient for gradient in found if gradient is not None]


def plain_loss(scores: Tensor, truth: Tensor, weights: Tensor, kind: Kind, loss: LossSettings) -> Tensor:
    """The weighted mean of the losses, by their textbook definitions."""
    known = ~truth.isnan()
    filled = truth.nan_to_num(0.0)
    gamma = 2.0 if loss.name == "focal" else 0.0
    shares = weights[:, None] * known
    if kind == "classification":
        classes = filled[:, 0].long()
        log_shares = scores.log_softmax(dim=1)
        target = F.one_hot(classes, scores.shape[1]) * (1 - loss.smoothing) + loss.smoothing / scores.shape[1]
        right = log_shares.exp().gather(1, classes[:, None])
        each = -(target * log_shares).sum(dim=1, keepdim=True) * (1 - right) ** gamma
        if loss.balanced:
            counts = torch.bincount(classes, minlength=scores.shape[1]).double()
            shares = shares * (len(classes) / (scores.shape[1] * counts))[classes][:, None]
    elif kind == "multilabel":
        target = filled * (1 - loss.smoothing) + loss.smoothing / 2
        right = torch.where(filled == 1, scores.sigmoid(), 1 - scores.sigmoid())
        each = -(target * F.logsigmoid(scores) + (1 - target) * F.logsigmoid(-scores)) * (1 - right) ** gamma
        if loss.balanced:
            true, false = (truth == 1).sum(dim=0).double(), (truth == 0).sum(dim=0).double()
            shares = shares * torch.where(filled == 1, false / true, 1.0)
    else:
        away = (scores - filled).abs()
        huber = torch.where(away < 1, away**2 / 2, away - 0.5)
        each = {"mse": away**2, "mae": away, "huber": huber}[loss.name]
    return (each * shares).sum() / shares.sum()


def check(folder: Path, saved: Path, kind: Kind, unit: Unit, method: Method, loss: LossSettings, budget: int) -> None:
    rows, labelled = examples(kind, unit)
    model = moved_by_chance(fresh(folder, shape(kind, unit, method)), spread=0.1)
    if kind == "regression":
        model.head.standardise(torch.from_numpy(labelled.truth))
    model.save(saved)
    found, gradients = one_step(model, labelled, rows.sequences, budget, loss)
    plain = Plain(model, folder, saved)
    truth = torch.from_numpy(labelled.truth).double()
    if kind == "regression":
        known = [column[~column.isnan()] for column in truth.T]
        mean, deviation = (
            torch.stack([function(column) for column in known])
            for function in (torch.mean, lambda column: column.std(correction=0))
        )
        truth = (truth - mean) / deviation
    weights = torch.from_numpy(np.repeat(labelled.weights, labelled.sizes)).double()
    expected = plain_loss(plain.scores(rows.sequences, labelled.chains.tolist()), truth, weights, kind, loss)
    expected.backward()  # type: ignore[no-untyped-call]
    assert found == pytest.approx(expected.item(), rel=1e-5)
    compared = plain.gradients()
    gradients = [gradient for gradient in gradients if gradient.any() or method != "full"]
    assert len(gradients) == len(compared)
    for one, other in zip(gradients, compared, strict=True):
        torch.testing.assert_close(one.double(), other, atol=1e-5 * max(1.0, float(other.abs().max())), rtol=1e-5)
    assert max(float(gradient.abs().max()) for gradient in gradients) > 1e-3


@pytest.mark.parametrize(("kind", "name"), CASES)
@pytest.mark.parametrize("unit", UNITS)
def test_each_loss_of_each_task(small: Path, tmp_path: Path, kind: Kind, name: LossName, unit: Unit) -> None:
    check(small, tmp_path, kind, unit, "lora", LossSettings(name), budget=60)


@pytest.mark.parametrize("kind", ["classification", "multilabel"])
def test_weights_of_labels_and_smoothing(small: Path, tmp_path: Path, kind: Kind) -> None:
    check(small, tmp_path, kind, "protein", "lora", LossSettings("cross-entropy", 0.1, True), budget=200)


@pytest.mark.parametrize("method", ["head", "rslora", "dora", "ia3", "full"])
def test_each_method(small: Path, tmp_path: Path, method: Method) -> None:
    check(small, tmp_path, "classification", "protein", method, LossSettings("cross-entropy"), budget=10_000)


@pytest.mark.parametrize("budget", [1, 60, 200, 10_000])
def test_parts_of_any_size_add_up(small: Path, tmp_path: Path, budget: int) -> None:
    check(small, tmp_path, "classification", "protein", "lora", LossSettings("cross-entropy"), budget)
