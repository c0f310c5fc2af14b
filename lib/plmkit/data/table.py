"""Read a table with a header line: tab, comma or semicolon; columns by name or by number."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plmkit.data.opening import text_lines
from plmkit.errors import UserError, raise_problems

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = "\t,;"
_LENGTH_OF_SEP = len("sep=;")
_SEQUENCE = re.compile(r"[A-Za-z]{25,}\*?")  # no title of a column is so long a word

# What tables write where there is nothing; letter case counts: Na may be sodium.
MISSING_CELLS = frozenset({"", "NA", "N/A", "#N/A", "nan", "NaN", "NAN", "NULL", "null"})


@dataclass(frozen=True)
class Table:
    """The cells of a table as text: header, rows and each row's line in the file (from 1)."""

    role: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, wanted: str) -> int:
        """Return the index of a column given as @number (from 1), by its name or, failing that, by a bare number."""
        number = wanted.removeprefix("@")
        is_number = number.isdecimal() and 1 <= int(number) <= len(self.header)
        if is_number and wanted != number:
            return int(number) - 1
        if (count := self.header.count(wanted)) == 1:
            return self.header.index(wanted)
        if count > 1:
            raise UserError(f"{self.role}: {count} columns are named {wanted!r}; give the column's number")
        if is_number:
            return int(number) - 1
        if len(found := self._in_any_case(wanted)) == 1:
            return found[0]
        names = ", ".join(repr(name) for name in self.header)
        raise UserError(
            f"{self.role}: there is no column {wanted!r}; the columns are {names}; give the name or number of one"
        )

    def has_column(self, wanted: str) -> bool:
        """Say whether exactly one column bears this name, in whatever case."""
        return self.header.count(wanted) == 1 or len(self._in_any_case(wanted)) == 1

    def _in_any_case(self, wanted: str) -> list[int]:
        return [index for index, name in enumerate(self.header) if name.lower() == wanted.lower()]


def read_table(path: Path, role: str) -> Table:
    """Read a table (plain or compressed); every cell stays the text it was, blank lines are passed over.

    Raises UserError for a table without rows and for rows which are longer or shorter than the header.
    """
    lines = enumerate(text_lines(path, role), start=1)
    header_number, header_line = next((pair for pair in lines if pair[1].strip()), (0, ""))
    delimiter = max(_DELIMITERS, key=header_line.count)
    if header_line.lower().startswith("sep=") and len(header_line) == _LENGTH_OF_SEP:  # so Excel names the delimiter
        delimiter = header_line[-1]
        header_number, header_line = next(lines, (header_number + 1, ""))
    _refuse_sequences(header_line.strip(), role)
    header = tuple(cell.strip() for cell in next(csv.reader([header_line], delimiter=delimiter)))
    reader = csv.reader((line + "\n" for _, line in lines), delimiter=delimiter)
    rows, numbers, problems = [], [], []
    for row in _whole_rows(reader, header_number, role):
        if not any(cell.strip() for cell in row):
            continue
        number = reader.line_num + header_number
        if len(row) != len(header):
            problems.append(
                f"line {number}: {len(row)} cells, but the header has {len(header)}; give every row as many"
            )
        rows.append(tuple(cell.strip() for cell in row))
        numbers.append(number)
    raise_problems(role, problems)
    if not rows:
        raise UserError(f"{role}: the table has no rows below its header; give at least one")
    return Table(role, header, tuple(rows), tuple(numbers))


def _refuse_sequences(header: str, role: str) -> None:
    """Refuse what begins as sequences do: FASTA, or a sequence alone."""
    if header.startswith(">"):
        raise UserError(f"{role}: this looks like FASTA; give a table with a header line")
    if _SEQUENCE.fullmatch(header):
        raise UserError(
            f"{role}: this looks like a sequence alone ({header[:10]}...); write '>' and a name above it where FASTA "
            "is meant, or give a table with a header line"
        )


def _whole_rows(reader: Reader, header_number: int, role: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = reader.line_num + header_number
        raise UserError(
            f"{role}, line {line}: {error}; look for a quotation mark without its partner in or above this line"
        ) from None
