"""What a tuned model is compared with, on the same split: simple methods, a homology search, the frozen model."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data import mmseqs
from plmkit.data.dataset import Examples, Indices
from plmkit.data.splits import Split
from plmkit.learning import baselines
from plmkit.learning.homologues import by_relatives
from plmkit.learning.lessons import RATES
from plmkit.learning.prevalence import as_in_nature
from plmkit.learning.rounds import Round
from plmkit.learning.trainer import Plan, Trainer, nowhere
from plmkit.learning.verdict import Role
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]

HOMOLOGUE, FROZEN = "nearest homologues", "frozen model"
_EPOCHS_OF_HEAD, _PATIENCE_OF_HEAD = 40, 10  # at least: they take seconds, and a rival must not lose for want of steps


class Rival(Protocol):
    """A method that learns from the training side of a split and answers for other examples."""

    role: Role
    name: str

    def predict(self, split: Split, asked: Mapping[str, Indices]) -> dict[str, Floats]:
        """Return probabilities or values (P, C) of the places of some examples, by the name of their part."""


class Constant:
    """Says of every place what is most frequent, or the mean."""

    role: Role = "constant"

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self.name = baselines.name_of_constant(examples.task)

    def predict(self, split: Split, asked: Mapping[str, Indices]) -> dict[str, Floats]:
        """See `Rival`."""
        truth = self._examples.truth_of(split.training_side)
        places = {name: len(self._examples.places(chosen)) for name, chosen in asked.items()}
        return {name: baselines.constant(self._examples.task, truth, count) for name, count in places.items()}


class Linear:
    """A linear model on the residues alone."""

    role: Role = "linear"

    def __init__(self, examples: Examples, balanced: bool) -> None:
        self._examples, self._balanced = examples, balanced
        self.name = baselines.name_of_simple(examples.task)

    def predict(self, split: Split, asked: Mapping[str, Indices]) -> dict[str, Floats]:
        """See `Rival`."""
        examples = self._examples
        items, names = examples.items, list(asked)
        learned, wanted = (
            [items[index].sequences for index in chosen]
            for chosen in (split.train, np.concatenate([asked[name] for name in names]))
        )
        truth = examples.truth_of(split.train)
        found = baselines.linear_model(examples.task, learned, truth, wanted, self._balanced)
        borders = np.cumsum([len(examples.places(asked[name])) for name in names])[:-1]
        return dict(zip(names, np.split(as_in_nature(examples, split, found), borders), strict=True))


class Homologue:
    """Says what is known of the nearest relatives that MMseqs2 finds."""

    role: Role = "homologue"
    name = HOMOLOGUE

    def __init__(self, examples: Examples) -> None:
        self._examples = examples

    def predict(self, split: Split, asked: Mapping[str, Indices]) -> dict[str, Floats]:
        """See `Rival`."""
        examples = self._examples
        constant = baselines.constant(examples.task, examples.truth_of(split.train), 1)[0]
        found = {name: by_relatives(examples, split.train, chosen, constant) for name, chosen in asked.items()}
        return {name: as_in_nature(examples, split, said) for name, said in found.items()}


class Frozen:
    """The same head on what the language model gives untuned."""

    role: Role = "frozen"
    name = FROZEN

    def __init__(self, files: ModelFiles, examples: Examples, plan: Plan, device: torch.device) -> None:
        training = plan.training
        self._seed = training.seed
        patient = replace(
            training,
            learning_rate=RATES["head"],
            head_factor=1.0,
            epochs=max(training.epochs, _EPOCHS_OF_HEAD),
            patience=max(training.patience, _PATIENCE_OF_HEAD),
        )
        shape = Shape(plan.shape.task, "head", plan.shape.pooling, None)
        alone = replace(plan, shape=shape, training=patient, seeds=1, start=None, checkpoint=nowhere)
        self._trainer = Trainer(files, examples, alone, device, alone=True)

    def predict(self, split: Split, asked: Mapping[str, Indices]) -> dict[str, Floats]:
        """See `Rival`."""
        fitted = self._trainer.fit(Round(FROZEN, "seed", self._seed, split))
        return {name: self._trainer.predict(fitted, chosen) for name, chosen in asked.items()}


def simple_rivals(examples: Examples, plan: Plan) -> list[Rival]:
    """Return those that take no time."""
    return [Constant(examples), Linear(examples, plan.training.loss.balanced)]


def all_rivals(files: ModelFiles, examples: Examples, plan: Plan, device: torch.device) -> list[Rival]:
    """Return all rivals of a plan: a frozen model has no frozen rival, and without MMseqs2 there is no search."""
    found = simple_rivals(examples, plan)
    if mmseqs.is_installed():
        found.append(Homologue(examples))
    if plan.shape.method != "head":
        found.append(Frozen(files, examples, plan, device))
    return found


def answers_of(rivals: Sequence[Rival], split: Split, asked: Mapping[str, Indices]) -> dict[str, dict[str, Floats]]:
    """Return what each rival, by its name, says of each part."""
    found = {}
    for rival in rivals:
        began = time.monotonic()
        found[rival.name] = rival.predict(split, asked)
        log.info("%s: %.1f s", rival.name, time.monotonic() - began)
    return found
