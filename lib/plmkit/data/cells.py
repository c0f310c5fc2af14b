"""Take cells of labels apart: a word for each place that bears a label, "" where nothing is known."""

from __future__ import annotations

import math
import re

from plmkit.data.labelled import Row
from plmkit.data.table import MISSING_CELLS
from plmkit.data.task import Unit
from plmkit.errors import UserError

MISSING = MISSING_CELLS | {"?", "-"}
_SEPARATORS = re.compile(r"[,\s]")


def words_of(cell: str, unit: Unit) -> list[str]:
    """Return what a cell says of each place; residues have a letter each, or words divided by ; else by , or spaces.

    A cell that says nothing of any residue has no words.
    """
    if unit != "residue":
        return ["" if cell in MISSING else cell]
    return [] if cell in MISSING else ["" if part in MISSING else part for part in _parts(cell)]


def _parts(cell: str) -> list[str]:
    """Return the letters of a cell, or what stands between its separators: ; or else the first of comma and space.

    Where ; divides, words may hold the others, as in "Phosphorylation by PKA".
    """
    if cell.startswith("[") and cell.endswith("]"):  # a list as Python writes it
        cell = cell[1:-1].strip()
    if ";" in cell:
        return [part.strip() for part in cell.split(";")]
    if separator := _SEPARATORS.search(cell):
        return [part.strip() for part in cell.split(None if separator.group().isspace() else separator.group())]
    return list(cell)


def masked_words(row: Row, column: int, unit: Unit) -> list[str]:
    """Return the words of one cell of a row; where the mask of the row is 0, nothing is known."""
    words = words_of(row.cells[column], unit)
    if row.mask is None or unit != "residue":
        return words
    mask = _parts(row.mask)
    if len(mask) != len(words):
        return words
    return [word if inside == "1" else "" for word, inside in zip(words, mask, strict=True)]


def places_of(row: Row, unit: Unit) -> int:
    """Return how many places of a row bear labels."""
    return len(row.sequences[0]) if unit == "residue" else 1


def no_label(role: str) -> UserError:
    """Return the error of an input without any label."""
    return UserError(f"{role}: no example has a label; give the right --label-column")


def problems_of(row: Row, unit: Unit, hint: str) -> list[str]:
    """Return what is wrong with the number of labels of a row, or with its mask, each with the line.

    hint: what may be written besides where there is no label.
    """
    if unit == "residue":
        return _problems_of_residues(row)
    # a row of several columns may leave some of them empty
    if len(row.cells) > 1 or row.cells[0] not in MISSING:
        return []
    return [f"line {row.line}: {row.name!r} has no label ({row.cells[0]!r}); add it or take the row out{hint}"]


def _problems_of_residues(row: Row) -> list[str]:
    size = places_of(row, "residue")
    for cell in row.cells:
        if (words := words_of(cell, "residue")) and len(words) != size:
            return [
                f"line {row.line}: {row.name!r} has {size} residues and {len(words)} labels; give one for each residue"
            ]
    if row.mask is None:
        return []
    mask = _parts(row.mask)
    if len(mask) != size:
        return [
            f"line {row.line}: {row.name!r} has {size} residues and a mask of {len(mask)}; give 0 or 1 for each residue"
        ]
    if (strange := next((part for part in mask if part not in ("0", "1")), None)) is not None:
        return [f"line {row.line}: the mask of {row.name!r} holds {strange!r}; give 0 or 1 for each residue"]
    return []


def is_number(text: str) -> bool:
    """Say whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
