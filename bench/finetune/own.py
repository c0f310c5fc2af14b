"""Fine-tuning by plmkit's own functions, with its usual dropout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from bench.finetune.setting import ALPHA, BATCH, HEAD_EXAMPLES, RANK, SEED, Setting
from torch import Tensor

from plmkit.data.rows import rows_of
from plmkit.data.task import Task
from plmkit.learning.lessons import LOSS, RATES, Labelled, Trained, TrainingSettings, usual_budget
from plmkit.learning.training import train
from plmkit.models.device import choose_precision, make_repeatable
from plmkit.models.shape import AdapterMethod, AdapterSettings, HeadPooling, Method, Shape
from plmkit.models.source import open_model
from plmkit.models.tuned import fresh_model

TASK = Task("protein", "regression", ("value",))
UPPER_LAYERS = 2
_VALIDATION = 2
_HEAD_DROPOUT = 0.1


@dataclass(frozen=True)
class Choice:
    """What is tuned. layers: adapters in so many of the upper ones; dropout: False for none; head: its first weights"""

    method: Method
    layers: int | None = None
    pooling: HeadPooling = "mean"
    dropout: bool = True
    head: dict[str, Tensor] | None = None

    @property
    def shape(self) -> Shape:
        adapter = None
        if self.method in get_args(AdapterMethod):
            adapter = AdapterSettings(self.method, RANK, ALPHA, layers=self.layers)  # type: ignore[arg-type]
            adapter = adapter if self.dropout else replace(adapter, dropout=0.0)
        return Shape(TASK, self.method, self.pooling, adapter)


class Own:
    """One model that learns; epoch by epoch it goes on with the weights it has."""

    def __init__(self, choice: Choice, setting: Setting) -> None:
        make_repeatable(SEED)
        device = setting.device
        dropout = _HEAD_DROPOUT if choice.dropout else 0.0
        with open_model(str(setting.folder), None) as files:
            precision = choose_precision(device, "auto")
            self.model = fresh_model(files, choice.shape, dropout, SEED, device, precision)
            budget = usual_budget(files, device)
        if choice.head is not None:
            self.model.head.load_state_dict(choice.head, strict=False)
        self.rows = rows_of([(sequence,) for sequence in setting.sequences])
        self.settings = TrainingSettings(1, 1, RATES[choice.method], BATCH, budget, LOSS, SEED)
        # a head is quick: many epochs of few proteins are as good as one of many
        times = max(1, HEAD_EXAMPLES // len(self.rows)) if choice.method == "head" else 1
        self.training = self._labelled(np.tile(np.arange(len(self.rows)), times), setting)
        shortest = np.argsort([len(sequence) for sequence in setting.sequences])[:_VALIDATION]
        self.validation = self._labelled(shortest, setting)
        self.examples = len(self.training)

    def prepare(self) -> None:
        self.source = self.model.source_to_learn(self.rows.sequences, self.settings.batch_tokens)

    def epoch(self) -> None:
        self.trained()

    def trained(self) -> Trained:
        return train(self.model, self.source, self.training, self.validation, self.settings)

    def _labelled(self, chosen: np.typing.NDArray[np.int64], setting: Setting) -> Labelled:
        ones = np.ones(len(chosen))
        return Labelled(
            self.rows.chains[chosen], setting.labels[chosen, None], ones.astype(np.int64), ones.astype(np.float32)
        )
