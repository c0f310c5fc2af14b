"""Write sites as the tables that plm finetune learns from: windows, or whole proteins with a label for each residue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from plmkit.data.chains import Indices, Letters
from plmkit.data.columns import LABEL_TITLE
from plmkit.data.fasta import Proteins
from plmkit.data.site_annotations import Rejected
from plmkit.data.site_candidates import MODIFIED, UNKNOWN, UNMODIFIED, CandidateStates
from plmkit.data.site_counts import Count
from plmkit.output.tables import Cell, write_table

NEGATIVE = "unmodified"
MISMATCHES_HEADER = ("line", "protein", "position", "residue", "found", "modification", "reason")
SUMMARY_HEADER = ("modification", "residues", "part", "proteins", "modified", "unmodified", "unknown", "prevalence")
_OF_LABELS = {MODIFIED: "1", UNMODIFIED: "0"}


def write_windows(
    path: Path,
    candidates: CandidateStates,
    windows: Letters,
    parts: Sequence[str] | None,
    proteins: Sequence[str],
    names: Sequence[str] | None = None,
) -> None:
    """Write a row for each window (S, L); parts: of each, None: no such column; proteins: names by row.

    names: of the windows; None: protein_position.
    """
    labels = _titles(candidates)
    split = [] if parts is None else ["split"]
    header = ["id", "sequence", *labels, "group", *split, "position", "residue"]

    def rows() -> Iterator[Sequence[Cell]]:
        middle = windows.shape[1] // 2
        places = zip(
            candidates.proteins.tolist(), candidates.positions.tolist(), candidates.states.tolist(), strict=True
        )
        for row, (protein, position, states) in enumerate(places):
            window = windows[row].tobytes().decode("ascii")
            name = f"{proteins[protein]}_{position}" if names is None else names[row]
            part = [] if parts is None else [parts[row]]
            yield [
                name,
                window,
                *_cells(candidates, states),
                proteins[protein],
                *part,
                position or None,
                window[middle],
            ]

    write_table(path, header, rows())


def write_proteins(
    path: Path, candidates: CandidateStates, proteins: Proteins, rows: Indices, parts: Sequence[str] | None
) -> None:
    """Write a row for each of some proteins (N,), with a label for each residue; parts: of each of them, or None.

    One modification: words, `;` between; several: a letter for each residue in a column for each.
    """
    split = [] if parts is None else ["split"]
    write_table(
        path,
        ["id", "sequence", *split, *_titles(candidates)],
        (
            [
                proteins.records[row].name,
                proteins.records[row].sequence,
                *([] if parts is None else [parts[order]]),
                *labels,
            ]
            for order, (row, labels) in enumerate(zip(rows.tolist(), _labels(candidates, proteins, rows), strict=True))
        ),
    )


def write_mismatches(path: Path, rejected: Sequence[Rejected]) -> None:
    """Write the sites that do not fit their proteins."""
    write_table(path, MISMATCHES_HEADER, ([getattr(row, name) for name in MISMATCHES_HEADER] for row in rejected))


def write_counts(path: Path, counts: Sequence[Count]) -> None:
    """Write the sizes of all parts."""
    write_table(path, SUMMARY_HEADER, ([getattr(row, name) for name in SUMMARY_HEADER] for row in counts))


def _titles(candidates: CandidateStates) -> list[str]:
    if len(candidates.modifications) == 1:
        return ["label"]
    return [f"{LABEL_TITLE}{name}" for name in candidates.modifications]


def _cells(candidates: CandidateStates, states: Sequence[int]) -> list[str]:
    if len(states) == 1:
        return [candidates.modifications[0] if states[0] == MODIFIED else NEGATIVE]
    return [_OF_LABELS.get(state, "") for state in states]


def _labels(candidates: CandidateStates, proteins: Proteins, rows: Indices) -> Iterator[list[str]]:
    """Yield the cells of labels of each protein."""
    first, last = (np.searchsorted(candidates.proteins, rows, side=side) for side in ("left", "right"))
    is_one = len(candidates.modifications) == 1
    name = "_".join(part.strip() for part in candidates.modifications[0].split(";"))  # which divides words
    words = {MODIFIED: name, UNMODIFIED: NEGATIVE} if is_one else _OF_LABELS
    for row, start, stop in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True):
        length, cells = len(proteins.records[row].sequence), []
        places = candidates.positions[start:stop] - 1
        for column in candidates.states[start:stop].T:
            letters = ["?"] * length
            for place, state in zip(places.tolist(), column.tolist(), strict=True):
                if state > UNKNOWN:
                    letters[place] = words[state]
            cells.append((";" if is_one else "").join(letters))
        yield cells
