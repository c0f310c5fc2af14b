"""Small labelled examples of every kind, and settings to learn from them."""

import random

import numpy as np

from plmkit.data.rows import Rows, rows_of
from plmkit.data.task import Kind, Unit
from plmkit.learning.lessons import Labelled, TrainingSettings

LENGTHS = list(range(4, 40, 3))


def sequences(count: int = 12, seed: int = 2) -> list[str]:
    """Sequences of unequal length."""
    generator = random.Random(seed)
    lengths = [LENGTHS[number % len(LENGTHS)] for number in range(count)]
    return ["".join(generator.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for length in lengths]


def settings(**changes: object) -> TrainingSettings:
    usual: dict[str, object] = {
        "epochs": 4,
        "patience": 4,
        "learning_rate": 0.01,
        "batch_size": 6,
        "batch_tokens": 10_000,
        "select_by": "loss",
        "seed": 1,
    }
    return TrainingSettings(**(usual | changes))  # type: ignore[arg-type]


def examples(kind: Kind = "classification", unit: Unit = "protein", count: int = 12) -> tuple[Rows, Labelled]:
    """Twelve examples whose labels follow from their residues; a fifth of several labels is unknown."""
    texts = sequences(count)
    rows = rows_of([(text, texts[number - 1]) if unit == "pair" else (text,) for number, text in enumerate(texts)])
    sizes = np.array([len(text) if unit == "residue" else 1 for text in texts])
    chance = np.random.default_rng(3)
    if kind == "classification":
        truth = chance.integers(3, size=(sizes.sum(), 1)).astype(np.float32)
        truth[:3, 0] = [0, 1, 2]
    else:
        truth = chance.normal(5, 2, size=(sizes.sum(), 3)).astype(np.float32)
        truth = (truth > 5).astype(np.float32) if kind == "multilabel" else truth
        truth[chance.random(truth.shape) < 0.2] = np.nan
        truth[0] = 1.0
    weights = chance.uniform(0.5, 2, len(texts)).astype(np.float32)
    return rows, Labelled(rows.chains, truth, sizes, weights)
