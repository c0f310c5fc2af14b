"""Ask one or several tuned models about the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.rows import rows_of
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import load_tuned

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Answers:
    """What models say of all places: the mean of their probabilities or values (P, C).

    spread: their standard deviation; None for one model. sizes: (N,) places of each example.
    """

    values: Floats
    spread: Floats | None
    sizes: NDArray[np.int64]

    @property
    def by_example(self) -> list[Floats]:
        """The values (places, C) of each example."""
        return np.split(self.values, self.sizes.cumsum()[:-1])


def ask(
    files: ModelFiles,
    models: Sequence[tuple[Path, Shape]],
    examples: Sequence[tuple[str, ...]],
    device: torch.device,
    budget: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Answers:
    """Return what tuned models on one base model say of examples: of each its one sequence, or the two of a pair.

    models: folders of unpacked bundles, and what they consist of; all of one task. budget: see `Reading`; advance:
    called with the number of examples done, for each model.
    """
    rows = rows_of(examples)
    found = []
    for folder, shape in models:
        model = load_tuned(files, folder, shape, device)
        found.append(model.predict(model.source_to_read(rows.sequences, budget), rows.chains, budget, advance))
    is_residue = models[0][1].task.unit == "residue"
    sizes = np.array([len(example[0]) if is_residue else 1 for example in examples], dtype=np.int64)
    together = np.stack(found)
    spread = together.std(axis=0) if len(models) > 1 else None
    return Answers(together.mean(axis=0, dtype=np.float64).astype(np.float32), spread, sizes)
