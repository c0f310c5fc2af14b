"""Train adapters and a head on labelled examples; stop when validation no longer improves."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.batches import token_batches
from plmkit.errors import UserError
from plmkit.learning.memory import halving
from plmkit.models.tuned import TunedModel

log = logging.getLogger(__name__)

Integers = NDArray[np.int64]
BATCH_TOKENS = 4096  # computed at once unless the user says otherwise
_WARM_UP = 0.1
_GRADIENT_NORM = 1.0
_WEIGHT_DECAY = 0.01


@dataclass(frozen=True)
class TrainingSettings:
    """How to learn. batch_size: examples of one step; batch_tokens: tokens computed at once (memory alone)."""

    epochs: int
    patience: int
    learning_rate: float
    batch_size: int
    batch_tokens: int
    balanced: bool
    seed: int


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training examples led to; losses are mean cross-entropies in nats."""

    number: int
    train_loss: float
    validation_loss: float


@dataclass(frozen=True)
class LabelledRows:
    """Sequences with their class numbers (N,)."""

    sequences: Sequence[str]
    truth: Integers

    def __len__(self) -> int:
        return len(self.sequences)


def train(
    model: TunedModel, training: LabelledRows, validation: LabelledRows, settings: TrainingSettings
) -> tuple[list[Epoch], int]:
    """Train in place, leave the weights of the best epoch; return all epochs and the best one's number.

    AdamW with a linear warm-up over a tenth of the steps, then a linear descent to zero; gradients are cut to
    norm 1. Ends `patience` epochs after the lowest validation loss. Raises UserError when no loss is a number.
    """
    weights = _class_weights(training.truth, len(model.labels), settings.balanced).to(model.backbone.device)
    parameters = model.parameters()
    optimiser = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=_WEIGHT_DECAY)
    steps = settings.epochs * math.ceil(len(training) / settings.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    order = np.random.default_rng(settings.seed)
    epochs: list[Epoch] = []
    best, best_weights, best_number = math.inf, model.weights(), 0
    for number in range(1, settings.epochs + 1):
        train_loss = _one_epoch(model, training, weights, settings, optimiser, schedule, order)
        validation_loss = mean_loss(model, validation, weights, settings.batch_tokens)
        epochs.append(Epoch(number, train_loss, validation_loss))
        log.info("epoch %d: training loss %.4f, validation loss %.4f", number, train_loss, validation_loss)
        if validation_loss < best:
            best, best_weights, best_number = validation_loss, model.weights(), number
        elif number - best_number >= settings.patience:
            log.info("validation has not improved for %d epochs: stopped", settings.patience)
            break
    if best_number == 0:
        raise UserError("training: the loss is no number in any epoch; give a lower --learning-rate")
    model.set_weights(best_weights)
    return epochs, best_number


def mean_loss(model: TunedModel, rows: LabelledRows, weights: Tensor, budget: int) -> float:
    """Return the mean cross-entropy of a model on labelled rows, with the weights of the classes."""
    probabilities = torch.from_numpy(model.probabilities(rows.sequences, budget)).clamp_min(1e-12)
    truth = torch.from_numpy(rows.truth)
    return float(F.nll_loss(probabilities.log(), truth, weight=weights.cpu()))


def _one_epoch(
    model: TunedModel,
    training: LabelledRows,
    weights: Tensor,
    settings: TrainingSettings,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    order: np.random.Generator,
) -> float:
    model.train()
    total = 0.0
    shuffled = order.permutation(len(training))
    for start in range(0, len(training), settings.batch_size):
        rows = shuffled[start : start + settings.batch_size]
        total += _step_loss(model, training, rows, weights, settings.batch_tokens) * len(rows)
        torch.nn.utils.clip_grad_norm_(model.parameters(), _GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
    model.eval()
    return total / len(training)


def _step_loss(model: TunedModel, training: LabelledRows, rows: Integers, weights: Tensor, budget: int) -> float:
    """Add up the gradients of one step; with too little memory begin it anew in parts half as large."""
    longest = max(len(training.sequences[row]) + 2 for row in rows)

    def forget() -> None:
        for parameter in model.parameters():
            parameter.grad = None

    return halving(
        lambda part: _accumulate(model, training, rows, weights, part),
        forget,
        budget=min(budget, longest * len(rows)),
        least=longest,
        what=f"one single protein of {longest - 2} residues",
    )


def _accumulate(model: TunedModel, training: LabelledRows, rows: Integers, weights: Tensor, budget: int) -> float:
    sequences = [training.sequences[row] for row in rows]
    truth = torch.from_numpy(training.truth[rows]).to(weights.device)
    share = weights[truth].sum()
    total = 0.0
    for part in token_batches([len(sequence) + 2 for sequence in sequences], budget):
        scores = model.scores([sequences[index] for index in part])
        loss = F.cross_entropy(scores, truth[part], weight=weights, reduction="sum") / share
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    return total


def _class_weights(truth: Integers, classes: int, balanced: bool) -> Tensor:
    if not balanced:
        return torch.ones(classes)
    counts = np.bincount(truth, minlength=classes)
    return torch.tensor(len(truth) / (classes * counts), dtype=torch.float32)


def _rate(step: int, steps: int) -> float:
    warm_up = max(1, round(_WARM_UP * steps))
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))
