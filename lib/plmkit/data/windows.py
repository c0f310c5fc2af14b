"""Cut windows around candidate residues of whole proteins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

PADDING = "X"


class Site(NamedTuple):
    """A candidate residue: the protein's index, the position (from 1), its letter and the window around it."""

    protein: int
    position: int
    residue: str
    window: str


def window_at(sequence: str, position: int, length: int) -> str:
    """Return the window of odd length around a position (from 1), padded with X beyond the protein's ends."""
    flank = length // 2
    start, stop = position - 1 - flank, position + flank
    core = sequence[max(start, 0) : stop]
    return PADDING * max(-start, 0) + core + PADDING * max(stop - len(sequence), 0)


def candidate_sites(sequences: list[str], residues: str, length: int) -> Iterator[Site]:
    """Yield every occurrence of one of the residues, protein by protein, from the N terminus on."""
    for index, sequence in enumerate(sequences):
        for position, residue in enumerate(sequence, start=1):
            if residue in residues:
                yield Site(index, position, residue, window_at(sequence, position, length))
