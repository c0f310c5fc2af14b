"""Write tables: tab-separated, with a header, numbers with a fixed count of digits."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

MISSING = "NA"

Cell = str | int | float | None


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as tab-separated text; a missing value is NA."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(header)
        writer.writerows([cell_text(cell) for cell in row] for row in rows)


def cell_text(cell: Cell) -> str:
    """Return the text of a cell: six decimals for a number with a fraction."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return MISSING
    return f"{cell:.6f}" if isinstance(cell, float) else str(cell)
