"""Write predictions: one row for each example, or each residue, with its label and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.output.tables import Cell, write_table

Floats = NDArray[np.floating]
_THRESHOLD = 0.5
NO_LABEL = "none"
_BETWEEN_LABELS = "|"


@dataclass(frozen=True)
class Predicted:
    """What was predicted for examples.

    sequences: one for each example, for residues alone. values: (P, C) probabilities or values of all places, in order.
    spread: (P, C) standard deviation over several models; None for one. truth: (P, K), None where it is not known.
    parts: to which part each example belongs; None: that is not told. sets: (P, C) which classes the conformal set of
    each place holds. bounds: (P, C) twice, the lower and the upper end of the interval of each quantity. domain: (N,)
    how far each example lies from the training examples, 0 to 1, and a word for it. None: not told.
    """

    names: Sequence[str]
    sequences: Sequence[str]
    values: Floats
    spread: Floats | None = None
    truth: Floats | None = None
    parts: Sequence[str] | None = None
    sets: NDArray[np.bool_] | None = None
    bounds: tuple[Floats, Floats] | None = None
    domain: Sequence[tuple[float, str]] | None = None


def write_predictions(path: Path, task: Task, predicted: Predicted) -> None:
    """Write id, (position and residue,) the true label where it is known, the predicted one, and each number."""
    write_table(path, _header(task, predicted), _rows(task, predicted))


def answer(task: Task, values: Floats) -> str:
    """Return the label that the probabilities (C,) of one place stand for; several of them divided by ';'."""
    if task.kind == "classification":
        return task.labels[int(values.argmax())]
    found = [label for label, value in zip(task.labels, values, strict=True) if value >= _THRESHOLD]
    return ";".join(found) or NO_LABEL


def _header(task: Task, predicted: Predicted) -> list[str]:
    header = ["id", *(["part"] if predicted.parts is not None else [])]
    header += ["position", "residue"] if task.unit == "residue" else []
    if predicted.truth is not None:
        header += _named("true", task) if task.kind == "regression" else ["label"]
    if task.kind == "regression":
        header += _named("predicted", task)
    else:
        header += ["predicted", *(f"probability_{label}" for label in task.labels)]
    header += [f"spread_{label}" for label in task.labels] if predicted.spread is not None else []
    header += ["set"] if predicted.sets is not None else []
    header += _named("low", task) + _named("high", task) if predicted.bounds is not None else []
    return header + (["domain", "far"] if predicted.domain is not None else [])


def _named(what: str, task: Task) -> list[str]:
    return [what] if len(task.labels) == 1 else [f"{what}_{label}" for label in task.labels]


def _rows(task: Task, predicted: Predicted) -> Iterator[list[Cell]]:
    true_cells = _true_cells(task)
    for place, (example, first) in enumerate(_beginnings(task, predicted)):
        values = predicted.values[place]
        known = [] if predicted.truth is None else true_cells(predicted.truth[place])
        said: list[Cell] = [] if task.kind == "regression" else [answer(task, values)]
        spread = [] if predicted.spread is None else list(map(float, predicted.spread[place]))
        yield [*first, *known, *said, *map(float, values), *spread, *_trust_cells(task, predicted, place, example)]


def _trust_cells(task: Task, predicted: Predicted, place: int, example: int) -> list[Cell]:
    """Return the set or the interval of a place, and how far its example lies from the training examples."""
    cells: list[Cell] = []
    if predicted.sets is not None:
        held = zip(task.labels, predicted.sets[place], strict=True)
        cells.append(_BETWEEN_LABELS.join(label for label, is_inside in held if is_inside))
    for bound in predicted.bounds or ():
        # without a bound: too few validation examples for the level
        cells += [float(value) if np.isfinite(value) else None for value in bound[place]]
    return cells if predicted.domain is None else [*cells, *predicted.domain[example]]


def _beginnings(task: Task, predicted: Predicted) -> Iterator[tuple[int, list[Cell]]]:
    """Yield for each place the number of its example, and the cells which say what it is."""
    for index, name in enumerate(predicted.names):
        part = [] if predicted.parts is None else [predicted.parts[index]]
        if task.unit != "residue":
            yield index, [name, *part]
            continue
        for position, residue in enumerate(predicted.sequences[index], start=1):
            yield index, [name, *part, position, residue]


def _true_cells(task: Task) -> Callable[[Floats], list[Cell]]:
    if task.kind == "regression":
        return lambda truth: [float(value) for value in truth]
    if task.kind == "classification":
        return lambda truth: [None if np.isnan(truth[0]) else task.labels[int(truth[0])]]
    return lambda truth: [None if np.isnan(truth).all() else answer(task, np.nan_to_num(truth))]
