"""Fine-tune a model and judge it on the validation examples beside simple baselines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from plmkit.data.dataset import Examples
from plmkit.data.negatives import positive_class
from plmkit.data.splits import Split, groups_of
from plmkit.learning import baselines
from plmkit.learning.metrics import Estimate, auroc_difference, estimates
from plmkit.learning.training import Epoch, LabelledRows, TrainingSettings, train
from plmkit.models.backbone import load_backbone
from plmkit.models.device import make_repeatable
from plmkit.models.pooling import Pooling
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel, fresh_model

log = logging.getLogger(__name__)

TUNED = "fine-tuned model"
SIMPLE = "logistic regression"
DIFFERENCE = "fine-tuned model minus logistic regression"


@dataclass(frozen=True)
class LoraSettings:
    """The adapters: rank, scale, and dropout before them and before the head."""

    rank: int
    alpha: int
    adapter_dropout: float
    head_dropout: float


@dataclass(frozen=True)
class Outcome:
    """A tuned model and how it was found.

    judged: for each method its metrics on the validation examples, then the difference in area under the ROC curve
    between the tuned model and the logistic regression; confusion: (C, C), rows are the truth.
    """

    model: TunedModel
    epochs: list[Epoch]
    best_epoch: int
    judged: Mapping[str, Mapping[str, Estimate]]
    confusion: NDArray[np.int64]
    notes: list[str]

    @property
    def learned_weights(self) -> int:
        """How many numbers were learned."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def frozen_weights(self) -> int:
        """How many numbers of the language model stayed as they were."""
        return sum(p.numel() for p in self.model.backbone.network.parameters() if not p.requires_grad)


def fine_tune(
    files: ModelFiles,
    examples: Examples,
    split: Split,
    negative: str | None,
    pooling: Pooling | Literal["auto"],
    lora: LoraSettings,
    settings: TrainingSettings,
    device: torch.device,
) -> Outcome:
    """Learn from the training side of the split, stop by and judge on its validation side."""
    make_repeatable(settings.seed)
    backbone = load_backbone(files, device)
    if pooling == "auto":
        pooling = "centre" if examples.unit == "window" else "mean"
    model = fresh_model(
        backbone, examples.labels, pooling, lora.rank, lora.alpha, lora.adapter_dropout, lora.head_dropout
    )
    training, validation = _rows(examples, split.train), _rows(examples, split.validation)
    log.info("%d examples to learn from, %d to stop by; device %s", len(training), len(validation), device.type)
    epochs, best_epoch = train(model, training, validation, settings)
    probabilities = model.probabilities(validation.sequences, settings.batch_tokens)
    groups = np.array(groups_of(examples))[split.validation]
    answers = {TUNED: probabilities, **_baselines(examples, training, validation, settings.balanced)}
    positive = positive_class(examples.labels, negative)
    judged = {method: estimates(validation.truth, found, groups, positive) for method, found in answers.items()}
    judged[DIFFERENCE] = {
        "auroc": auroc_difference(validation.truth, probabilities, answers[SIMPLE], groups),
    }
    confusion = confusion_matrix(validation.truth, probabilities.argmax(axis=1), labels=np.arange(len(examples.labels)))
    return Outcome(
        model,
        epochs,
        best_epoch,
        judged,
        confusion,
        backbone.tokenizer.notes(examples.sequences, examples.role),
    )


def _rows(examples: Examples, indices: NDArray[np.int64]) -> LabelledRows:
    number = {label: index for index, label in enumerate(examples.labels)}
    items = [examples.items[index] for index in indices]
    return LabelledRows([item.sequence for item in items], np.array([number[item.label] for item in items]))


def _baselines(
    examples: Examples, training: LabelledRows, validation: LabelledRows, balanced: bool
) -> dict[str, NDArray[np.floating]]:
    simple = baselines.logistic_regression(
        training.sequences, training.truth, validation.sequences, examples.unit, balanced
    )
    return {
        SIMPLE: simple,
        "most frequent label": baselines.majority(training.truth, len(examples.labels), len(validation)),
    }
