"""Find out from written predictions and truth what kind of task they are about, and turn both into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.cells import is_number
from plmkit.data.kinds import NAMES_IN_A_CELL, NO, YES, label_order
from plmkit.data.negatives import positive_class, usual_negative_label
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError, raise_problems

Floats = NDArray[np.float64]
Cells = Sequence[tuple[str, ...]]

NO_LABEL = "none"
_MOST_NUMBERED_CLASSES = 10
_MOST_LABELS = 1000
_HALF = 0.5


@dataclass(frozen=True)
class Written:
    """What one table says of the examples to judge: titles of the columns, cells and lines of the examples in order.

    threshold: the score from which on the answer is yes; None: not given. option: its name, for messages.
    """

    role: str
    titles: tuple[str, ...]
    cells: Cells
    lines: Sequence[int]
    threshold: float | None = None
    option: str = "--threshold"


@dataclass(frozen=True)
class Method:
    """What one method predicted, as numbers (P, C).

    has_answers: they say which class or label it is, from a probability of one half on; has_ranks: they say more than
    the answer. are_probabilities: all lie between 0 and 1. threshold: where a single score becomes a yes.
    """

    values: Floats
    has_answers: bool = True
    has_ranks: bool = True
    are_probabilities: bool = False
    threshold: float | None = None


@dataclass(frozen=True)
class Numbers:
    """Task, number of the positive class, truth (P, K) with NaN where unknown, one method for each table, remarks."""

    task: Task
    positive: int
    truth: Floats
    methods: tuple[Method, ...]
    notes: tuple[str, ...]


def numbers_of(
    truth: Written, predictions: Sequence[Written], kind: Kind | None, positive: str | None, unit: Unit
) -> Numbers:
    """Turn the cells of examples into numbers. kind: None: found out. Raises UserError which lists what is amiss."""
    found = kind or _kind_of(truth, predictions)
    if positive is not None and found != "classification":
        raise UserError(f"--positive is for two classes, not for {found}; leave it out")
    for written in predictions:
        if written.threshold is not None and found == "regression":
            raise UserError(f"{written.option} is for scores of classes, not for measured numbers; leave it out")
    make = {"classification": _classes, "multilabel": _labels, "regression": _values}[found]
    notes: list[str] = []
    if kind is None and found == "regression":
        notes.append("task: read as measured numbers (regression); --task says otherwise")
    return make(truth, predictions, positive, unit, notes)


def canonical(word: str) -> str:
    """Return one spelling of a whole number, which is a class: 1 for 1.0; other words as they are."""
    return str(int(float(word))) if is_number(word) and float(word).is_integer() else word


def _kind_of(truth: Written, predictions: Sequence[Written]) -> Kind:
    words = {word for cells in truth.cells for word in cells if word}
    if len(truth.titles) > 1:
        if all(word.lower() in YES | NO for word in words):
            return "multilabel"
        if all(map(is_number, words)):
            return "regression"
        strange = next(word for word in sorted(words) if not is_number(word))
        raise UserError(
            f"{truth.role}: several columns of labels must hold 0 and 1 (several labels at once), or measured numbers; "
            f"found {strange!r}"
        )
    titles = {title for written in predictions for title in written.titles if len(written.titles) > 1}
    if any(NAMES_IN_A_CELL in word for word in words) or (NO_LABEL in words and titles and NO_LABEL not in titles):
        return "multilabel"
    if not all(map(is_number, words)) or titles or len(words) <= 2:
        return "classification"
    are_whole = all(float(word).is_integer() for word in words)
    said = {canonical(cells[0]) for written in predictions for cells in written.cells}
    are_classes = are_whole and len(words) <= _MOST_NUMBERED_CLASSES and said <= set(map(canonical, words))
    return "classification" if are_classes else "regression"


def _values(
    truth: Written, predictions: Sequence[Written], positive: str | None, unit: Unit, notes: list[str]
) -> Numbers:
    labels = truth.titles
    is_one = len(labels) == 1
    methods = []
    for written in predictions:
        _check_titles(written, labels, is_one)
        columns = [0] if is_one else [written.titles.index(label) for label in labels]
        methods.append(Method(numbers_in(written)[:, columns], has_answers=False))
    if is_one and len(predictions[0].titles) == 1 and labels[0] in ("label", "true", "truth", "target"):
        labels = ("value",)
    return Numbers(Task(unit, "regression", labels), 0, numbers_in(truth), tuple(methods), tuple(notes))


def _check_titles(written: Written, labels: Sequence[str], is_one: bool) -> None:
    if is_one and len(written.titles) > 1:
        raise UserError(
            f"{written.role}: there is one measured number, but {len(written.titles)} columns of predictions"
        )
    if not is_one and (missing := [label for label in labels if label not in written.titles]):
        raise UserError(
            f"{written.role}: no column of predictions is named after {missing[0]!r}; name one predicted_{missing[0]}"
        )


def _labels(
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
    _check_count(truth.role, names)
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
        _refuse_threshold(written)
        return Method(_named(written, columns), has_ranks=False)
    values = numbers_in(written)
    are_probabilities = _are_probabilities(values)
    found = np.full((len(values), len(labels)), 0.0 if are_probabilities else np.nextafter(values.min(), -np.inf))
    found[:, [columns[title] for title in written.titles]] = values
    _note_absent(written, labels, notes)
    if written.threshold is not None:
        found = found - written.threshold + _HALF
    has_answers = are_probabilities or written.threshold is not None
    if not has_answers:
        notes.append(_ranked_only(written))
    return Method(found, has_answers, True, are_probabilities and written.threshold is None, written.threshold)


def _classes(
    truth: Written, predictions: Sequence[Written], positive: str | None, unit: Unit, notes: list[str]
) -> Numbers:
    """One class of several."""
    if len(truth.titles) > 1:
        raise UserError(f"{truth.role}: classification takes one column of labels; name one with --label-column")
    true = [canonical(cells[0]) for cells in truth.cells]
    labels = _class_names(truth.role, true, predictions)
    if positive is not None:
        labels = _positive_last(labels, positive)
    number = 1 if positive is not None else positive_class(labels, usual_negative_label(labels))
    if len(labels) == 2 and number == 0:
        labels, number = (labels[1], labels[0]), 1
    methods = tuple(_classes_method(written, labels, truth, notes) for written in predictions)
    absent = [label for label in labels if label not in set(true)]
    if absent:
        notes.append(
            f"{truth.role}: no example is truly {', '.join(map(repr, absent[:5]))}; what needs it is not defined"
        )
    column = {label: at for at, label in enumerate(labels)}
    matrix = np.array([[column[word]] for word in true], dtype=np.float64)
    return Numbers(Task(unit, "classification", labels), number, matrix, methods, tuple(notes))


def _class_names(role: str, true: Sequence[str], predictions: Sequence[Written]) -> tuple[str, ...]:
    names = dict.fromkeys(
        canonical(title) for written in predictions if len(written.titles) > 1 for title in written.titles
    )
    is_named = bool(names)
    for written in predictions:
        said = set(map(canonical, written.titles)) if len(written.titles) > 1 else _words_said(written, true)
        if said and not said & set(true):
            raise UserError(
                f"{written.role}: none of the classes predicted (such as {min(said)!r}) is among the true ones (such "
                f"as {true[0]!r}); write them alike, or choose the columns anew"
            )
        names |= dict.fromkeys(sorted(said, key=label_order))
    names |= dict.fromkeys(sorted(set(true), key=label_order))
    labels = tuple(names) if is_named else tuple(sorted(names, key=label_order))
    _check_count(role, labels)
    if len(labels) < 2:
        raise UserError(
            f"{role}: all {len(true):,} examples are of the class {labels[0]!r}; two are needed to tell them apart"
        )
    return labels


def _words_said(written: Written, true: Sequence[str]) -> set[str]:
    """Return the classes that a single column names; none if it holds scores."""
    words = {canonical(cells[0]) for cells in written.cells}
    if words <= set(true) or not all(map(is_number, words)):
        return words
    if len(set(true)) == 1:
        raise UserError(
            f"{written.role}: all {len(true):,} examples are truly {true[0]!r}; to judge scores, both classes "
            "are needed"
        )
    if len(set(true)) != 2:
        raise UserError(
            f"{written.role}: one column of numbers, but {len(set(true))} true classes; a score speaks for one of two "
            "classes: give a column for each class, or --task regression"
        )
    return set()


def _check_count(role: str, labels: object) -> None:
    count = len(labels)  # type: ignore[arg-type]
    if count > _MOST_LABELS:
        raise UserError(f"{role}: {count:,} different labels, {_MOST_LABELS:,} are the most; is this the label column?")


def _positive_last(labels: tuple[str, ...], positive: str) -> tuple[str, ...]:
    if len(labels) != 2:
        raise UserError(f"--positive is for two classes, there are {len(labels)}; leave it out")
    wanted = canonical(positive)
    if wanted not in labels:
        raise UserError(f"--positive {positive}: the classes are {labels[0]!r} and {labels[1]!r}; give one of them")
    return (*(label for label in labels if label != wanted), wanted)


def _classes_method(written: Written, labels: tuple[str, ...], truth: Written, notes: list[str]) -> Method:
    if len(written.titles) > 1:
        return _class_columns(written, labels, notes)
    if _words_said(written, [canonical(cells[0]) for cells in truth.cells]):
        _refuse_threshold(written)
        column = {label: at for at, label in enumerate(labels)}
        answers = [column[canonical(cells[0])] for cells in written.cells]
        return Method(np.eye(len(labels))[answers], has_ranks=False)
    return _one_score(written, labels, notes)


def _class_columns(written: Written, labels: tuple[str, ...], notes: list[str]) -> Method:
    values = numbers_in(written)
    are_probabilities = _are_probabilities(values)
    found = np.full((len(values), len(labels)), 0.0 if are_probabilities else np.nextafter(values.min(), -np.inf))
    found[:, [labels.index(canonical(title)) for title in written.titles]] = values
    _note_absent(written, labels, notes)
    if written.threshold is None:
        return Method(found, are_probabilities=are_probabilities)
    if len(labels) != 2:
        raise UserError(f"{written.option} is for two classes, there are {len(labels)}; leave it out")
    return _by_threshold(found[:, 1], written.threshold, False)


def _one_score(written: Written, labels: tuple[str, ...], notes: list[str]) -> Method:
    """One column of scores speaks for the positive class, the second of the two labels; or for the one in its title."""
    scores = numbers_in(written)[:, 0]
    if canonical(written.titles[0]) == labels[0]:
        if written.threshold is not None:
            raise UserError(f"{written.option}: the scores are those of {labels[0]!r}; add --positive {labels[0]}")
        scores = 1 - scores if _are_probabilities(scores) else -scores
        notes.append(
            f"{written.role}: the scores are those of {labels[0]!r}; turned round, they speak for {labels[1]!r}"
        )
    else:
        notes.append(f"{written.role}: a high score is taken to speak for {labels[1]!r}; --positive says otherwise")
    are_probabilities = _are_probabilities(scores)
    if are_probabilities and written.threshold is None:
        return Method(np.column_stack([1 - scores, scores]), are_probabilities=True)
    if written.threshold is None:
        notes.append(_ranked_only(written))
    return _by_threshold(scores, written.threshold, are_probabilities)


def _by_threshold(scores: Floats, threshold: float | None, are_probabilities: bool) -> Method:
    """The second column ranks; the first one is larger exactly where the answer is no."""
    is_yes = scores >= (np.median(scores) if threshold is None else threshold)
    other = np.where(is_yes, np.nextafter(scores.min(), -np.inf), np.nextafter(scores.max(), np.inf))
    values = np.column_stack([other, scores])
    return Method(values, threshold is not None, True, are_probabilities and threshold is None, threshold)


def _ranked_only(written: Written) -> str:
    return (
        f"{written.role}: the scores do not lie between 0 and 1, so they are ranked but not turned into answers; "
        f"{written.option} does that"
    )


def _refuse_threshold(written: Written) -> None:
    if written.threshold is not None:
        raise UserError(f"{written.option} needs scores, but the {written.role} are classes alone; leave it out")


def _note_absent(written: Written, labels: Sequence[str], notes: list[str]) -> None:
    titles = set(written.titles) | set(map(canonical, written.titles))
    if absent := [label for label in labels if label not in titles]:
        names = ", ".join(map(repr, absent[:5])) + (" ..." if len(absent) > 5 else "")
        notes.append(f"{written.role}: there is no column for {names}, which so is never predicted")


def _are_probabilities(values: Floats) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def numbers_in(written: Written) -> Floats:
    """Return the cells as numbers (P, C), NaN where a cell is empty. Raises UserError which lists the others."""
    try:
        found = np.array([[cell or "nan" for cell in cells] for cells in written.cells], dtype=np.float64)
        if not np.isinf(found).any():
            return found
    except ValueError:
        pass
    raise_problems(
        written.role,
        [
            f"line {line}: {cell!r} is not a finite number; mend it, or choose the columns anew"
            for cells, line in zip(written.cells, written.lines, strict=True)
            for cell in cells
            if cell and not is_number(cell)
        ],
    )
    raise AssertionError("a cell that is no number was not found")
