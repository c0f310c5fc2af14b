"""Read labels of named proteins: one row for each label, several rows for a protein with several labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from plmkit.data.table import MISSING_CELLS, read_table
from plmkit.errors import UserError


@dataclass(frozen=True)
class Labels:
    """The labels of each protein that has any, in the order of the table."""

    role: str
    of: dict[str, tuple[str, ...]]
    without: int
    strangers: int

    def notes(self, owners: str) -> list[str]:
        """Say which proteins have no label and which rows were of no use."""
        notes = [f"{self.role}: {self.without} of the {owners} have none"] if self.without else []
        if self.strangers:
            notes.append(f"{self.role}: {self.strangers} rows passed over, their ids are not among the {owners}")
        return notes


def read_labels(
    path: Path, role: str, names: Collection[str], owners: str, identifier: str | None, label: str
) -> Labels:
    """Read the labels of the proteins called names; owners says who they are in messages ("references").

    identifier: column of the names; None: the column "id" if there is one, else the first. Rows of other proteins and
    rows without a label are passed over. Raises UserError for an unknown column, and if no protein has a label.
    """
    table = read_table(path, role)
    default = table.column("id") if table.has_column("id") else 0
    name_at = default if identifier is None else table.column(identifier)
    label_at = table.column(label)
    if name_at == label_at:
        raise UserError(f"{role}: column {label_at + 1} cannot hold both the ids and the labels; give two columns")
    known = frozenset(names)
    # a dict keeps the order and drops a label that is repeated
    of: dict[str, dict[str, None]] = {}
    strangers = 0
    for row in table.rows:
        if row[name_at] not in known:
            strangers += 1
        elif row[label_at] not in MISSING_CELLS:
            of.setdefault(row[name_at], {})[row[label_at]] = None
    if strangers == len(table.rows):
        first = next(iter(names))
        raise UserError(
            f"{role}: none of the ids (such as {table.rows[0][name_at]!r}) is among the {owners} (such as {first!r}); "
            "give the right --identifier-column, or the table of these proteins"
        )
    if not of:
        raise UserError(f"{role}: no row has a label; give the right --label-column")
    return Labels(role, {name: tuple(found) for name, found in of.items()}, len(known) - len(of), strangers)
