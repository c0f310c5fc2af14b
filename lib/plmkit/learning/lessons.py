"""What goes into a training, examples as numbers and settings, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.rows import Indices
from plmkit.learning.losses import LossSettings
from plmkit.models.encoding import fitting_budget
from plmkit.models.shape import Method
from plmkit.models.source import ModelFiles

Floats = NDArray[np.float32]

LOSS = "loss"
RATES: dict[Method, float] = {
    "head": 1e-3,
    "lora": 3e-4,
    "rslora": 3e-4,
    "dora": 3e-4,
    "qlora": 3e-4,
    "ia3": 3e-3,
    "full": 1e-4,
}  # the largest step sizes, unless the user says otherwise
_NUMBERS_PER_TOKEN = 40  # that a layer keeps for its gradients, in widths of the model


@dataclass(frozen=True)
class TrainingSettings:
    """How to learn. batch_size: examples of one step; batch_tokens: tokens computed at once (memory alone).

    head_factor: how many times faster the head learns than the language model, which already knows much. select_by: the
    metric of the validation examples by which the best epoch is chosen, or the loss.
    """

    epochs: int
    patience: int
    learning_rate: float
    batch_size: int
    batch_tokens: int
    select_by: str
    seed: int
    positive: int = 1
    head_factor: float = 1.0
    loss: LossSettings = field(default_factory=LossSettings)


@dataclass(frozen=True)
class Labelled:
    """Some examples: their proteins (N, 1 or 2) as numbers of a source, and the truth (P, K) of their places.

    sizes: (N,) places of each example; weights: (N,) how much it counts.
    """

    chains: Indices
    truth: Floats
    sizes: Indices
    weights: Floats

    def __len__(self) -> int:
        return len(self.chains)

    @property
    def place_weights(self) -> Floats:
        """The weight of each place (P,)."""
        return np.repeat(self.weights, self.sizes)

    def some(self, rows: Indices) -> Labelled:
        """Return some of the examples in the order asked for."""
        starts = self.sizes.cumsum() - self.sizes
        places = np.concatenate([np.arange(starts[row], starts[row] + self.sizes[row]) for row in rows])
        return Labelled(self.chains[rows], self.truth[places], self.sizes[rows], self.weights[rows])


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training examples led to; score: the metric that selects, NaN where it is undefined."""

    number: int
    train_loss: float
    validation_loss: float
    score: float


@dataclass(frozen=True)
class Trained:
    """What a training led to. predicted: of the validation examples by the weights kept, (P, C).

    examples_per_second: of training steps alone, judging left out.
    """

    epochs: list[Epoch]
    best_epoch: int
    predicted: Floats
    examples_per_second: float


def head_factor(method: Method) -> float:
    """Return how many times faster a head learns than what it stands on: at least as fast as a head alone.

    Measured with LoRA and ten epochs (bench/tasks, a quarter of the data, two seeds): the head at 0.001 instead of
    0.0003 brings secondary structure from a macro-F1 of 0.635 to 0.646. Where steps are few, the head is the slow one.
    """
    return max(1.0, RATES["head"] / RATES[method])


def usual_budget(files: ModelFiles, device: torch.device) -> int:
    """Return the tokens which are computed at once unless the user says otherwise."""
    layers, width = files.layers, files.width
    return fitting_budget(device, _NUMBERS_PER_TOKEN * layers * width)
