"""One class of several, true and predicted: from words and scores to numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plmkit.data.cells import is_number
from plmkit.data.judged_words import (
    Floats,
    Method,
    Numbers,
    Written,
    all_shares,
    canonical,
    check_count,
    note_absent,
    numbers_in,
    ranked_only,
    refuse_threshold,
)
from plmkit.data.kinds import label_order
from plmkit.data.negatives import positive_class, usual_negative_label
from plmkit.data.task import Task, Unit
from plmkit.errors import UserError


def classes_of(
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
    check_count(role, labels)
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
        refuse_threshold(written)
        column = {label: at for at, label in enumerate(labels)}
        answers = [column[canonical(cells[0])] for cells in written.cells]
        return Method(np.eye(len(labels))[answers], has_ranks=False)
    return _one_score(written, labels, notes)


def _class_columns(written: Written, labels: tuple[str, ...], notes: list[str]) -> Method:
    values = numbers_in(written)
    are_probabilities = all_shares(values)
    found = np.full((len(values), len(labels)), 0.0 if are_probabilities else np.nextafter(values.min(), -np.inf))
    found[:, [labels.index(canonical(title)) for title in written.titles]] = values
    note_absent(written, labels, notes)
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
        scores = 1 - scores if all_shares(scores) else -scores
        notes.append(
            f"{written.role}: the scores are those of {labels[0]!r}; turned round, they speak for {labels[1]!r}"
        )
    else:
        notes.append(f"{written.role}: a high score is taken to speak for {labels[1]!r}; --positive says otherwise")
    are_probabilities = all_shares(scores)
    if are_probabilities and written.threshold is None:
        return Method(np.column_stack([1 - scores, scores]), are_probabilities=True)
    if written.threshold is None:
        notes.append(ranked_only(written))
    return _by_threshold(scores, written.threshold, are_probabilities)


def _by_threshold(scores: Floats, threshold: float | None, are_probabilities: bool) -> Method:
    """The second column ranks; the first one is larger exactly where the answer is no."""
    is_yes = scores >= (np.median(scores) if threshold is None else threshold)
    other = np.where(is_yes, np.nextafter(scores.min(), -np.inf), np.nextafter(scores.max(), np.inf))
    values = np.column_stack([other, scores])
    return Method(values, threshold is not None, True, are_probabilities and threshold is None, threshold)
