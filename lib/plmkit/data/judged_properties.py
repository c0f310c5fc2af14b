"""Look up what the tables tell of the examples beside prediction and truth."""

from __future__ import annotations

from collections.abc import Sequence

from plmkit.data.cells import MISSING
from plmkit.data.columns import optional
from plmkit.data.judged_keys import Key, Keyed
from plmkit.data.table import Table
from plmkit.errors import UserError


def column_of(
    tables: Sequence[Keyed], wanted: str | None, usual: tuple[str, ...], keys: Sequence[Key], option: str
) -> tuple[str, list[str]] | None:
    """Return title and cells ("" where empty) of a column which one of the tables has; None if none has a usual one.

    Raises UserError if the wanted one is in no table.
    """
    for table in tables:
        at = _column_in(table.table, wanted, usual)
        if at is not None:
            rows = (table.cells(key) for key in keys)
            cells = ["" if row is None or row[at] in MISSING else row[at] for row in rows]
            return table.table.header[at], cells
    if wanted is None:
        return None
    names = ", ".join(repr(name) for table in tables for name in table.table.header)
    raise UserError(f"{option} {wanted}: there is no such column; the columns are {names}")


def _column_in(table: Table, wanted: str | None, usual: tuple[str, ...]) -> int | None:
    if wanted is None:
        return optional(table, None, usual)
    is_number = wanted.startswith("@") or wanted.isdecimal()
    return table.column(wanted) if is_number or table.has_column(wanted) else None
