"""Write what a split is: the user's table with one more column, sizes and labels of the parts, the offending pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.data.dataset import Examples, Indices
from plmkit.data.splitting import Division
from plmkit.data.splitting_check import Checked
from plmkit.data.splitting_table import Layout
from plmkit.output.tables import Cell, write_table

SUMMARY_HEADER = ("part", "examples", "share", "label", "count", "proportion", "mean", "deviation")
OFFENDERS_HEADER = ("part", "id", "training_id", "identity", "coverage")
_EVERY = "all"


def column_of(layout: Layout, division: Division) -> list[str]:
    """Return the part of each row of the user's table; a row that is no example belongs to no part."""
    column = [division.plan.aside] * len(layout.table.rows)
    for row, part in zip(layout.row_of, division.parts, strict=True):
        column[row] = part
    return column


def write_divided(path: Path, layout: Layout, name: str | None, column: Sequence[str]) -> None:
    """Write every row of the user's table as it was, with one more column; name: its title, None: without it."""
    if name is None:
        write_table(path, _quoted(layout.table.header), map(_quoted, layout.table.rows))
        return
    rows = ([*_quoted(cells), part] for cells, part in zip(layout.table.rows, column, strict=True))
    write_table(path, [*_quoted(layout.table.header), name], rows)


def summary_rows(examples: Examples, division: Division) -> list[dict[str, Any]]:
    """Return for each part its size, then a row for each label: how many, which share; of measured numbers their mean.

    The count is of residues where these bear the labels.
    """
    rows = []
    present = set(division.parts)
    for part in (*division.plan.names, division.plan.aside):
        if part not in present:
            continue
        chosen = division.rows(part)
        size = {"part": part, "examples": len(chosen), "share": round(len(chosen) / len(examples), 6)}
        rows.append(size | _of_label(_EVERY, len(examples.truth_of(chosen))))
        rows += [size | row for row in _of_labels(examples, chosen)]
    return rows


def write_summary(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the sizes and labels of all parts."""
    write_table(path, SUMMARY_HEADER, ([row[name] for name in SUMMARY_HEADER] for row in rows))


def offender_rows(checked: Sequence[Checked], threshold: float) -> Iterator[Sequence[Cell]]:
    """Yield every pair across a border of at least some identity."""
    for one in checked:
        pairs = one.border.pairs.at_least(threshold)
        for row, known, identity, coverage in zip(
            pairs.put_aside.tolist(),
            pairs.learned_from.tolist(),
            pairs.identity.tolist(),
            pairs.coverage.tolist(),
            strict=True,
        ):
            yield one.part, one.names[row], one.known[known], identity, coverage


def _quoted(cells: Sequence[str]) -> list[str]:
    """Put what begins with a quotation mark into quotation marks, without which it would be read as their begin."""
    return ['"' + cell.replace('"', '""') + '"' if cell.startswith('"') else cell for cell in cells]


def _of_labels(examples: Examples, chosen: Indices) -> list[dict[str, Any]]:
    truth = examples.truth_of(chosen)
    if examples.task.kind == "classification":
        known = truth[~np.isnan(truth)].astype(np.int64)
        counts = np.bincount(known, minlength=len(examples.labels)).tolist()
        whole = [len(known)] * len(counts)
    elif examples.task.kind == "multilabel":
        counts, whole = (truth == 1).sum(axis=0).tolist(), (~np.isnan(truth)).sum(axis=0).tolist()
    else:
        return [_of_numbers(label, truth[:, at]) for at, label in enumerate(examples.labels)]
    return [
        _of_label(label, count, proportion=round(count / size, 6) if size else None)
        for label, count, size in zip(examples.labels, counts, whole, strict=True)
    ]


def _of_numbers(label: str, values: Any) -> dict[str, Any]:
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return _of_label(label, 0)
    return _of_label(
        label, len(known), mean=round(float(known.mean()), 6) + 0.0, deviation=round(float(known.std()), 6)
    )


def _of_label(
    label: str, count: int, proportion: float | None = None, mean: float | None = None, deviation: float | None = None
) -> dict[str, Any]:
    return {"label": label, "count": count, "proportion": proportion, "mean": mean, "deviation": deviation}
