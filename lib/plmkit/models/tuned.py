"""A tuned model: a backbone with adapters, a pooling, a head and the names of its labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from plmkit.errors import UserError
from plmkit.models.adapters import add_lora, learnable, load_adapter, save_adapter
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import Floats, Reading, encode, encoded_in_blocks, reading_for
from plmkit.models.fused import Reader
from plmkit.models.heads import ClassificationHead
from plmkit.models.pooling import Pooling

HEAD_FILE = "head.safetensors"


@dataclass
class TunedModel:
    """Everything that turns sequences into class probabilities."""

    backbone: Backbone
    head: ClassificationHead
    pooling: Pooling
    labels: tuple[str, ...]
    reader: Reader | None = None

    @property
    def reading(self) -> Reading:
        """How proteins are read, in training as in prediction."""
        return reading_for(self.backbone.tokenizer)

    def scores(self, sequences: Sequence[str]) -> Tensor:
        """Return scores (B, C) of a few sequences, computed at once, with gradients where they are switched on."""
        scores: Tensor = self.head(encode(self.backbone, sequences, self.reading).pooled(self.pooling))
        return scores

    def probabilities(
        self, sequences: Sequence[str], budget: int | None, advance: Callable[[int], None] | None = None
    ) -> Floats:
        """Return class probabilities (N, C) in the order of the sequences.

        budget: see `Reading`; advance: called with the number of sequences done since its last call.
        """
        self.eval()
        encoder, reading = self.reader or self.backbone, replace(self.reading, budget=budget)
        result = np.empty((len(sequences), len(self.labels)), dtype=np.float32)
        for first, encoded in encoded_in_blocks(encoder, sequences, reading):
            with torch.inference_mode():
                scores = self.head(encoded.pooled(self.pooling))
                result[first : first + len(scores)] = scores.softmax(dim=1).numpy(force=True)
            if advance is not None:
                advance(len(scores))
        return result

    def only_predict(self) -> None:
        """Make prediction as fast as can be; the model can no longer learn or be saved.

        Always in float32: whether a probability is above a threshold must not depend on the machine.
        """
        self.reader = Reader(self.backbone, torch.float32)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return what is learned: adapters and head."""
        return learnable(self.backbone) + list(self.head.parameters())

    def weights(self) -> list[Tensor]:
        """Return a copy of what is learned."""
        return [parameter.detach().clone() for parameter in self.parameters()]

    def set_weights(self, weights: Sequence[Tensor]) -> None:
        """Put back a copy made by `weights`."""
        with torch.no_grad():
            for parameter, weight in zip(self.parameters(), weights, strict=True):
                parameter.copy_(weight)

    def train(self) -> None:
        """Switch dropout on."""
        self.backbone.network.train()
        self.head.train()

    def eval(self) -> None:
        """Switch dropout off."""
        self.backbone.network.eval()
        self.head.eval()

    def save(self, folder: Path) -> None:
        """Write the weights: peft's adapter files and the head."""
        save_adapter(self.backbone, folder)
        head = {key: weight.contiguous() for key, weight in self.head.state_dict().items()}
        save_file(head, folder / HEAD_FILE)


def fresh_model(
    backbone: Backbone,
    labels: tuple[str, ...],
    pooling: Pooling,
    rank: int,
    alpha: int,
    adapter_dropout: float,
    head_dropout: float,
) -> TunedModel:
    """Return a model that has learned nothing yet: adapters which change nothing and a random head."""
    head = ClassificationHead(backbone.width, len(labels), head_dropout).to(backbone.device)
    return TunedModel(add_lora(backbone, rank, alpha, adapter_dropout), head, pooling, labels)


def load_tuned(backbone: Backbone, folder: Path, labels: tuple[str, ...], pooling: Pooling) -> TunedModel:
    """Return a saved model on its base model; raises UserError when a weight is missing or does not fit."""
    head = ClassificationHead(backbone.width, len(labels), dropout=0.0)
    try:
        head.load_state_dict(load_file(folder / HEAD_FILE))
    except (SafetensorError, OSError, RuntimeError):
        raise UserError(
            "tuned model: its head does not fit its labels and base model; give the whole archive"
        ) from None
    model = TunedModel(load_adapter(backbone, folder), head.to(backbone.device), pooling, labels)
    model.eval()
    model.only_predict()
    return model
