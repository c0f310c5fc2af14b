"""Small heads on fixed features, the same for every kind of features; settings are chosen on the validation part."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from torch import Tensor, nn

Features = NDArray[np.float32]
Targets = NDArray[np.float64]
Predict = Callable[[Features], Targets]

_PENALTIES = tuple(10.0**power for power in range(-1, 6))
_INVERSE_PENALTIES = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
_WORTH_WHILE = 0.999
# Schmirler et al. 2024 (doi:10.1038/s41467-024-51844-2) put the same 32 units with dropout 0.2 on frozen states.
_HIDDEN, _DROPOUT = 32, 0.2
_MANY = 20_000
_EPOCHS, _PATIENT_STEPS, _LEAST_PATIENCE = 300, 600, 4


@dataclass(frozen=True)
class Learning:
    """What a head learns from (train) and what chooses its settings (valid). classes: None for numbers."""

    train: Features
    train_truth: Targets
    valid: Features
    valid_truth: Targets
    classes: int | None


@dataclass(frozen=True)
class Head:
    """A way to learn from features; the seed matters only where `is_random`."""

    name: str
    fit: Callable[[Learning, int], Predict]
    is_random: bool


def spearman(truth: Targets, predicted: Targets) -> float:
    """Return the rank correlation; ties share their mean rank."""
    return float(np.corrcoef(rankdata(truth), rankdata(predicted))[0, 1])


def fit_ridge(learning: Learning, seed: int) -> Predict:
    """Ridge regression; of several penalties the one with the best rank correlation on the validation part."""
    centre, mean = learning.train.mean(axis=0), learning.train_truth.mean()
    rows = learning.train - centre
    # one decomposition serves all penalties
    values, vectors = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    projected = vectors.T @ (rows.T @ (learning.train_truth - mean).astype(np.float32))

    def predict(features: Features, penalty: float) -> Targets:
        found: Targets = (features - centre) @ (vectors @ (projected / (values.clip(0) + penalty))) + mean
        return found

    scores = [spearman(learning.valid_truth, predict(learning.valid, penalty)) for penalty in _PENALTIES]
    return partial(predict, penalty=_PENALTIES[int(np.argmax(scores))])


def fit_logistic(learning: Learning, seed: int) -> Predict:
    """Logistic regression; the penalty is weakened as long as the loss on the validation part falls."""
    classes = np.arange(learning.classes or 0)

    def predict(features: Features, model: LogisticRegression) -> Targets:
        probabilities = np.zeros((len(features), len(classes)))
        probabilities[:, model.classes_.astype(np.int64)] = model.predict_proba(features)
        return probabilities

    best, least = None, math.inf
    for inverse in _INVERSE_PENALTIES:
        model = LogisticRegression(C=inverse, max_iter=300, tol=1e-3).fit(learning.train, learning.train_truth)
        loss = log_loss(learning.valid_truth, predict(learning.valid, model), labels=classes)
        if loss > _WORTH_WHILE * least:
            break
        best, least = model, loss
    return partial(predict, model=best)


def fit_network(learning: Learning, seed: int) -> Predict:
    """A network with one hidden layer; it stops where the loss on the validation part is least."""
    torch.manual_seed(seed)
    outputs = learning.classes or 1
    network = nn.Sequential(
        nn.Linear(learning.train.shape[1], _HIDDEN), nn.ReLU(), nn.Dropout(_DROPOUT), nn.Linear(_HIDDEN, outputs)
    )
    # numbers are learned as deviations, so that one learning rate suits all
    mean, deviation = (0.0, 1.0) if learning.classes else (learning.train_truth.mean(), learning.train_truth.std())
    train, valid = (
        (torch.from_numpy(features), torch.from_numpy((truth - mean) / deviation))
        for features, truth in ((learning.train, learning.train_truth), (learning.valid, learning.valid_truth))
    )
    _descend(network, train, valid)

    def predict(features: Features) -> Targets:
        with torch.inference_mode():
            found: Targets = network(torch.from_numpy(features)).double().numpy()
        return found if learning.classes else found[:, 0] * deviation + mean

    return predict


def _descend(network: nn.Module, train: tuple[Tensor, Tensor], valid: tuple[Tensor, Tensor]) -> None:
    """Train in place and leave the weights of the best epoch."""
    count = len(train[0])
    batch = 128 if count < _MANY else 1024
    patience = max(_LEAST_PATIENCE, _PATIENT_STEPS * batch // count)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.01)

    def learn() -> None:
        for rows in torch.split(torch.randperm(count), batch):
            optimiser.zero_grad()
            _loss(network(train[0][rows]), train[1][rows]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    descend(network, learn, lambda: float(_loss(network(valid[0]), valid[1])), _EPOCHS, patience)


def descend(
    network: nn.Module, learn: Callable[[], None], judge: Callable[[], float], epochs: int, patience: int
) -> None:
    """Train a network in place, epoch by epoch, and leave the weights of the lowest loss that `judge` returns."""
    best, weights, waited = math.inf, copy.deepcopy(network.state_dict()), 0
    for _ in range(epochs):
        network.train()
        learn()
        network.eval()
        with torch.inference_mode():
            loss = judge()
        waited = 0 if loss < best else waited + 1
        if loss < best:
            best, weights = loss, copy.deepcopy(network.state_dict())
        if waited == patience:
            break
    network.load_state_dict(weights)


def _loss(outputs: Tensor, truth: Tensor) -> Tensor:
    if outputs.shape[1] == 1:
        return F.mse_loss(outputs[:, 0], truth.float())
    return F.cross_entropy(outputs, truth.long())


RIDGE = Head("ridge", fit_ridge, is_random=False)
LOGISTIC = Head("logistic", fit_logistic, is_random=False)
NETWORK = Head(f"{_HIDDEN} units", fit_network, is_random=True)
