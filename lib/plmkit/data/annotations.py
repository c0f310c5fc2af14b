"""Join a column of a table to proteins by their names, and tell whether it holds categories or numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from plmkit.data.table import MISSING_CELLS, Table, read_table
from plmkit.errors import UserError, raise_problems

Kind = Literal["auto", "category", "number"]

_ROLE = "metadata"
_MOST_CATEGORIES = 8


@dataclass(frozen=True)
class Annotation:
    """A column's name and, for each protein in order, its cell; None where there is none.

    is_number: the cells are numbers. rows: those of the table. notes: what did not fit together.
    """

    name: str
    cells: tuple[str | None, ...]
    is_number: bool
    rows: int
    notes: tuple[str, ...]

    @property
    def numbers(self) -> list[float]:
        """The cells as numbers, NaN where there is none."""
        return [math.nan if cell is None else float(cell) for cell in self.cells]


def read_annotation(
    path: Path, proteins: Sequence[str], identifier_column: str | None, column: str | None, kind: Kind
) -> Annotation:
    """Read the column of a table for these proteins.

    Raises UserError for columns that do not exist, names that occur twice, a table that names none of the proteins or
    has no value for them, and for cells that are no numbers where numbers are asked for.
    """
    table = read_table(path, _ROLE)
    names_in, cells_in = _columns(table, identifier_column, column)
    row_of = _rows_by_name(table, names_in)
    if not any(name in row_of for name in proteins):
        raise UserError(
            f"{_ROLE}: column {table.header[names_in]!r} holds none of the embedded proteins; it begins with "
            f"{table.rows[0][names_in]!r}, the embeddings with {proteins[0]!r}; choose the column with the same names"
        )
    rows = [row_of.get(name) for name in proteins]
    cells = tuple(None if row is None else _cell(table.rows[row][cells_in]) for row in rows)
    if not any(cell is not None for cell in cells):
        raise UserError(
            f"{_ROLE}: column {table.header[cells_in]!r} has no value for any of the proteins; take another"
        )
    is_number = _is_number_column(cells) if kind == "auto" else kind == "number"
    if is_number:
        raise_problems(_ROLE, _no_numbers(table, rows, cells))
    return Annotation(table.header[cells_in], cells, is_number, len(table.rows), _notes(table, row_of, proteins, cells))


def _columns(table: Table, identifier_column: str | None, column: str | None) -> tuple[int, int]:
    if identifier_column is None:
        identifier_column = "id" if table.has_column("id") else "@1"
    names_in = table.column(identifier_column)
    if column is not None:
        return names_in, table.column(column)
    others = [index for index in range(len(table.header)) if index != names_in]
    if not others:
        raise UserError(f"{_ROLE}: there is one column only; give one with names and one with values")
    return names_in, others[0]


def _rows_by_name(table: Table, names_in: int) -> dict[str, int]:
    row_of: dict[str, int] = {}
    problems = []
    for row, cells in enumerate(table.rows):
        if cells[names_in] in row_of:
            earlier = table.lines[row_of[cells[names_in]]]
            problems.append(
                f"line {table.lines[row]}: {cells[names_in]!r} stands already in line {earlier}; keep one row for each "
                "protein"
            )
        row_of.setdefault(cells[names_in], row)
    raise_problems(_ROLE, problems)
    return row_of


def _cell(text: str) -> str | None:
    return None if text in MISSING_CELLS else text


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _is_number_column(cells: Sequence[str | None]) -> bool:
    values = {cell for cell in cells if cell is not None}
    return len(values) > _MOST_CATEGORIES and all(map(_is_number, values))


def _no_numbers(table: Table, rows: Sequence[int | None], cells: Sequence[str | None]) -> list[str]:
    return [
        f"line {table.lines[row]}: {cell!r} is not a finite number; mend it, or colour by category"
        for row, cell in zip(rows, cells, strict=True)
        if row is not None and cell is not None and not _is_number(cell)
    ]


def _notes(
    table: Table, row_of: dict[str, int], proteins: Sequence[str], cells: Sequence[str | None]
) -> tuple[str, ...]:
    """Say how many proteins and rows found no partner."""
    without_row = sum(name not in row_of for name in proteins)
    without_value = sum(cell is None for cell in cells) - without_row
    without_protein = len(row_of.keys() - set(proteins))
    counted = (
        (without_row, f"no row for {without_row} of {len(proteins)} proteins"),
        (without_value, f"no value for {without_value} of the proteins that have a row"),
        (
            without_protein,
            f"no embedded protein for {without_protein} of its {len(table.rows)} rows, which are left out",
        ),
    )
    return tuple(f"{_ROLE}: {what}" for count, what in counted if count)
