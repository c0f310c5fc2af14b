"""Write tables: tab-separated, with a header, numbers with a fixed count of digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

MISSING = "NA"

Cell = str | int | float | None
_SPACES = str.maketrans("\t\r\n", "   ")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as tab-separated text; a missing value is NA.

    Galaxy's tables know no quoting: quotation marks stay as they are, a tab or line end in a cell becomes a space.
    """
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write(_line(header))
        handle.writelines(_line(row) for row in rows)


def cell_text(cell: Cell) -> str:
    """Return the text of a cell: six decimals for a number with a fraction."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return MISSING
    return f"{cell:.6f}" if isinstance(cell, float) else str(cell)


def _line(cells: Sequence[Cell]) -> str:
    return "\t".join(cell_text(cell).translate(_SPACES) for cell in cells) + "\n"
