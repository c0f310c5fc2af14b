"""Find out from written predictions and truth what kind of task they are about, and turn both into numbers."""

from __future__ import annotations

from collections.abc import Sequence

from plmkit.data.cells import is_number
from plmkit.data.judged_classes import classes_of
from plmkit.data.judged_labels import NO_LABEL, labels_of
from plmkit.data.judged_words import Method, Numbers, Written, canonical, numbers_in
from plmkit.data.kinds import NAMES_IN_A_CELL, NO, YES
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError

_MOST_NUMBERED_CLASSES = 10


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
    make = {"classification": classes_of, "multilabel": labels_of, "regression": _values}[found]
    notes: list[str] = []
    if kind is None and found == "regression":
        notes.append("task: read as measured numbers (regression); --task says otherwise")
    return make(truth, predictions, positive, unit, notes)


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
