"""What is explained of an example where nothing, or not all, is said by the user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task


@dataclass(frozen=True)
class Target:
    """What is explained of an example: label and residue (from 0, None: the whole), and what the model says of it.

    value: the calibrated probability, or the measured value.
    """

    label: int
    place: int | None
    is_predicted: bool
    value: float


def target_of(
    task: Task, values: NDArray[np.floating], label: int | None, position: int | None, positive: int = 1
) -> Target:
    """Choose what to explain of an example; values: (places, C), one place but for residues; position: from 1.

    Without a label: the predicted one; of measured quantities the first. Without a position: the residue where the
    label is most probable; of two classes that is the positive one, of more the one which is surest anywhere.
    """
    place = 0 if task.unit != "residue" else None if position is None else position - 1
    if label is None and task.kind == "regression":
        label = 0
    if label is None and place is None and task.is_binary:
        label = positive
    if place is None:
        place = int((values.max(axis=1) if label is None else values[:, label]).argmax())
    if label is None:
        label = int(values[place].argmax())
    value = float(values[place, label])
    is_predicted = {
        "classification": label == int(values[place].argmax()),
        "multilabel": value >= 0.5,
        "regression": True,
    }[task.kind]
    return Target(label, place if task.unit == "residue" else None, is_predicted, value)
