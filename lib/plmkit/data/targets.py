"""From cells of labels to numbers: check them, and lay them out as an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from plmkit.data.cells import MISSING, is_number, masked_words, no_label, places_of, problems_of
from plmkit.data.dataset import Truth
from plmkit.data.kinds import NAMES_IN_A_CELL, NO, YES, task_of
from plmkit.data.labelled import Row, Written
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError, raise_problems

_LARGEST = float(np.finfo(np.float32).max)

# Returns the numbers that a word stands for, or says what is wrong with it.
Reader = Callable[[str], list[float] | str]


@dataclass(frozen=True)
class Targets:
    """Rows that bear labels, their truth (P, K), how many places each has, and what was found out, in sentences.

    role: of the input that holds the labels.
    """

    role: str
    task: Task
    rows: list[Row]
    truth: Truth
    sizes: list[int]
    remarks: list[str]


def read_targets(written: Written, unit: Unit, kind: Kind | None, known: Task | None = None) -> Targets:
    """Interpret the labels of all rows.

    kind: what the user says they are; None: found out. known: the task of a tuned model that the labels must fit.
    Raises UserError which lists every label that cannot be read.
    """
    _check_cells(written, unit)
    task, remarks = (known, []) if known is not None else task_of(written, unit, kind)
    truth, sizes = _numbers(written, task)
    return _without_empty(written, task, truth, sizes, remarks)


def _check_cells(written: Written, unit: Unit) -> None:
    """Refuse rows that have too few or too many labels, or none."""
    if all(cell in MISSING for row in written.rows for cell in row.cells):
        raise no_label(written.labels_in)
    # where labels are names divided by ';', none of them may be true
    names = unit != "residue" and any(NAMES_IN_A_CELL in row.cells[0] for row in written.rows)
    hint = "; where none of the labels is true, write ';'" if names else ""
    problems = [problem for row in written.rows for problem in problems_of(row, unit, hint)]
    raise_problems(written.labels_in, problems)


def _numbers(written: Written, task: Task) -> tuple[Truth, list[int]]:
    """Return the truth of all places and the places of each row."""
    sizes = [places_of(row, task.unit) for row in written.rows]
    names = task.kind == "multilabel" and len(written.columns) == 1
    read = _set_of_names(task.labels) if names else _reader(task)
    truth = np.full((sum(sizes), task.columns), np.nan, dtype=np.float32)
    problems: list[str] = []
    for number, column in enumerate(_columns_of(written, task)):
        width = slice(None) if names else slice(number, number + 1)
        for first, row, size in _with_starts(written.rows, sizes):
            words = masked_words(row, column, task.unit)
            problems += _fill(truth[first : first + size, width], words, read, row, task.unit)
    raise_problems(written.labels_in, problems)
    return truth, sizes


def _columns_of(written: Written, task: Task) -> list[int]:
    """Return the column of the input for each label of the task, or the only one; raises UserError if they differ."""
    found = written.columns
    if len(found) == 1 and (task.columns == 1 or task.kind == "multilabel"):
        return [0]
    if set(found) == set(task.labels):
        return [found.index(label) for label in task.labels]
    needed = "one column of labels is" if task.kind == "classification" else f"the columns {', '.join(task.labels)} are"
    raise UserError(f"{written.labels_in}: {needed} needed, found {', '.join(found)}; name them with --label-column")


def _with_starts(rows: Sequence[Row], sizes: Sequence[int]) -> Iterator[tuple[int, Row, int]]:
    first = 0
    for row, size in zip(rows, sizes, strict=True):
        yield first, row, size
        first += size


def _fill(truth: Truth, words: Sequence[str], read: Reader, row: Row, unit: Unit) -> list[str]:
    """Write the numbers of words to truth (places, numbers of each); return the first mistake, if there is one."""
    for place, word in enumerate(words):
        if not word:
            continue
        found = read(word)
        if isinstance(found, str):
            at = f", residue {place + 1}" if unit == "residue" else ""
            return [f"line {row.line}{at}: {found}"]
        truth[place] = found
    return []


def _reader(task: Task) -> Reader:
    if task.kind == "classification":
        number: dict[str, list[float] | str] = {label: [float(index)] for index, label in enumerate(task.labels)}
        known = ", ".join(task.labels[:20]) + (" ..." if len(task.labels) > 20 else "")
        return lambda word: number.get(word, f"the label {word!r} is unknown, the model knows {known}")
    return _yes_or_no if task.kind == "multilabel" else _measured


def _set_of_names(labels: Sequence[str]) -> Reader:
    """Return what reads names divided by ';' as one 0 or 1 for each label."""
    column = {label: index for index, label in enumerate(labels)}
    known = ", ".join(labels[:20]) + (" ..." if len(labels) > 20 else "")

    def read(word: str) -> list[float] | str:
        row = [0.0] * len(labels)
        for name in filter(None, (part.strip() for part in word.split(NAMES_IN_A_CELL))):
            if name not in column:
                return f"the label {name!r} is unknown, the model knows {known}"
            row[column[name]] = 1.0
        return row

    return read


def _yes_or_no(word: str) -> list[float] | str:
    if (lower := word.lower()) in YES | NO:
        return [float(lower in YES)]
    return f"{word!r} is neither 0 nor 1; a column of a multi-label table says whether its label is true"


def _measured(word: str) -> list[float] | str:
    if is_number(word) and abs(value := float(word)) <= _LARGEST:
        return [value]
    return f"{word!r} is not a finite number; regression needs numbers, with a point for the fraction"


def _without_empty(written: Written, task: Task, truth: Truth, sizes: Sequence[int], remarks: Sequence[str]) -> Targets:
    """Leave out rows of which nothing is known, and say so."""
    known = ~np.isnan(truth)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    has_label = np.zeros(len(sizes), dtype=bool)
    has_label[owners[known.any(axis=1)]] = True
    said = [*written.remarks, *remarks]
    if not has_label.any():
        raise no_label(written.labels_in)
    if not has_label.all():
        said.append(f"{written.labels_in}: {int((~has_label).sum())} examples without any label are left out")
    kept = has_label[owners]
    places = "residues" if task.unit == "residue" else "labels"
    if unknown := int((~known[kept]).sum()):
        said.append(f"{written.labels_in}: {unknown} of {known[kept].size} {places} are unknown (not learned from)")
    return Targets(
        written.labels_in,
        task,
        [row for row, has in zip(written.rows, has_label, strict=True) if has],
        truth[kept],
        [size for size, has in zip(sizes, has_label, strict=True) if has],
        said,
    )
