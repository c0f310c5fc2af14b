"""Models to tune, on the small language model of these tests, and what they say."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.rows import rows_of
from plmkit.data.task import Kind, Task, Unit
from plmkit.models.shape import AdapterSettings, HeadPooling, Method, Shape, default_pooling
from plmkit.models.source import open_model
from plmkit.models.tuned import TunedModel, fresh_model, load_tuned

CPU = torch.device("cpu")


def shape(
    kind: Kind = "classification",
    unit: Unit = "protein",
    method: Method = "lora",
    pooling: HeadPooling | None = None,
    labels: str = "abc",
    dropout: float = 0.0,
    layers: int | None = None,
) -> Shape:
    task = Task(unit, kind, tuple(labels))
    adapter = None
    if method not in ("head", "full"):
        adapter = AdapterSettings(method, rank=4, alpha=8, dropout=dropout, layers=layers)  # type: ignore[arg-type]
    return Shape(task, method, pooling or default_pooling(task), adapter)


def fresh(folder: Path, wanted: Shape, head_dropout: float = 0.0, seed: int = 1) -> TunedModel:
    with open_model(str(folder), None) as files:
        return fresh_model(files, wanted, head_dropout, seed, CPU)


def reloaded(folder: Path, saved: Path, wanted: Shape) -> TunedModel:
    with open_model(str(folder), None) as files:
        return load_tuned(files, saved, wanted, CPU)


def moved_by_chance(model: TunedModel, spread: float = 0.2) -> TunedModel:
    """Change all that is learned, as if it had been."""
    torch.manual_seed(7)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight), alpha=spread)
    return model


def said(model: TunedModel, examples: Sequence[tuple[str, ...]], budget: int | None = None) -> NDArray[np.float32]:
    """What a model says of examples which it reads once."""
    rows = rows_of(examples)
    return model.predict(model.source_to_read(rows.sequences, budget), rows.chains, budget)


def alone(sequences: Sequence[str]) -> list[tuple[str, ...]]:
    return [(sequence,) for sequence in sequences]
