"""Train models on some of the examples: the language model is read, and what never changes computed, only once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.dataset import Examples, Indices
from plmkit.data.rows import rows_of
from plmkit.data.splits import Split
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.lessons import Labelled, Trained, TrainingSettings
from plmkit.learning.prevalence import as_in_nature, shift_to_nature
from plmkit.learning.rounds import Round
from plmkit.learning.training import train
from plmkit.learning.workers import Workers
from plmkit.models.pooling import is_learned
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.sources import Source
from plmkit.models.tuned import TunedModel, fresh_model, load_to_learn, with_fresh_head

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]


_EXAMPLES_FOR_INPUTS, _EXAMPLES_AT_ONCE = 1000, 32


def nowhere(name: str) -> Checkpoint | None:
    """Keep nothing of a run."""
    return None


@dataclass(frozen=True)
class Plan:
    """What is done, but for the data. training.seed is that of the first run.

    seeds: how many models are trained, each with the next seed. start: the folder of a tuned model to go on from.
    recompute: see `packed_states`. learning_curve: whether models learn from fewer examples too. checkpoint: says where
    the run of a name keeps what it has done.
    """

    shape: Shape
    head_dropout: float
    training: TrainingSettings
    precision: torch.dtype = torch.float32
    seeds: int = 1
    start: Path | None = None
    recompute: bool = False
    learning_curve: bool = False
    checkpoint: Callable[[str], Checkpoint | None] = field(default=nowhere)


@dataclass(frozen=True)
class Fitted:
    """A model that has learned, and where it gets the states of all examples' proteins from."""

    model: TunedModel
    source: Source
    trained: Trained

    @property
    def score(self) -> float:
        """The metric of the validation examples by which the epoch was chosen; the lowest number where undefined."""
        score = self.trained.epochs[self.trained.best_epoch - 1].score
        return -np.inf if np.isnan(score) else score


class Trainer:
    """Trains models of one shape on parts of the same examples."""

    def __init__(
        self, files: ModelFiles, examples: Examples, plan: Plan, device: torch.device, alone: bool = False
    ) -> None:
        """alone: other processes that train take no part."""
        self._files, self._examples, self._plan, self._device = files, examples, plan, device
        self._workers = Workers(alone)
        self._first: tuple[TunedModel, Source] | None = None
        self.rows = rows_of([item.read(files.reads_states) for item in examples.items])

    def fit(self, round_: Round) -> Fitted:
        """Return a model that has learned from the training side of a split, and stopped by its validation side.

        Where negatives were left out, it gives probabilities as on the whole training side: what the shares of the
        classes do to scores is taken from the head's bias (King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868).
        """
        name, seed = round_.name, round_.seed
        model, source = self._fresh(seed)
        offsets = self._offsets(round_.split)
        if self._plan.start is not None:  # it gives them as in nature already
            model.head.add_to_scores(-offsets)
        training, validation = self._labelled(round_.split.train), self._labelled(round_.split.validation)
        if self._examples.task.kind == "regression" and self._plan.start is None:
            model.head.standardise(torch.from_numpy(training.truth).to(self._device))
        if self._plan.start is None and not is_learned(self._plan.shape.pooling):
            self._standardise_inputs(model, source, training.chains, seed)
        log.info("%s: %d examples to learn from, %d to stop by", name, len(training), len(validation))
        settings, checkpoint = replace(self._plan.training, seed=seed), self._plan.checkpoint(name)
        trained = train(model, source, training, validation, settings, checkpoint, self._workers)
        model.head.add_to_scores(offsets)
        predicted = as_in_nature(self._examples, round_.split, trained.predicted)
        return Fitted(model, source, replace(trained, predicted=predicted))

    def _offsets(self, split: Split) -> Tensor:
        """Return by how much scores (C,) of the classes rise from what is learned from to the whole training side."""
        return torch.tensor(shift_to_nature(self._examples, split) or [0.0] * len(self._examples.labels))

    def _standardise_inputs(self, model: TunedModel, source: Source, chains: Indices, seed: int) -> None:
        """Let the head begin with inputs of mean 0 and deviation 1, as the language model gives them untuned.

        Vectors of the variants of one protein hardly differ: without this, a head takes many epochs to see that.
        """
        chosen = np.random.default_rng(seed).permutation(len(chains))[:_EXAMPLES_FOR_INPUTS]
        parts = np.array_split(chains[chosen], -(-len(chosen) // _EXAMPLES_AT_ONCE))
        model.eval()
        with torch.no_grad():
            model.head.standardise_inputs(model.places(source, part) for part in parts)

    def predict(self, fitted: Fitted, chosen: Indices) -> Floats:
        """Return probabilities or values (P, C) of all places of some examples."""
        return fitted.model.predict(fitted.source, self.rows.chains[chosen], self._plan.training.batch_tokens)

    def _fresh(self, seed: int) -> tuple[TunedModel, Source]:
        """Return a model that has learned nothing; what was computed for an earlier one is taken over."""
        plan = self._plan
        if self._first is None:
            model = self._loaded(seed)
            self._first = model, model.source_to_learn(self.rows.sequences, plan.training.batch_tokens)
            return self._first
        model, source = self._first
        if plan.shape.method == "head":
            is_new = plan.start is None
            return (with_fresh_head(model, plan.head_dropout, seed) if is_new else self._loaded(seed)), source
        model = self._loaded(seed)
        return model, source.read_by(model.backbone)

    def _loaded(self, seed: int) -> TunedModel:
        plan = self._plan
        where = self._device, plan.precision
        if plan.start is None:
            model = fresh_model(self._files, plan.shape, plan.head_dropout, seed, *where)
        else:
            model = load_to_learn(self._files, plan.start, plan.shape, plan.head_dropout, *where)
        model.backbone.recompute = plan.recompute
        return model

    def _labelled(self, chosen: Indices) -> Labelled:
        examples = self._examples
        weights = np.array([examples.items[index].weight for index in chosen], dtype=np.float32)
        return Labelled(self.rows.chains[chosen], examples.truth_of(chosen), examples.sizes[chosen], weights)
