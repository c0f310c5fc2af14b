"""Candidate residues with their probabilities, as arrays: a proteome has millions of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plmkit.data.candidates import Candidates
from plmkit.data.chains import Chains, Flags, as_texts
from plmkit.data.fasta import Protein

Doubles = NDArray[np.float64]
Bits = NDArray[np.uint8]

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
        return self.take(self.is_modified)

    def of_protein(self, number: int) -> ScoredSites:
        """Return those of one protein alone."""
        return self.take(self.candidates.of_proteins(number, number + 1))

    def take(self, chosen: Flags | slice) -> ScoredSites:
        """Return some of them."""
        return replace(
            self,
            candidates=self.candidates.take(chosen),
            probabilities=self.probabilities[chosen],
            flags=self.flags[chosen],
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


def site_rows(proteins: Sequence[Protein], chains: Chains, scored: Sequence[ScoredSites]) -> Iterator[SiteRow]:
    """Yield the candidates of all modifications by protein, position and modification; few are held at a time."""
    texts = [flag_text(bits) for bits in range(1 << len(FLAGS))]
    for start in range(0, len(proteins), _PROTEINS_AT_ONCE):
        some = [s.take(s.candidates.of_proteins(start, start + _PROTEINS_AT_ONCE)) for s in scored]
        windows = [
            text for s in some for text in as_texts(chains.windows(s.candidates.places(chains), s.window_length))
        ]
        of_protein = np.concatenate([s.candidates.proteins for s in some])
        positions = np.concatenate([s.candidates.positions for s in some])
        probabilities = np.concatenate([s.probabilities for s in some])
        flags = np.concatenate([s.flags for s in some])
        number = np.repeat(np.arange(len(some)), [len(s) for s in some])
        order = np.lexsort((number, positions, of_protein))
        columns = (of_protein, positions, number, probabilities, flags)
        found = zip(order.tolist(), *(column[order].tolist() for column in columns), strict=True)
        for row, index, position, which, probability, bits in found:
            protein, sites = proteins[index], scored[which]
            yield SiteRow(
                protein,
                position,
                protein.sequence[position - 1],
                windows[row],
                which,
                sites.modification,
                probability,
                probability >= sites.threshold,
                sites.threshold,
                texts[bits],
            )
