"""Read a table of sites: a row for each, with the protein, the position and, if it is told, what is known of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plmkit.data.columns import optional, part_of, required
from plmkit.data.modifications import letter_of
from plmkit.data.sites import UNNAMED, Claim, Names, SiteOptions, Told
from plmkit.data.table import MISSING_CELLS, Table, read_table
from plmkit.errors import raise_problems

_PROTEIN = ("protein", "accession", "uniprot", "uniprot_id", "acc_id", "entry", "protein_id", "id", "acc")
_POSITION = ("position", "pos", "site")
_RESIDUE = ("residue", "amino_acid", "aa")
_MODIFICATION = ("modification", "ptm", "ptm_type")
_LABEL = ("label", "is_modified", "modified")
_SPLIT = ("split", "set", "stage")

_YES = frozenset({"1", "1.0", "true", "yes", "modified", "positive", "pos", "+"})
_NO = frozenset({"0", "0.0", "false", "no", "unmodified", "negative", "neg", "-"})
_UNKNOWN = MISSING_CELLS | {"?"}
# Phosphoproteomics writes S15 where others have two columns.
_RESIDUE_AND_POSITION = re.compile(r"([A-Za-z])(\d+)")


@dataclass(frozen=True)
class _Columns:
    protein: int
    position: int
    residue: int | None
    modification: int | None
    label: int | None
    split: int | None


def read_site_table(path: Path, role: str, options: SiteOptions) -> Told:
    """Read the rows of a table; without a column of labels each row is a modified site.

    Modifications are called as written. Raises UserError for columns that are not there, and for rows without a name
    or position, with a strange residue, label or part.
    """
    table = read_table(path, role)
    skipped: Counter[str] = Counter()
    columns = _columns(table, options, skipped)
    claims: list[Claim] = []
    problems: list[str] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        try:
            claims.extend(_claims(line, row, columns, options, skipped))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    raise_problems(role, problems)
    return Told(tuple(claims), skipped=skipped)


def _columns(table: Table, options: SiteOptions, skipped: Counter[str]) -> _Columns:
    wanted = options.columns
    return _Columns(
        required(table, wanted.protein, _PROTEIN, "names of the proteins", "--protein-column"),
        required(table, wanted.position, _POSITION, "positions", "--position-column"),
        optional(table, wanted.residue, _RESIDUE),
        optional(table, wanted.modification, _MODIFICATION),
        optional(table, wanted.label, _LABEL),
        _split_column(table, wanted.split, skipped),
    )


def _split_column(table: Table, wanted: str | None, skipped: Counter[str]) -> int | None:
    """Return the wanted column, or one of a usual name unless all its cells show that it means something else."""
    found = optional(table, wanted, _SPLIT)
    if wanted is not None or found is None or any(part_of(row[found]) for row in table.rows):
        return found
    skipped[f"column not used ({table.header[found]!r}: none of its values is train, valid or test)"] += 1
    return None


def _claims(
    line: int, row: tuple[str, ...], columns: _Columns, options: SiteOptions, skipped: Counter[str]
) -> Iterator[Claim]:
    """Yield what a row says, if anything; raises ValueError, whose text completes 'line 12: ...'."""
    if (protein := row[columns.protein]) in MISSING_CELLS:
        raise ValueError("the row names no protein; name it or take the row out")
    position, letter = _place(row, columns)
    state = True if columns.label is None else _state(row[columns.label])
    if state is None:
        skipped["rows without a label passed over"] += 1
        return
    name = _modification(row, columns, options)
    yield Claim(line, protein, position, letter, Names((name,)), state, _part(row, columns))


def _place(row: tuple[str, ...], columns: _Columns) -> tuple[str, str]:
    """Return the position as text, and the residue's letter, "" if it is not told."""
    if (position := row[columns.position]) in MISSING_CELLS:
        raise ValueError("the row has no position; write it or take the row out")
    letter = _letter(row, columns)
    if match := _RESIDUE_AND_POSITION.fullmatch(position):
        if letter not in ("", match[1].upper()):
            raise ValueError(f"{position!r} and {letter!r} are two residues; keep the right one")
        return match[2], match[1].upper()
    return position, letter


def _letter(row: tuple[str, ...], columns: _Columns) -> str:
    if columns.residue is None or (written := row[columns.residue]) in MISSING_CELLS:
        return ""
    if (letter := letter_of(written)) is None:
        raise ValueError(f"{written!r} is no residue; write one letter, such as S")
    return letter


def _state(label: str) -> bool | None:
    word = label.lower()
    if word in _YES or word in _NO:
        return word in _YES
    if label in _UNKNOWN:
        return None
    raise ValueError(f"the label {label!r} is neither 1 (modified) nor 0 (not modified); write one of them")


def _modification(row: tuple[str, ...], columns: _Columns, options: SiteOptions) -> str:
    if columns.modification is None:
        return options.name or UNNAMED
    if (name := row[columns.modification]) in _UNKNOWN:
        raise ValueError("the row names no modification; name it or take the row out")
    return name


def _part(row: tuple[str, ...], columns: _Columns) -> str | None:
    if columns.split is None or (written := row[columns.split]) in MISSING_CELLS:
        return None
    if (part := part_of(written)) is None:
        raise ValueError(f"{written!r} is none of train, valid and test; write one of these words")
    return part
