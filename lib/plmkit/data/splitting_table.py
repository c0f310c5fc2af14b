"""What the user gave, row by row as it was, and which example stands in which row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from plmkit.data import columns as wanted
from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.fasta import looks_like_fasta, read_fasta
from plmkit.data.labelled import cleaner_of
from plmkit.data.opening import text_lines
from plmkit.data.states import in_turn
from plmkit.data.table import Table, read_table
from plmkit.errors import UserError

_MUTANT = ("mutant", "mutants", "mutation", "mutations")
_OLD_PART = re.compile(r"(?:(?<=\s)|^)(?:SET|FOLD|VALIDATION)=\S*\s*")
_IN_HEADER = re.compile(r"(?:^|\s)(LABEL|TARGET|MASK)=(\S+)")


@dataclass(frozen=True)
class Layout:
    """A table of the user, or one made of FASTA headers, and the row of each example (N,).

    is_fasta: the labelled sequences are FASTA; is_own: the table is the user's own.
    """

    table: Table
    row_of: tuple[int, ...]
    is_fasta: bool
    is_own: bool

    def cells_of(self, column: int) -> list[str]:
        """Return the cell of each example in a column."""
        return [self.table.rows[row][column] for row in self.row_of]

    def lines(self) -> list[int]:
        """Return the line of the file in which each example stands."""
        return [self.table.lines[row] for row in self.row_of]


def read_layout(path: Path, labels: Path | None, columns: Columns, examples: Examples) -> Layout:
    """Read the rows of an input again, without taking anything out of them; examples: read from the same files."""
    is_fasta = looks_like_fasta(path, examples.role)
    if not is_fasta or labels is not None:
        table = read_table(labels or path, "labels" if labels else examples.role)
        if is_fasta:
            table = _with_sequences(table, path, columns, examples)
        if is_fasta and examples.unit != "pair":
            name_at = wanted.optional(table, columns.identifier, ("id",)) or 0
            row_of_name = {row[name_at]: number for number, row in enumerate(table.rows)}
            return Layout(table, tuple(row_of_name[item.name] for item in examples.items), is_fasta, is_own=True)
        row_of_line = {line: number for number, line in enumerate(table.lines)}
        return Layout(table, tuple(row_of_line[item.line] for item in examples.items), is_fasta, is_own=True)
    table = _of_headers(path, examples)
    row_of = {row[0]: number for number, row in enumerate(table.rows)}
    return Layout(table, tuple(row_of[item.name] for item in examples.items), is_fasta, is_own=False)


def check_new_column(layout: Layout, name: str) -> None:
    """Raise UserError if a table cannot take the column, or would then be misunderstood."""
    table = layout.table
    if any(title.lower() == name for title in table.header):
        remedy = "--method given checks what it says" if name == "split" else "it would be ambiguous"
        raise UserError(f"{table.role}: there is a column {name!r} already; take it out or rename it ({remedy})")
    if name == "split" and any(title.lower() == "validation" for title in table.header):
        raise UserError(
            f"{table.role}: the column 'validation' would turn parts of the new column 'split' into validation; take "
            "it out or rename it"
        )


def mutant_column(layout: Layout, named: str | None) -> int | None:
    """Return the column that tells mutations, if there is one; raises UserError for one that is not there."""
    return wanted.optional(layout.table, named, _MUTANT)


def headers_with(path: Path, role: str, key: str, value_of: Mapping[str, str], otherwise: str) -> Iterator[str]:
    """Yield the lines of a FASTA file, each header with KEY=value for its name; all else stays as it was.

    otherwise: the value of a name without one.
    """
    for line in text_lines(path, role):
        if not line.startswith(">"):
            yield line
            continue
        name, *rest = line[1:].split(maxsplit=1)
        kept = " ".join(filter(None, (name, _OLD_PART.sub("", "".join(rest)).strip())))
        yield f">{kept} {key}={value_of.get(name, otherwise)}"


def _with_sequences(table: Table, path: Path, columns: Columns, examples: Examples) -> Table:
    """Return a table of labels with the sequences that stand beside it, so that it can be learned from alone."""
    titles: tuple[str, ...] = ("sequence",)
    name_at = [wanted.optional(table, columns.identifier, ("id",)) or 0]
    if examples.unit == "pair":
        titles = ("sequence_1", "sequence_2")
        name_at = [
            wanted.optional(table, columns.identifier, wanted.FIRST_NAME) or 0,
            wanted.optional(table, columns.partner, wanted.SECOND_NAME) or 0,
        ]
    if any(table.has_column(title) for title in titles):
        return table
    records = read_fasta(path, examples.role, cleaner_of(examples.unit)).records
    sequence_of = {record.name: in_turn(record.sequence, record.states) for record in records}
    rows = tuple((*cells, *(sequence_of.get(cells[at], "") for at in name_at)) for cells in table.rows)
    return replace(table, header=(*table.header, *titles), rows=rows)


def _of_headers(path: Path, examples: Examples) -> Table:
    """Return a table of FASTA with labels in its headers: name, sequence, label, and mask if there is one."""
    records = read_fasta(path, examples.role, cleaner_of(examples.unit)).records
    found = [dict(_IN_HEADER.findall(record.header)) for record in records]
    rows = [
        (
            record.name,
            in_turn(record.sequence, record.states),
            fields.get("LABEL") or fields.get("TARGET", ""),
            fields.get("MASK", ""),
        )
        for record, fields in zip(records, found, strict=True)
    ]
    header = ("id", "sequence", "label", "mask")
    width = len(header) if any("MASK" in fields for fields in found) else len(header) - 1
    cells = tuple(row[:width] for row in rows)
    return Table(examples.role, header[:width], cells, tuple(record.line for record in records))
