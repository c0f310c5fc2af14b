"""All residues of many proteins in one array, so that millions of them are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from plmkit.data.windows import PADDING

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Letters = NDArray[np.uint8]


@dataclass(frozen=True)
class Chains:
    """The letters (R,) of proteins one after the other, as ASCII codes; where each begins (N,), how long it is (N,)."""

    letters: Letters
    starts: Indices
    lengths: Indices

    @classmethod
    def of(cls, sequences: Sequence[str]) -> Chains:
        """Join sequences."""
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        return cls(
            np.frombuffer("".join(sequences).encode("ascii"), dtype=np.uint8), lengths.cumsum() - lengths, lengths
        )

    def has_any(self, letters: str) -> Flags:
        """Return whether (R,) each residue is one of some letters."""
        wanted = np.zeros(256, dtype=np.bool_)
        wanted[list(letters.encode("ascii"))] = True
        return wanted[self.letters]

    def letters_at(self, places: Indices) -> str:
        """Return the letters at some places."""
        return self.letters[places].tobytes().decode("ascii")

    def where(self, places: Indices) -> tuple[Indices, Indices]:
        """Return protein and position (from 1) of each place."""
        protein = np.searchsorted(self.starts, places, side="right") - 1
        # proteins without residues begin where the next one does
        return protein, places - self.starts[protein] + 1

    def windows(self, protein: Indices, position: Indices, length: int) -> Letters:
        """Return the windows (S, length) around positions (from 1), X beyond the ends of a protein."""
        flank = length // 2
        padded = np.full(len(self.letters) + flank * (len(self.lengths) + 1), ord(PADDING), dtype=np.uint8)
        shifts = flank * (np.arange(len(self.lengths)) + 1)
        padded[np.arange(len(self.letters)) + np.repeat(shifts, self.lengths)] = self.letters
        middles = self.starts[protein] + position - 1 + shifts[protein]
        return np.ascontiguousarray(sliding_window_view(padded, length)[middles - flank])


def in_sequon(chains: Chains) -> Flags:
    """Return whether (R,) each residue is the N of N-X-S or N-X-T, X not P.

    Source: Gavel and von Heijne 1990, doi:10.1093/protein/3.5.433.
    """
    found = np.zeros(len(chains.letters), dtype=np.bool_)
    ends = np.repeat(chains.starts + chains.lengths, chains.lengths)
    is_asparagine, is_proline, is_last = (chains.has_any(letters) for letters in ("N", "P", "ST"))
    found[:-2] = is_asparagine[:-2] & ~is_proline[1:-1] & is_last[2:]
    found &= np.arange(len(found)) + 2 < ends
    return found


def as_words(windows: Letters) -> NDArray[np.bytes_]:
    """Return the windows (S, L) as words (S,) that can be compared and sorted."""
    if not len(windows):
        return np.zeros(0, dtype="S1")
    words: NDArray[np.bytes_] = np.ascontiguousarray(windows).view(f"S{windows.shape[1]}")[:, 0]
    return words
