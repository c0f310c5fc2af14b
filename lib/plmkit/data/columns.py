"""Find out which column of a table holds what."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from plmkit.data.table import MISSING_CELLS, Table
from plmkit.errors import UserError

# What a table is read for: to learn from, to compare predictions with, or to be told its labels.
Purpose = Literal["learn", "compare", "ask"]

# The names of columns that are taken unless the user names others; the first that is there.
SEQUENCE = ("sequence", "protein", "mutated_sequence", "sequence_1", "protein_1", "seq")
PARTNER = ("sequence_2", "protein_2", "partner")
FIRST_NAME = ("a", "id_1", "name_1", "protein_1", "id", "name")
SECOND_NAME = ("b", "id_2", "name_2", "protein_2", "partner")
_LABEL = ("label", "labels", "target", "DMS_score")
LABEL_TITLE = "label_"  # each of several labels at once has a column with its name after this
_GROUP, _SPLIT, _WEIGHT, _MASK = ("group",), ("split", "stage", "set"), ("weight",), ("mask",)
# FLIP marks validation in a column beside the one that says train or test.
_VALIDATION = "validation"
_YES, _YES_OR_NO = "true", frozenset({"true", "false"})

# What can be in no part. A name that begins with test, so that plm finetune never learns from it.
ASIDE = "test_aside"
_PARTS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
}


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what; names or numbers from 1. None: a usual name, if it is there.

    label: one column, or several divided by commas. partner: the second protein of a pair. likely: columns of labels
    that are taken before the usual names, if all of them are there.
    """

    sequence: str | None = None
    label: str | None = None
    identifier: str | None = None
    partner: str | None = None
    group: str | None = None
    split: str | None = None
    weight: str | None = None
    mask: str | None = None
    likely: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where a table holds what is told of its examples, as indices of its columns."""

    labels: tuple[int, ...] = ()
    group: int | None = None
    split: int | None = None
    validation: int | None = None
    weight: int | None = None
    mask: int | None = None


def places_in(table: Table, columns: Columns, remarks: list[str], purpose: Purpose) -> Places:
    """Find the columns that are needed; remarks receives what the user may not expect. Raises UserError."""
    if purpose == "ask":
        return Places()
    labels = _label_columns(table, columns)
    group, mask = optional(table, columns.group, _GROUP), optional(table, columns.mask, _MASK)
    if purpose == "compare":
        return Places(labels, group, mask=mask)
    split = _split_column(table, columns.split, remarks)
    return Places(
        labels, group, split, _validation_column(table, split), _weight_column(table, columns.weight, remarks), mask
    )


def optional(table: Table, wanted: str | None, usual: tuple[str, ...]) -> int | None:
    """Return the wanted column, or else the first usual one that is there; raises UserError if it is there twice."""
    if wanted is not None:
        return table.column(wanted)
    return next((table.column(name) for name in usual if table.has_column(name) or name in table.header), None)


def required(table: Table, wanted: str | None, usual: tuple[str, ...], what: str, option: str) -> int:
    """Return a column as `optional`; raises UserError, which names the option, if there is none."""
    found = optional(table, wanted, usual)
    if found is None:
        names = ", ".join(repr(name) for name in table.header)
        raise UserError(f"{table.role}: which column holds the {what}? Name it with {option}; the columns are {names}")
    return found


def part_of(text: str) -> str | None:
    """Return "train", "valid", or the name of a test set; None for any other word."""
    word = text.strip().lower()
    return word if word.startswith("test") else _PARTS.get(word)


def label_of(title: str) -> str:
    """Return the name of the label that a column holds: its title, without label_ before it."""
    return title[len(LABEL_TITLE) :] or title if title.lower().startswith(LABEL_TITLE) else title


def weight_of(text: str) -> float | None:
    """Return a number above 0; None for anything else."""
    try:
        weight = float(text)
    except ValueError:
        return None
    return weight if 0 < weight < math.inf else None


def _label_columns(table: Table, columns: Columns) -> tuple[int, ...]:
    wanted = columns.label
    if wanted is None and columns.likely and all(map(table.has_column, columns.likely)):
        return tuple(map(table.column, columns.likely))
    found = _usual_labels(table) if wanted is None else _named_labels(table, wanted)
    titles = [label_of(table.header[index]) for index in found]
    if len(titles) > 1 and len(set(titles)) < len(titles):
        raise UserError(f"{table.role}: columns of labels have one title ({', '.join(titles)}); give each its own")
    return found


def _usual_labels(table: Table) -> tuple[int, ...]:
    """Return the usual column of labels, or else all whose titles begin with label_."""
    several = tuple(index for index, title in enumerate(table.header) if label_of(title) != title)
    if several and optional(table, None, _LABEL) is None:
        return several
    return (required(table, None, _LABEL, "labels", "--label-column"),)


def _named_labels(table: Table, wanted: str) -> tuple[int, ...]:
    names = [wanted] if table.has_column(wanted) else [name.strip() for name in wanted.split(",")]
    found = tuple(map(table.column, names))
    if len(set(found)) < len(found):
        raise UserError(f"{table.role}: --label-column names a column twice ({wanted}); name each once")
    return found


def _split_column(table: Table, wanted: str | None, remarks: list[str]) -> int | None:
    return _fitting(table, wanted, _SPLIT, part_of, "none of its values is train, valid or test", remarks)


def _weight_column(table: Table, wanted: str | None, remarks: list[str]) -> int | None:
    found = _fitting(table, wanted, _WEIGHT, weight_of, "none of its values is a number above 0", remarks)
    if found is not None and wanted is None:
        remarks.append(f"{table.role}: column {table.header[found]!r} says how much each example counts")
    return found


def _fitting(
    table: Table,
    wanted: str | None,
    usual: tuple[str, ...],
    meaning: Callable[[str], object],
    otherwise: str,
    remarks: list[str],
) -> int | None:
    """Return the wanted column, or one of a usual name unless all its cells show that it means something else."""
    found = optional(table, wanted, usual)
    if wanted is not None or found is None or any(meaning(row[found]) is not None for row in table.rows):
        return found
    remarks.append(f"{table.role}: column {table.header[found]!r} is not used: {otherwise}")
    return None


def _validation_column(table: Table, split: int | None) -> int | None:
    if split is None or not table.has_column(_VALIDATION):
        return None
    found = table.column(_VALIDATION)
    cells = {row[found].lower() for row in table.rows if row[found] not in MISSING_CELLS}
    return found if found != split and cells and cells <= _YES_OR_NO else None


def part_in(cells: tuple[str, ...], places: Places) -> str | None:
    """Return the part that a row belongs to; None: none is given. Raises ValueError for an odd word."""
    if places.split is None:
        return None
    if (part := part_of(cells[places.split])) is None:
        raise ValueError(f"{cells[places.split]!r} is none of train, valid and test; write one of these words")
    if part == "train" and places.validation is not None and cells[places.validation].lower() == _YES:
        return "valid"
    return part
