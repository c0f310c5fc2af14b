"""Write predictions: one row for each protein with its label and the probability of every label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plmkit.output.tables import write_table


def write_predictions(
    path: Path,
    names: Sequence[str],
    labels: Sequence[str],
    probabilities: NDArray[np.float32],
    truth: Sequence[str] | None,
) -> None:
    """Write id, the true label where it is known, the most probable label and each label's probability."""
    header = ["id", *(["label"] if truth else []), "predicted", *(f"probability_{label}" for label in labels)]

    def row(index: int, name: str, shares: NDArray[np.float32]) -> list[str | float]:
        known = [truth[index]] if truth else []
        return [name, *known, labels[int(shares.argmax())], *map(float, shares)]

    write_table(path, header, (row(index, *pair) for index, pair in enumerate(zip(names, probabilities, strict=True))))
