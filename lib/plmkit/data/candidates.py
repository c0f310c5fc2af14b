"""Candidate residues of whole proteins, of which models are asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.chains import Chains, Flags, Indices

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Candidates:
    """Candidate residues, protein by protein, from the N terminus on.

    proteins: (S,) the number of the protein of each, from 0; positions: (S,) from 1.
    """

    proteins: Numbers
    positions: Numbers

    def __len__(self) -> int:
        return len(self.proteins)

    def take(self, chosen: Flags | slice | Indices) -> Candidates:
        """Return some of them."""
        return Candidates(self.proteins[chosen], self.positions[chosen])

    def places(self, chains: Chains) -> Indices:
        """Return their places (S,) in the proteins."""
        return chains.places(self.proteins, self.positions)

    def of_proteins(self, first: int, stop: int) -> slice:
        """Return which ones are of the proteins from one number to before another."""
        return slice(*np.searchsorted(self.proteins, (first, stop)).tolist())


def find_candidates(chains: Chains, residues: str, sequons: bool = False) -> Candidates:
    """Return every occurrence of one of the residues; sequons: N only in sequons, see `Chains.in_sequon`."""
    proteins, positions = chains.where(np.flatnonzero(chains.are_candidates(residues, sequons)))
    return Candidates(proteins.astype(np.int32), positions.astype(np.int32))
