"""Candidate residues of whole proteins, and the windows around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PADDING = "X"
Numbers = NDArray[np.int32]
Letters = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """Candidate residues, protein by protein, from the N terminus on.

    proteins: (S,) the number of the protein of each, from 0; positions: (S,) from 1.
    """

    proteins: Numbers
    positions: Numbers

    def __len__(self) -> int:
        return len(self.proteins)

    def take(self, chosen: Flags | slice | NDArray[np.int64]) -> Candidates:
        """Return some of them."""
        return Candidates(self.proteins[chosen], self.positions[chosen])


@dataclass(frozen=True)
class Chains:
    """The letters of all proteins laid end to end, with `flank` zeros before, between and after them.

    first: (N,) where the first residue of each stands; lengths: (N,).
    """

    letters: Letters
    first: NDArray[np.int64]
    lengths: NDArray[np.int64]
    flank: int

    def around(self, candidates: Candidates, flank: int = 0) -> Letters:
        """Return the letters (S, 2 flank + 1) around candidates, 0 beyond the ends; flank: at most that of all."""
        steps = np.arange(-flank, flank + 1)
        found: Letters = self.letters[self._places(candidates)[:, None] + steps]
        return found

    def reach_beyond(self, candidates: Candidates, flank: int) -> Flags:
        """Say for each candidate (S,) whether so many residues before or after it lie beyond an end."""
        left = self.lengths[candidates.proteins] - candidates.positions
        return np.asarray((candidates.positions <= flank) | (left < flank))

    def have_unknown(self, candidates: Candidates, flank: int) -> Flags:
        """Say for each candidate (S,) whether its protein has an X so near."""
        unknown = np.concatenate([[0], np.cumsum(self.letters == ord(PADDING))])
        places = self._places(candidates)
        return np.asarray(unknown[places + flank + 1] > unknown[places - flank])

    def _places(self, candidates: Candidates) -> NDArray[np.int64]:
        return np.asarray(self.first[candidates.proteins] + candidates.positions - 1)


def chains_of(sequences: Sequence[str], flank: int) -> Chains:
    """Lay proteins end to end."""
    gap = bytes(flank)
    letters = np.frombuffer(gap + b"".join(s.encode("ascii") + gap for s in sequences), dtype=np.uint8)
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    return Chains(letters, np.cumsum(lengths + flank) - lengths, lengths, flank)


def window_at(sequence: str, position: int, length: int) -> str:
    """Return the window of odd length around a position (from 1), padded with X beyond the protein's ends."""
    flank = length // 2
    start, stop = position - 1 - flank, position + flank
    core = sequence[max(start, 0) : stop]
    return PADDING * max(-start, 0) + core + PADDING * max(stop - len(sequence), 0)


def find_candidates(sequences: Sequence[str], residues: str, sequons: bool = False) -> Candidates:
    """Return every occurrence of one of the residues.

    sequons: N only where it is followed by any residue but P, then S or T, as N-glycosylation needs it (Gavel and von
    Heijne 1990, doi:10.1093/protein/3.5.433).
    """
    wanted = _among(residues)
    proteins, positions = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for number, sequence in enumerate(sequences):
        letters = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
        is_candidate = wanted[letters]
        if sequons:
            is_candidate &= (letters != ord("N")) | _in_sequon(letters)
        found = np.flatnonzero(is_candidate).astype(np.int32) + 1
        positions.append(found.astype(np.int32))
        proteins.append(np.full(len(found), number, dtype=np.int32))
    return Candidates(np.concatenate(proteins), np.concatenate(positions))


def are_among(letters: Letters, residues: str) -> Flags:
    """Say for each letter whether it is one of the residues."""
    return _among(residues)[letters]


def _among(residues: str) -> Flags:
    table = np.zeros(256, dtype=np.bool_)
    table[list(residues.encode("ascii"))] = True
    return table


def _in_sequon(letters: Letters) -> Flags:
    padded = np.concatenate([letters, np.zeros(2, np.uint8)])
    return np.asarray((padded[1:-1] != ord("P")) & _among("ST")[padded[2:]])
