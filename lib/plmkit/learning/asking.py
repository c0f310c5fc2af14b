"""Ask one or several tuned models about the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.rows import rows_of
from plmkit.data.task import Task
from plmkit.learning.trust import Trust
from plmkit.models.bundle import Bundle
from plmkit.models.seen import predict_and_see
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel, load_tuned

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Answers:
    """What models say of all places: the mean of their calibrated probabilities, or of their values (P, C).

    spread: their standard deviation; None for one model. sizes: (N,) places of each example. farther: (N,) the share of
    the validation examples that lie nearer to the training examples, the largest of all models; None: a model has no
    record of its training examples.
    """

    values: Floats
    spread: Floats | None
    sizes: NDArray[np.int64]
    farther: Floats | None = None

    @property
    def by_example(self) -> list[Floats]:
        """The values (places, C) of each example."""
        return np.split(self.values, self.sizes.cumsum()[:-1])


def ask(
    files: ModelFiles,
    models: Sequence[tuple[Bundle, Trust]],
    examples: Sequence[tuple[str, ...]],
    device: torch.device,
    budget: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Answers:
    """Return what tuned models on one base model say of examples: of each its one sequence, or the two of a pair.

    models: unpacked bundles of one task, and how far they can be trusted. budget: see `Reading`; advance: called with
    the number of examples done, for each model.
    """
    sizes = sizes_of(models[0][0].task, examples)
    found, farther = [], []
    for bundle, trust in models:
        model = load_tuned(files, bundle.folder, bundle.shape, device)
        values, shares = answer(model, trust, examples, budget, advance)
        found.append(values)
        if shares is not None:
            farther.append(shares)
    together = np.stack(found)
    return Answers(
        together.mean(axis=0, dtype=np.float64).astype(np.float32),
        together.std(axis=0) if len(models) > 1 else None,
        sizes,
        np.max(farther, axis=0) if len(farther) == len(models) else None,
    )


def sizes_of(task: Task, examples: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
    """Return the places (N,) of each example."""
    return np.array([len(example[0]) if task.unit == "residue" else 1 for example in examples], dtype=np.int64)


def answer(
    model: TunedModel,
    trust: Trust,
    examples: Sequence[tuple[str, ...]],
    budget: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float64] | None]:
    """Return what one loaded model says of examples, calibrated (P, C), and how far these lie (N,), see `Answers`."""
    rows, sizes = rows_of(examples), sizes_of(model.task, examples)
    source = model.source_to_read(rows.sequences, budget)
    values, vectors = predict_and_see(model, source, rows.chains, sizes.tolist(), budget, advance)
    farther = None if trust.domain is None else trust.domain.shares(vectors)
    return trust.calibrated(values).astype(np.float32), farther
