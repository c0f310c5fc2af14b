"""Metrics as rows: for the table, the run record, the report and the tuned model alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.learning.judging import Judged
from plmkit.learning.metrics import Estimate
from plmkit.output.tables import write_table

HEADER = ("method", "examples", "metric", "value", "low", "high")


def rows_of_judged(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """Return one row for each metric of each method on each part."""
    return [row for one in judged for row in metric_rows(one.method, one.part, one.examples, one.found)]


def metric_rows(method: str, part: str, examples: int, found: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    """Return one row for each metric of one method on one part of the examples; what is undefined is None."""
    return [
        {
            "method": method,
            "examples": f"{part} ({examples})",
            "metric": name,
            "value": _finite(estimate.value),
            "low": _finite(estimate.low),
            "high": _finite(estimate.high),
        }
        for name, estimate in found.items()
    ]


def write_metrics(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write metric rows as a table; low and high bound the 95 % bootstrap interval."""
    write_table(path, HEADER, ([row[column] for column in HEADER] for row in rows))


def _finite(value: float) -> float | None:
    # Six digits: what the table shows, and the same text wherever it was computed.
    return None if math.isnan(value) else round(value, 6)
