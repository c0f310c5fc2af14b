"""Candidate residues with their probabilities, as arrays: a proteome has millions of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plmkit.data.fasta import Protein
from plmkit.data.windows import Candidates, window_at

Doubles = NDArray[np.float64]
Bits = NDArray[np.uint8]
Flags = NDArray[np.bool_]

# what must be known of a score, each one bit; in the order in which they are told
FLAGS = ("far", "very_far", "near_terminus", "x_in_window", "other_residue")
NO_FLAG = "none"
_PROTEINS_AT_ONCE = 256


@dataclass(frozen=True)
class ScoredSites:
    """The candidates of one modification.

    probabilities: (S,) that they are modified, with the six digits that are written, so that a decision can be checked
    by what is written; threshold: from which on they are called so. flags: (S,) bits, see FLAGS. window_length: of the
    windows that are shown.
    """

    modification: str
    candidates: Candidates
    probabilities: Doubles
    threshold: float
    flags: Bits
    window_length: int

    def __len__(self) -> int:
        return len(self.candidates)

    @property
    def is_modified(self) -> Flags:
        """Which ones are called modified, (S,)."""
        return np.asarray(self.probabilities >= self.threshold)

    def only_modified(self) -> ScoredSites:
        """Return those alone that are called modified."""
        chosen = self.is_modified
        return ScoredSites(
            self.modification,
            self.candidates.take(chosen),
            self.probabilities[chosen],
            self.threshold,
            self.flags[chosen],
            self.window_length,
        )


class SiteRow(NamedTuple):
    """One candidate, all told; number: of its modification among those scanned."""

    protein: Protein
    position: int
    residue: str
    window: str
    number: int
    modification: str
    probability: float
    is_modified: bool
    threshold: float
    flags: str


def rounded(numbers: NDArray[np.floating]) -> Doubles:
    """Return numbers with the digits with which tables are written."""
    return np.asarray(numbers.astype(np.float64).round(6), dtype=np.float64)


def flags_of(**raised: Flags) -> Bits:
    """Return bits (S,) from flags (S,) by name, see FLAGS."""
    first = next(iter(raised.values()))
    bits = np.zeros(len(first), dtype=np.uint8)
    for name, flag in raised.items():
        bits |= flag.astype(np.uint8) << FLAGS.index(name)
    return bits


def flag_text(bits: int) -> str:
    """Say what is flagged; far is left out where very far is said."""
    found = [name for number, name in enumerate(FLAGS) if bits >> number & 1]
    return ";".join(name for name in found if name != "far" or "very_far" not in found) or NO_FLAG


def site_rows(proteins: Sequence[Protein], scored: Sequence[ScoredSites]) -> Iterator[SiteRow]:
    """Yield the candidates of all modifications by protein, position and modification; few are held at a time."""
    texts = [flag_text(bits) for bits in range(1 << len(FLAGS))]
    for start in range(0, len(proteins), _PROTEINS_AT_ONCE):
        bounds = (start, start + _PROTEINS_AT_ONCE)
        slices = [slice(*np.searchsorted(sites.candidates.proteins, bounds).tolist()) for sites in scored]
        of_protein = np.concatenate([s.candidates.proteins[part] for s, part in zip(scored, slices, strict=True)])
        positions = np.concatenate([s.candidates.positions[part] for s, part in zip(scored, slices, strict=True)])
        probabilities = np.concatenate([s.probabilities[part] for s, part in zip(scored, slices, strict=True)])
        flags = np.concatenate([s.flags[part] for s, part in zip(scored, slices, strict=True)])
        number = np.repeat(np.arange(len(scored)), [part.stop - part.start for part in slices])
        order = np.lexsort((number, positions, of_protein))
        columns = (of_protein, positions, number, probabilities, flags)
        for index, position, which, probability, bits in zip(*(c[order].tolist() for c in columns), strict=True):
            protein, sites = proteins[index], scored[which]
            yield SiteRow(
                protein,
                position,
                protein.sequence[position - 1],
                window_at(protein.sequence, position, sites.window_length),
                which,
                sites.modification,
                probability,
                probability >= sites.threshold,
                sites.threshold,
                texts[bits],
            )
