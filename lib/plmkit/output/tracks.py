"""Write predictions along residues as a track for genome browsers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task

Values = NDArray[np.floating]

TRUE_FROM = 0.5


def track_suffix(task: Task) -> Literal["bed", "bedgraph"]:
    """Return the format that write_track writes, as Galaxy names it."""
    return "bedgraph" if task.kind == "regression" else "bed"


def write_track(path: Path, task: Task, names: Sequence[str], values: Sequence[Values]) -> None:
    """Write what is predicted for the residues of each protein, positions from 0, the end not included.

    values: (L, C) for each protein; residues without a value are left out. Quantities: bedGraph, one track for each.
    Classes: BED, a line for each run of residues with the same most probable class; labels: a line for each run with
    a probability of one half or more. Their score is the mean probability of the run times 1000.
    Sources: UCSC, https://genome.ucsc.edu/goldenPath/help/bedgraph.html; GA4GH, BED v1.
    """
    lines = _bedgraph(task, names, values) if task.kind == "regression" else _bed(task, names, values)
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(lines)


def _bedgraph(task: Task, names: Sequence[str], values: Sequence[Values]) -> Iterator[str]:
    for column, label in enumerate(task.labels):
        title = " ".join(label.split()).replace('"', "'")
        yield f'track type=bedGraph name="{title}"\n'
        for name, value in zip(names, values, strict=True):
            # what is printed alike is one run; 0.0 is added because -0 is printed otherwise than 0
            printed = np.round(value[:, column].astype(np.float64), 6) + 0.0
            for start, end in _runs(printed):
                if np.isfinite(printed[start]):
                    yield f"{sequence_name(name)}\t{start}\t{end}\t{printed[start]:.6f}\n"


def _bed(task: Task, names: Sequence[str], values: Sequence[Values]) -> Iterator[str]:
    for name, value in zip(names, values, strict=True):
        for start, end, column in _features(task, value):
            score = round(1000 * float(value[start:end, column].mean(dtype=np.float64)))
            label = "_".join(task.labels[column].split())  # many readers of BED divide at any whitespace
            yield f"{sequence_name(name)}\t{start}\t{end}\t{label}\t{score}\t.\n"


def _features(task: Task, value: Values) -> list[tuple[int, int, int]]:
    """Return start, end and column of each run, by start as indexing tools expect."""
    if task.kind == "classification":
        classes = most_probable(value)
        return [(start, end, int(classes[start])) for start, end in _runs(classes) if classes[start] >= 0]
    is_true = np.asarray(value >= TRUE_FROM)
    found = [
        (start, end, column)
        for column in range(len(task.labels))
        for start, end in _runs(is_true[:, column])
        if is_true[start, column]
    ]
    return sorted(found)


def most_probable(value: Values) -> NDArray[np.int64]:
    """Return the most probable class of each residue; -1 where a probability is missing."""
    missing = np.asarray(np.isnan(value).any(axis=1))
    return np.where(missing, -1, np.where(missing[:, None], 0, value).argmax(axis=1))


def _runs(keys: NDArray[np.generic]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of equal neighbours; NaN equals nothing."""
    bounds = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
    return pairwise(bounds)


def sequence_name(name: str) -> str:
    """Return a name as readers of BED see it: without whitespace, and no comment."""
    whole = "_".join(name.split())
    return f"%23{whole[1:]}" if whole.startswith("#") else whole
