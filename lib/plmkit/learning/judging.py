"""Compare predictions with the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import source_protein
from plmkit.data.fasta import Proteins
from plmkit.data.negatives import positive_class
from plmkit.learning.metrics import Estimate, estimates


def judge(
    proteins: Proteins,
    truth: Sequence[str],
    labels: Sequence[str],
    negative: str | None,
    probabilities: NDArray[np.float32],
) -> dict[str, Estimate]:
    """Return the metrics of probabilities (proteins, C) with intervals over source proteins."""
    number = {label: index for index, label in enumerate(labels)}
    numbers = np.array([number[label] for label in truth])
    _, groups = np.unique([source_protein(name) for name in proteins.names], return_inverse=True)
    return estimates(numbers, probabilities, groups, positive_class(labels, negative))
