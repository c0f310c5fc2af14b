"""Count sites, candidates and proteins of each modification in each part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plmkit.data.chains import Flags, Indices
from plmkit.data.site_candidates import MODIFIED, UNKNOWN, UNMODIFIED, CandidateStates, States
from plmkit.data.site_splitting import NOWHERE

ALL, LEFT_OUT = "all", "left out"


@dataclass(frozen=True)
class Count:
    """What there is of one modification in one part.

    proteins: with a modified residue; modified, unmodified, unknown: candidate residues.
    """

    modification: str
    residues: str
    part: str
    proteins: int
    modified: int
    unmodified: int
    unknown: int

    @property
    def prevalence(self) -> float | None:
        """The share of modified ones among those that are known; None where nothing is known."""
        known = self.modified + self.unmodified
        return self.modified / known if known else None


def counts_of(
    candidates: CandidateStates, of_site: Indices, names: tuple[str, ...], keeps_proteins: bool = True
) -> list[Count]:
    """Return for each modification a row for all, for each part, and for residues without any part.

    of_site: (S,) number of the part; without names all that is not NOWHERE is one whole. keeps_proteins: what is
    unknown belongs to the part of its protein.
    """
    parts = of_site
    if keeps_proteins:
        part_of_protein = np.full(int(candidates.proteins.max(initial=-1)) + 1, NOWHERE, dtype=np.int64)
        np.maximum.at(part_of_protein, candidates.proteins, of_site)
        parts = np.where(of_site == NOWHERE, part_of_protein[candidates.proteins], of_site)
    found = []
    for number, (name, residues) in enumerate(zip(candidates.modifications, candidates.residues, strict=True)):
        states = candidates.states[:, number]
        inside = {ALL: np.ones(len(parts), dtype=np.bool_)}
        inside |= {part: parts == order for order, part in enumerate(names)}
        found += [_count(candidates, name, residues, part, rows, states) for part, rows in inside.items()]
        if (outside := parts == NOWHERE).any() and (states[outside] >= UNKNOWN).any():
            found.append(_count(candidates, name, residues, LEFT_OUT, outside, states))
    return found


def _count(candidates: CandidateStates, name: str, residues: str, part: str, rows: Flags, states: States) -> Count:
    chosen = states[rows]
    proteins = len(np.unique(candidates.proteins[rows][chosen == MODIFIED]))
    sizes = [int((chosen == state).sum()) for state in (MODIFIED, UNMODIFIED, UNKNOWN)]
    return Count(name, residues, part, proteins, *sizes)
