"""Write explanations: a table of residues and their importance, one of all substitutions, a track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from plmkit.data.task import Task
from plmkit.learning.explanation import LETTERS, Chain, Explanation
from plmkit.output.tables import Cell, write_table
from plmkit.output.tracks import sequence_name

_DIGITS = 6


def write_importance(path: Path, task: Task, explanations: Sequence[Explanation]) -> None:
    """Write a row for each residue: what is explained, how much the residue matters, and its largest substitution."""
    has_changes = any(chain.changes is not None for each in explanations for chain in each.chains)
    header = [*_header(task), "importance", *(["largest_change", "to"] if has_changes else [])]
    write_table(path, header, _rows(task, explanations, has_changes))


def write_matrix(path: Path, task: Task, explanations: Sequence[Explanation]) -> None:
    """Write a row for each residue: the change of the score by each of the 20 amino acids, NA for its own."""
    write_table(path, [*_header(task), *LETTERS], _matrix_rows(task, explanations))


def write_importance_track(path: Path, explanations: Sequence[Explanation]) -> None:
    """Write the importance of each residue as bedGraph, positions from 0; residues without one are left out."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write('track type=bedGraph name="importance"\n')
        for explanation in explanations:
            for number, chain in enumerate(explanation.chains, start=1):
                name = sequence_name(explanation.wanted.name)
                name += f"_{number}" if len(explanation.chains) > 1 else ""
                handle.writelines(f"{name}\t{start}\t{end}\t{value:.6f}\n" for start, end, value in _runs(chain))


def _runs(chain: Chain) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and value of neighbours that are printed alike."""
    places = [(number, place) for place, number in chain.rows() if not np.isnan(chain.importance[place])]
    # residues in a run have one difference between their number and their place among those with a value
    numbered = [(number, number - index, _printed(chain, place)) for index, (number, place) in enumerate(places)]
    for (_, value), run in groupby(numbered, key=lambda item: item[1:]):
        numbers = [number for number, _, _ in run]
        yield numbers[0] - 1, numbers[-1], value


def _printed(chain: Chain, place: int) -> float:
    # 0.0 is added because -0 is printed otherwise than 0
    return round(float(chain.importance[place]), _DIGITS) + 0.0


def _header(task: Task) -> list[str]:
    chain = ["chain"] if task.unit == "pair" else []
    return [
        "protein",
        *chain,
        "label",
        *(["explained_position"] if task.unit == "residue" else []),
        "position",
        "residue",
    ]


def _beginnings(task: Task, explanations: Sequence[Explanation]) -> Iterator[tuple[list[Cell], Chain, int]]:
    """Yield the cells that say what each residue is, with its chain and place."""
    for explanation in explanations:
        for index, chain in enumerate(explanation.chains, start=1):
            first: list[Cell] = [explanation.wanted.name, *([index] if task.unit == "pair" else [])]
            first.append(task.labels[explanation.label])
            first += [explanation.position] if task.unit == "residue" else []
            for place, number in chain.rows():
                yield [*first, number, chain.sequence[place]], chain, place


def _rows(task: Task, explanations: Sequence[Explanation], has_changes: bool) -> Iterator[list[Cell]]:
    for first, chain, place in _beginnings(task, explanations):
        largest: list[Cell] = list(chain.largest(place) or (None, None)) if has_changes else []
        yield [*first, float(chain.importance[place]), *largest]


def _matrix_rows(task: Task, explanations: Sequence[Explanation]) -> Iterator[list[Cell]]:
    for first, chain, place in _beginnings(task, explanations):
        assert chain.changes is not None
        yield [*first, *map(float, chain.changes[place])]
