"""Several labels at once, true and predicted: from words to numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plmkit.data.judged_words import (
    Floats,
    Method,
    Numbers,
    Written,
    all_shares,
    check_count,
    note_absent,
    numbers_in,
    ranked_only,
    refuse_threshold,
)
from plmkit.data.kinds import NAMES_IN_A_CELL, YES, label_order
from plmkit.data.task import Task, Unit
from plmkit.errors import UserError

NO_LABEL = "none"
_HALF = 0.5


def labels_of(
    truth: Written, predictions: Sequence[Written], positive: str | None, unit: Unit, notes: list[str]
) -> Numbers:
    """Several labels at once."""
    labels = _label_names(truth, predictions)
    columns = {label: number for number, label in enumerate(labels)}
    methods = tuple(_labels_method(written, labels, columns, notes) for written in predictions)
    if len(truth.titles) > 1:
        known = [[_yes_or_no(word) for word in cells] for cells in truth.cells]
        matrix = np.full((len(known), len(labels)), np.nan)
        matrix[:, [columns[title] for title in truth.titles]] = np.array(known, dtype=np.float64)
    else:
        matrix = _named(truth, columns)
    return Numbers(Task(unit, "multilabel", labels), 0, matrix, methods, tuple(notes))


def _label_names(truth: Written, predictions: Sequence[Written]) -> tuple[str, ...]:
    names = dict.fromkeys(truth.titles if len(truth.titles) > 1 else ())
    if not names:
        names = dict.fromkeys(sorted(_names_in(truth), key=label_order))
    for written in predictions:
        said = written.titles if len(written.titles) > 1 else sorted(_names_in(written), key=label_order)
        if not names.keys() & set(said):
            raise UserError(
                f"{written.role}: none of the labels predicted (such as {next(iter(said), NO_LABEL)!r}) is among the "
                f"true ones (such as {next(iter(names), NO_LABEL)!r}); name the columns of the labels after them"
            )
        names |= dict.fromkeys(said)
    check_count(truth.role, names)
    return tuple(names)


def _names_in(written: Written) -> set[str]:
    names = {name.strip() for cells in written.cells for name in cells[0].split(NAMES_IN_A_CELL)}
    return names - {"", NO_LABEL}


def _named(written: Written, columns: dict[str, int]) -> Floats:
    matrix = np.zeros((len(written.cells), len(columns)))
    for row, cells in enumerate(written.cells):
        for name in cells[0].split(NAMES_IN_A_CELL):
            if name.strip() in columns:
                matrix[row, columns[name.strip()]] = 1
    return matrix


def _yes_or_no(word: str) -> float:
    return np.nan if not word else float(word.lower() in YES)


def _labels_method(written: Written, labels: Sequence[str], columns: dict[str, int], notes: list[str]) -> Method:
    if len(written.titles) == 1 and written.titles[0] not in columns:
        refuse_threshold(written)
        return Method(_named(written, columns), has_ranks=False)
    values = numbers_in(written)
    are_probabilities = all_shares(values)
    found = np.full((len(values), len(labels)), 0.0 if are_probabilities else np.nextafter(values.min(), -np.inf))
    found[:, [columns[title] for title in written.titles]] = values
    note_absent(written, labels, notes)
    if written.threshold is not None:
        found = found - written.threshold + _HALF
    has_answers = are_probabilities or written.threshold is not None
    if not has_answers:
        notes.append(ranked_only(written))
    return Method(found, has_answers, True, are_probabilities and written.threshold is None, written.threshold)
