"""Write nearest neighbours, the labels they give, and how often these are right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.learning.candidates import Metric
from plmkit.learning.metrics import Estimate
from plmkit.learning.neighbours import Neighbours
from plmkit.learning.transfer import Accuracy, Transfer, similarities
from plmkit.output.tables import Cell, write_table

HITS_HEADER = ("query", "rank", "reference", "distance", "similarity", "label")
TRANSFERS_HEADER = ("query", "label", "reliability", "hits", "references", "flag")
ACCURACY_HEADER = ("examples", "method", "threshold", "answered", "coverage", "accuracy", "low", "high")
TRANSFERRED, NO_TRANSFER = "transferred", "no transfer"
_BETWEEN = ";"

Labelled = Sequence[tuple[str, ...]]


def write_hits(
    path: Path, queries: Sequence[str], references: Sequence[str], labels: Labelled, found: Neighbours, metric: Metric
) -> None:
    """Write one row for each query and neighbour; labels: those of each reference, or empty."""
    similar = similarities(found.distances, metric)

    def rows() -> Iterator[Sequence[Cell]]:
        for name, indices, distances, counted in zip(queries, found.indices, found.distances, similar, strict=True):
            for rank, index in enumerate(indices[indices >= 0].tolist()):
                label = _BETWEEN.join(labels[index]) if labels else None
                # six digits, not six decimals: near neighbours are 1e-6 apart by cosine
                distance = f"{distances[rank]:.6g}"
                yield name, rank + 1, references[index], distance, float(counted[rank]), label or None

    write_table(path, HITS_HEADER, rows())


def write_transfers(
    path: Path,
    queries: Sequence[str],
    references: Sequence[str],
    found: Neighbours,
    answers: Sequence[Sequence[Transfer]],
    threshold: float,
) -> None:
    """Write the labels of each query which reach the threshold; if none does, one row that says so.

    That row has no label, and the reliability, hits and references of the best one.
    """

    def rows() -> Iterator[Sequence[Cell]]:
        for name, indices, answer in zip(queries, found.indices, answers, strict=True):
            reached = [transfer for transfer in answer if transfer.reliability >= threshold]
            for transfer in reached or answer[:1]:
                named = _BETWEEN.join(references[indices[rank]] for rank in transfer.ranks)
                label, flag = (transfer.label, TRANSFERRED) if reached else (None, NO_TRANSFER)
                yield name, label, transfer.reliability, len(transfer.ranks), named, flag
            if not answer:
                yield name, None, None, 0, None, NO_TRANSFER

    write_table(path, TRANSFERS_HEADER, rows())


def accuracy_rows(
    examples: str, accuracies: Sequence[Accuracy], frequent: Estimate, asked: int
) -> list[dict[str, Any]]:
    """Return the rows of one set of queries: the most frequent label for all, then the transfer by threshold."""
    rows = [(examples, "most frequent label", None, asked, 1.0, *_finite(frequent))]
    rows += [
        (examples, "transfer", found.threshold, found.answered, round(found.coverage, 6), *_finite(found.right))
        for found in accuracies
    ]
    return [dict(zip(ACCURACY_HEADER, row, strict=True)) for row in rows]


def write_accuracies(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of all sets; low and high bound the 95 % interval of the accuracy."""
    write_table(path, ACCURACY_HEADER, ([row[column] for column in ACCURACY_HEADER] for row in rows))


def _finite(found: Estimate) -> list[float | None]:
    return [None if math.isnan(value) else round(value, 6) for value in (found.value, found.low, found.high)]
