"""A tuned model: a language model, what was learned of it or beside it, and a head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from plmkit.data.rows import Indices
from plmkit.data.task import Task
from plmkit.errors import UserError
from plmkit.models.adapters import add_adapters, learnable, load_adapter, save_adapter
from plmkit.models.backbone import Backbone, load_backbone, save_backbone
from plmkit.models.encoding import Encoder, Floats, Reading, reading_for
from plmkit.models.frozen import make_frozen_fast
from plmkit.models.heads import Head, paired
from plmkit.models.pooling import is_learned
from plmkit.models.readers import fast_reader
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.sources import Anew, Pooled, Source, UpperLayers

HEAD_FILE = "head.safetensors"
_PAIRS_AT_ONCE = 4096


@dataclass
class TunedModel:
    """Everything that turns sequences into probabilities of labels, or into values."""

    backbone: Backbone
    head: Head
    shape: Shape
    reader: Encoder | None = field(default=None, repr=False)

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.shape.task

    @property
    def encoder(self) -> Encoder:
        """What reads proteins: the language model that learns, or after `only_predict` a faster one."""
        return self.reader or self.backbone

    @property
    def reading(self) -> Reading:
        """How proteins are read, in training as in prediction."""
        return reading_for(self.backbone.tokenizer)

    def source_to_read(self, sequences: Sequence[str], budget: int | None = None) -> Source:
        """Return where the head gets the states from of proteins that are read once."""
        return Anew(self.encoder, sequences, replace(self.reading, budget=budget))

    def source_to_learn(self, sequences: Sequence[str], budget: int | None = None) -> Source:
        """Return where the head gets states from: whatever never changes while this model learns is computed once."""
        reading = replace(self.reading, budget=budget)
        if self.shape.method == "head" and not is_learned(self.shape.pooling):
            return Pooled(self.encoder, sequences, reading, self.head)
        if first := self._layers_beneath():
            return UpperLayers(self.backbone, sequences, reading, first)
        return Anew(self.encoder, sequences, reading)

    def scores(self, source: Source, chains: Indices) -> Tensor:
        """Return scores (P, C) of all places of a few examples (B, 1) or (B, 2), with gradients if switched on."""
        found: Tensor = self.head(self.places(source, chains))
        return found

    def places(self, source: Source, chains: Indices) -> Tensor:
        """Return what the head scores: a vector (P, W) for each place of a few examples."""
        if self.task.unit != "pair":
            return source.pooled(chains[:, 0].tolist(), self.head)
        proteins, place = np.unique(chains, return_inverse=True)
        vectors = source.pooled(proteins.tolist(), self.head)
        place = place.reshape(chains.shape)
        return paired(vectors[place[:, 0]], vectors[place[:, 1]])

    def predict(
        self, source: Source, chains: Indices, budget: int | None = None, advance: Callable[[int], None] | None = None
    ) -> Floats:
        """Return probabilities or values (P, C) of all places of the examples, in their order.

        budget: see `Reading`; advance: called with the number of examples done since its last call.
        """
        self.eval()
        blocks = self._pair_values if self.task.unit == "pair" else self._values
        with torch.inference_mode():
            found = list(blocks(source, chains, budget, advance or (lambda count: None)))
        return np.concatenate(found) if found else np.empty((0, len(self.task.labels)), dtype=np.float32)

    def only_predict(self) -> None:
        """Make prediction as fast as can be; the model can no longer learn or be saved.

        Always in float32: whether a probability is above a threshold must not depend on the machine.
        """
        self.reader = fast_reader(self.backbone, torch.float32)

    def parameters(self) -> list[nn.Parameter]:
        """Return what is learned: of the language model, and the head."""
        return self.adapted() + list(self.head.parameters())

    def adapted(self) -> list[nn.Parameter]:
        """Return what is learned of the language model: adapters, all of it, or nothing."""
        return learnable(self.backbone)

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
        """Write the weights: peft's adapter files, or all of the language model, and the head."""
        if self.shape.adapter is not None:
            save_adapter(self.backbone, folder)
        elif self.shape.method == "full":
            save_backbone(self.backbone, folder)
        head = {key: weight.contiguous() for key, weight in self.head.state_dict().items()}
        save_file(head, folder / HEAD_FILE)

    def _layers_beneath(self) -> int:
        """Return how many layers lie beneath everything that learns."""
        if self.shape.method == "head":
            return self.backbone.layers
        adapter = self.shape.adapter
        if adapter is None or adapter.layers is None:
            return 0
        return max(0, self.backbone.layers - adapter.layers)

    def _values(
        self, source: Source, chains: Indices, budget: int | None, advance: Callable[[int], None]
    ) -> Iterator[Floats]:
        for proteins, pooled in source.all_pooled(chains[:, 0].tolist(), self.head, budget):
            yield self.head.values(self.head(pooled)).numpy(force=True)
            advance(proteins)

    def _pair_values(
        self, source: Source, chains: Indices, budget: int | None, advance: Callable[[int], None]
    ) -> Iterator[Floats]:
        proteins, place = np.unique(chains, return_inverse=True)
        vectors = torch.cat([pooled for _, pooled in source.all_pooled(proteins.tolist(), self.head, budget)])
        for part in np.array_split(place.reshape(chains.shape), -(-len(chains) // _PAIRS_AT_ONCE)):
            pairs = paired(vectors[part[:, 0]], vectors[part[:, 1]])
            yield self.head.values(self.head(pairs)).numpy(force=True)
            advance(len(part))


def fresh_model(
    files: ModelFiles,
    shape: Shape,
    head_dropout: float,
    seed: int,
    device: torch.device,
    precision: torch.dtype = torch.float32,
) -> TunedModel:
    """Return a model that has learned nothing yet: adapters which change nothing and a random head."""
    backbone = replace(load_backbone(files, device, quantised=shape.method == "qlora"), precision=precision)
    head = _fresh_head(shape, backbone, head_dropout, seed)
    if shape.adapter is not None:
        backbone = add_adapters(backbone, shape.adapter)
    return _ready_to_learn(TunedModel(backbone, head, shape))


def with_fresh_head(model: TunedModel, head_dropout: float, seed: int) -> TunedModel:
    """Return a model whose head has learned nothing, on the same language model, which does not learn."""
    return replace(model, head=_fresh_head(model.shape, model.backbone, head_dropout, seed))


def _fresh_head(shape: Shape, backbone: Backbone, dropout: float, seed: int) -> Head:
    """Return a random head; the same seed gives the same one, whatever was loaded before, and the same adapters."""
    torch.manual_seed(seed)
    return Head(shape.task, shape.pooling, backbone.width, dropout).to(backbone.device)


def load_tuned(
    files: ModelFiles, folder: Path, shape: Shape, device: torch.device, has_gradients: bool = False
) -> TunedModel:
    """Return a saved model to predict with; raises UserError when a weight is missing or does not fit.

    has_gradients: let gradients flow back to what it reads, at less speed.
    """
    model = _load(files, folder, shape, device, dropout=0.0, learns=False)
    model.eval()
    if not has_gradients:
        model.only_predict()
    return model


def load_to_learn(
    files: ModelFiles,
    folder: Path,
    shape: Shape,
    head_dropout: float,
    device: torch.device,
    precision: torch.dtype = torch.float32,
) -> TunedModel:
    """Return a saved model that goes on learning; raises UserError as `load_tuned`."""
    model = _load(files, folder, shape, device, head_dropout, learns=True)
    model.backbone = replace(model.backbone, precision=precision)
    return _ready_to_learn(model)


def _load(
    files: ModelFiles, folder: Path, shape: Shape, device: torch.device, dropout: float, learns: bool
) -> TunedModel:
    weights = replace(files, folder=folder) if shape.method == "full" else files
    backbone = load_backbone(weights, device, quantised=learns and shape.method == "qlora")
    if shape.adapter is not None:
        backbone = load_adapter(backbone, folder, shape.adapter, learns)
    head = Head(shape.task, shape.pooling, backbone.width, dropout)
    try:
        head.load_state_dict(load_file(folder / HEAD_FILE))
    except (SafetensorError, OSError, RuntimeError):
        raise UserError(
            "tuned model: its head does not fit its labels and base model; give the whole archive"
        ) from None
    return TunedModel(backbone, head.to(device), shape)


def _ready_to_learn(model: TunedModel) -> TunedModel:
    """Let only that learn which shall, and make fast what never learns."""
    if model.shape.method == "head":
        model.backbone.network.requires_grad_(False)
        if not is_learned(model.shape.pooling):
            model.only_predict()
            return model
    make_frozen_fast(model.backbone.network)
    return model
