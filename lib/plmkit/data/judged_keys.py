"""Tell the rows of a table apart by the names of proteins, and by the positions of residues where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plmkit.data.columns import ASIDE, optional
from plmkit.data.table import MISSING_CELLS, Table
from plmkit.errors import UserError, raise_problems

# The name of an example, and the position of a residue in it from 1; 0: the example is no residue.
Key = tuple[str, int]

NAMES = ("id", "name", "protein", "accession", "identifier")
POSITIONS = ("position",)


@dataclass(frozen=True)
class Keyed:
    """A table, the row of each key, and the indices of the columns that name its rows."""

    table: Table
    row_of: dict[Key, int]
    columns: frozenset[int]
    is_by_residue: bool

    def cells(self, key: Key) -> tuple[str, ...] | None:
        """Return the cells of an example; of a residue those of its protein where rows are proteins; or None."""
        row = self.row_of.get(key if self.is_by_residue else (key[0], 0))
        return None if row is None else self.table.rows[row]

    def line(self, key: Key) -> int:
        """Return the line of an example that is there."""
        return self.table.lines[self.row_of[key if self.is_by_residue else (key[0], 0)]]


def several(table: Table, wanted: str, option: str) -> tuple[int, ...]:
    """Return the indices of columns given by names or numbers with commas between; each once. Raises UserError."""
    names = [wanted] if table.has_column(wanted) else [name.strip() for name in wanted.split(",")]
    found = tuple(map(table.column, names))
    if len(set(found)) < len(found):
        raise UserError(f"{table.role}: {option} names a column twice ({wanted}); name each once")
    return found


def keyed(table: Table, identifier: str | None, position: str | None, option: str) -> Keyed:
    """Find the names of the rows, and their positions if there is such a column.

    option: the one that names the column of names, for messages. Raises UserError which lists names that are missing or
    stand twice, and positions that are no whole numbers from 1.
    """
    if identifier is not None:
        names_at = several(table, identifier, option)
    else:
        usual = optional(table, None, NAMES)
        names_at = (0 if usual is None else usual,)
    position_at = optional(table, position, POSITIONS)
    row_of: dict[Key, int] = {}
    problems: list[str] = []
    for row, (cells, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        try:
            key = _key(cells, names_at, position_at)
        except ValueError as error:
            problems.append(f"line {line}: {error} {option}")
            continue
        if key in row_of:
            problems.append(_twice(key, line, table.lines[row_of[key]], position_at, option))
        row_of.setdefault(key, row)
    raise_problems(table.role, problems)
    columns = frozenset((*names_at, *(() if position_at is None else (position_at,))))
    return Keyed(table, row_of, columns, position_at is not None)


def _key(cells: Sequence[str], names_at: Sequence[int], position_at: int | None) -> Key:
    """Return the key of a row; raises ValueError, whose text ends before the option to give."""
    names = [cells[at] for at in names_at]
    if not all(names):
        raise ValueError("no name; write one, or choose another")
    if position_at is None:
        return "/".join(names), 0
    text = cells[position_at]
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number.is_integer() or number < 1:
        raise ValueError(f"the position {text!r} is no whole number from 1; mend it, or choose other columns with")
    return "/".join(names), int(number)


def _twice(key: Key, line: int, earlier: int, position_at: int | None, option: str) -> str:
    where = f", position {key[1]}," if position_at is not None else ""
    remedy = "keep one row for each" if position_at is not None else f"keep one row for each, or choose {option}"
    return f"line {line}: {key[0]!r}{where} stands already in line {earlier}; {remedy}"


def of_part(table: Table, part: str) -> tuple[Table, list[str]]:
    """Return the rows of one part of the predictions of plm finetune, and say which were put aside.

    part: its name; "all"; or "auto", the test sets, if there are any, without what plm split could put in no part: of
    such a pair one protein may have been learned from. Raises UserError if the table has no such part.
    """
    at = optional(table, None, ("part",))
    if at is None:
        if part not in ("auto", "all"):
            raise UserError(f"{table.role}: --part {part} needs a column named part; leave it out")
        return table, []
    found = list(dict.fromkeys(cells[at] for cells in table.rows))
    if part not in ("auto", "all") and part not in found:
        raise UserError(f"{table.role}: there is no part {part!r}; the parts are {', '.join(map(repr, found))}")
    tests = [name for name in found if name.lower().startswith("test")]
    true_tests = [name for name in tests if name != ASIDE]
    wanted = {"all": found, "auto": true_tests or tests or found}.get(part, [part])
    if len(wanted) == len(found):
        return table, []
    rows = [row for row, cells in enumerate(table.rows) if cells[at] in wanted]
    kept = replace(table, rows=tuple(table.rows[row] for row in rows), lines=tuple(table.lines[row] for row in rows))
    reasons = [f"those of {ASIDE} may share proteins with the training examples"] if ASIDE in found else []
    reasons += ["validation examples chose the model, so they flatter it"] if len(found) > len(tests) else []
    why = "; ".join([*reasons, "--part all takes them too"])
    others = len(table.rows) - len(rows)
    return kept, [
        f"{table.role}: judged are the {len(rows):,} rows of the part {', '.join(wanted)}; {others:,} of other parts "
        f"are put aside{f' ({why})' if part == 'auto' else ''}"
    ]


def is_missing(cell: str) -> bool:
    """Say whether a cell holds nothing."""
    return cell in MISSING_CELLS
