"""All residues of many proteins in one array, so that millions of them are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

PADDING = "X"  # what windows hold beyond the ends of a protein; also a residue that is not known
_OF_SEQUON = 2  # residues that follow an N in its sequon

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Letters = NDArray[np.uint8]


@dataclass(frozen=True)
class Chains:
    """The letters (R,) of proteins one after the other, as ASCII codes, with zeros before, between and after them.

    starts: (N,) the place of the first residue of each, a place being an index of letters; lengths: (N,). flank: how
    many zeros, and so how far around a place the methods may look.
    """

    letters: Letters
    starts: Indices
    lengths: Indices
    flank: int

    @classmethod
    def of(cls, sequences: Sequence[str], flank: int = 0) -> Chains:
        """Join sequences."""
        flank = max(flank, _OF_SEQUON)
        gap = bytes(flank)
        letters = np.frombuffer(gap + b"".join(sequence.encode("ascii") + gap for sequence in sequences), np.uint8)
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        return cls(letters, np.cumsum(lengths + flank) - lengths, lengths, flank)

    def sequence(self, protein: int) -> str:
        """Return the letters of one protein."""
        start = self.starts[protein]
        return as_text(self.letters[start : start + self.lengths[protein]])

    def places(self, proteins: NDArray[np.integer], positions: NDArray[np.integer]) -> Indices:
        """Return the places (S,) of residues; proteins: their numbers from 0; positions: from 1."""
        return np.asarray(self.starts[proteins] + positions - 1)

    def where(self, places: Indices) -> tuple[Indices, Indices]:
        """Return protein and position (from 1) of each place."""
        proteins = np.searchsorted(self.starts, places, side="right") - 1
        return proteins, places - self.starts[proteins] + 1

    def are_candidates(self, residues: str, sequons: bool = False) -> Flags:
        """Return whether (R,) each letter is one of some residues; sequons: N only where it is in one."""
        found = are_among(self.letters, residues)
        if sequons:
            found &= (self.letters != ord("N")) | self.in_sequon()
        return found

    def in_sequon(self) -> Flags:
        """Return whether (R,) each letter is the N of N-X-S or N-X-T, X not P, as N-glycosylation needs it.

        Source: Gavel and von Heijne 1990, doi:10.1093/protein/3.5.433.
        """
        found: Flags = self.letters == ord("N")
        found[:-_OF_SEQUON] &= (self.letters[1:-1] != ord("P")) & are_among(self.letters[_OF_SEQUON:], "ST")
        return found

    def windows(self, places: Indices, length: int) -> Letters:
        """Return the windows (S, length) of odd length around places, X beyond the ends of proteins."""
        assert length // 2 <= self.flank, "a longer window would reach into the next protein"
        found = np.ascontiguousarray(sliding_window_view(self.letters, length)[places - length // 2])
        found[found == 0] = ord(PADDING)
        return found

    def reach_beyond(self, places: Indices, flank: int) -> Flags:
        """Say for each place (S,) whether so many residues before or after it lie beyond an end."""
        return np.asarray((self.letters[places - flank] == 0) | (self.letters[places + flank] == 0))

    def have_unknown(self, places: Indices, flank: int) -> Flags:
        """Say for each place (S,) whether its protein has an X so near."""
        is_unknown = self.letters == ord(PADDING)
        total = np.cumsum(is_unknown, dtype=np.int32)
        return np.asarray(is_unknown[places - flank] | (total[places + flank] > total[places - flank]))


def are_among(letters: Letters, residues: str) -> Flags:
    """Say for each letter whether it is one of the residues."""
    table = np.zeros(256, dtype=np.bool_)
    table[list(residues.encode("ascii"))] = True
    return table[letters]


def as_text(letters: Letters) -> str:
    """Return letters as text."""
    return letters.tobytes().decode("ascii")


def distinct_letters(letters: Letters) -> str:
    """Return the letters that occur, by alphabet."""
    return as_text(np.unique(letters))


def as_words(windows: Letters) -> NDArray[np.bytes_]:
    """Return the windows (S, L) as words (S,) that can be compared and sorted."""
    if not len(windows):
        return np.zeros(0, dtype="S1")
    words: NDArray[np.bytes_] = np.ascontiguousarray(windows).view(f"S{windows.shape[1]}")[:, 0]
    return words


def as_texts(windows: Letters) -> list[str]:
    """Return the windows (S, L) as texts."""
    texts: list[str] = as_words(windows).astype(np.str_).tolist()
    return texts
