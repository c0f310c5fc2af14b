"""Find out what kind of labels an input has, and their names; refuse what cannot be learned."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from plmkit.data.cells import MISSING, is_number, masked_words, no_label, words_of
from plmkit.data.labelled import Written
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError

NAMES_IN_A_CELL = ";"
YES, NO = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "false", "no"})
_MOST_NUMBERED_CLASSES = 10
_MOST_LABELS = 1000
_LONG = 10
_BREAKS = re.compile(r"[\t\r\n]")


def task_of(written: Written, unit: Unit, kind: Kind | None) -> tuple[Task, list[str]]:
    """Return the task, and in sentences what was found out about it.

    kind: what the user says the labels are; None: found out. Raises UserError.
    """
    distinct = [_distinct(written, unit, column) for column in range(len(written.columns))]
    _check_columns(written, distinct)
    found = kind or _kind_of(written, unit, distinct)
    task = Task(unit, found, _labels_of(written, unit, found, distinct))
    return task, [] if kind or not (told := _found_out(written, found, distinct)) else [told]


def label_order(label: str) -> tuple[int, float, str]:
    """Sort numbers by value, then words by alphabet."""
    return (0, float(label), label) if is_number(label) else (1, 0.0, label)


def _distinct(written: Written, unit: Unit, column: int) -> set[str]:
    found: set[str] = set()
    for row in written.rows:
        found.update(masked_words(row, column, unit))
    return found - {""}


def _check_columns(written: Written, distinct: Sequence[set[str]]) -> None:
    if not any(distinct):
        raise no_label(written.labels_in)
    for name, found in zip(written.columns, distinct, strict=True):
        if not found:
            raise UserError(f"{written.labels_in}: column {name!r} holds no label; leave it out of --label-column")


def _kind_of(written: Written, unit: Unit, distinct: Sequence[set[str]]) -> Kind:
    together = set().union(*distinct)
    if len(distinct) > 1:
        return _kind_of_columns(written, together)
    if unit in ("protein", "window"):
        _check_not_of_residues(written)
    if unit != "residue" and any(NAMES_IN_A_CELL in word for word in together):
        return "multilabel"
    if not all(map(is_number, together)):
        _check_no_numbers(written, unit, together)
        return "classification"
    are_whole = all(float(word).is_integer() for word in together)
    return "classification" if len(together) <= (_MOST_NUMBERED_CLASSES if are_whole else 2) else "regression"


def _kind_of_columns(written: Written, together: set[str]) -> Kind:
    if all(word.lower() in YES | NO for word in together):
        return "multilabel"
    if all(map(is_number, together)):
        return "regression"
    strange = next(word for word in sorted(together) if not is_number(word))
    raise UserError(
        f"{written.labels_in}: several columns of labels must hold 0 and 1 (multi-label), or numbers (regression), "
        f"found {strange!r}; for classes, tune one model for each column"
    )


def _check_not_of_residues(written: Written) -> None:
    """Refuse cells that all have as many letters or words as there are residues: they are no names of classes."""
    rows = [row for row in written.rows if row.cells[0] not in MISSING]
    if all(_LONG <= len(row.sequences[0]) == len(words_of(row.cells[0], "residue")) for row in rows):
        raise UserError(
            f"{written.labels_in}: every example has as many labels as residues; give --unit residue, or say with "
            "--task what the labels are"
        )


def _check_no_numbers(written: Written, unit: Unit, together: set[str]) -> None:
    """Refuse measured numbers which a few slips, or decimal commas, would make classes."""
    like_numbers = sum(is_number(word.replace(",", ".")) for word in together)
    if like_numbers <= max(_MOST_NUMBERED_CLASSES, len(together) // 2):
        return
    line, strange = next(
        (row.line, word) for row in written.rows for word in masked_words(row, 0, unit) if word and not is_number(word)
    )
    raise UserError(
        f"{written.labels_in}, line {line}: the label {strange!r} is no number, but most labels look like numbers; "
        "write a number, with a point for the fraction, or give --task classification"
    )


def _labels_of(written: Written, unit: Unit, kind: Kind, distinct: Sequence[set[str]]) -> tuple[str, ...]:
    if kind == "classification":
        if len(distinct) > 1:
            raise UserError(
                f"{written.labels_in}: classification takes one column of labels; name one with --label-column"
            )
        labels = tuple(sorted(distinct[0], key=label_order))
        _check_classes(written, labels)
        _check_names(written.labels_in, labels, unit)
        return labels
    if kind == "multilabel" and len(distinct) == 1:
        return _names_in_cells(written, unit, distinct[0])
    if kind == "regression":
        _check_values(written, distinct)
    return written.columns


def _names_in_cells(written: Written, unit: Unit, distinct: set[str]) -> tuple[str, ...]:
    names = {name.strip() for word in distinct for name in word.split(NAMES_IN_A_CELL)} - {""}
    if len(names) < 2 or all(word.lower() in YES | NO for word in distinct):
        raise UserError(
            f"{written.labels_in}: several labels at once (multi-label) need names divided by ';' in one column, or a "
            "column of 0 and 1 for each label; for one label give --task classification"
        )
    labels = tuple(sorted(names, key=label_order))
    _check_names(written.labels_in, labels, unit)
    return labels


def _check_classes(written: Written, labels: Sequence[str]) -> None:
    if len(labels) < 2:
        raise UserError(
            f"{written.labels_in}: all {len(written.rows)} examples have the label {labels[0]!r}; "
            "classification needs at least two different labels"
        )


def _check_names(role: str, labels: Sequence[str], unit: Unit) -> None:
    if len(labels) > _MOST_LABELS:
        raise UserError(
            f"{role}: {len(labels)} different labels, {_MOST_LABELS} are the most; labels need many examples each "
            "(is this the label column?)"
        )
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        spellings[_spelling(label)].add(label)
    if broken := next((label for label in labels if _BREAKS.search(label)), None):
        raise UserError(f"{role}: the label {broken!r} holds a tab or a line break; take it out")
    for same in spellings.values():
        # of residues, upper and lower case letters are different marks
        if len(same) > 1 and (unit != "residue" or max(map(len, same)) > 1):
            names = ", ".join(repr(label) for label in sorted(same))
            raise UserError(f"{role}: {names} are spellings of one label; write it in one way")


def _spelling(label: str) -> str:
    """Return what spellings of a label have in common; of 1.1 and 1.10, which may be chapters, nothing."""
    if is_number(label) and float(label).is_integer():
        return str(int(float(label)))
    return " ".join(label.lower().split())


def _check_values(written: Written, distinct: Sequence[set[str]]) -> None:
    for name, found in zip(written.columns, distinct, strict=True):
        if all(map(is_number, found)) and len(set(map(float, found))) == 1:
            raise UserError(
                f"{written.labels_in}: all values of column {name!r} are {next(iter(found))}; "
                "regression needs different values"
            )


def _found_out(written: Written, kind: Kind, distinct: Sequence[set[str]]) -> str:
    """Say which kind was found out, so that nobody is taken by surprise; "" where there was no doubt."""
    if kind == "classification":
        if len(distinct[0]) <= 2 or not all(map(is_number, distinct[0])):
            return ""
        what = f"{len(distinct[0])} classes, not as measured numbers"
    elif kind == "multilabel":
        what = "several labels at once (multi-label)"
    else:
        what = f"numbers to be predicted (regression, {max(map(len, distinct))} different values)"
    return f"{written.labels_in}: read as {what}; --task says otherwise"
