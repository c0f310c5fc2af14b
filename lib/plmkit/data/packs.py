"""Cut proteins into pieces and lay these end to end into packs of about equally many tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plmkit.data.batches import filled

_ENDS = 2  # the tokens of start and end


@dataclass(frozen=True)
class Piece:
    """Residues `start` to `stop` (from 0, stop excluded) of a protein."""

    protein: int
    start: int
    stop: int

    @property
    def tokens(self) -> int:
        """Residues, start and end."""
        return self.stop - self.start + _ENDS


Pack = list[Piece]


def shuffled_packs(lengths: Sequence[int], longest: int, budget: int, order: np.random.Generator) -> list[Pack]:
    """Return one pass over all proteins in a random order; of a long protein, a random piece of `longest` residues.

    Proteins follow each other into a pack until the next one would exceed `budget` tokens.
    """
    shuffled = order.permutation(len(lengths)).tolist()
    starts = order.random(len(lengths)).tolist()
    pieces = (_piece(index, lengths[index], longest, starts[index]) for index in shuffled)
    return list(_packed(pieces, budget))


def all_packs(lengths: Sequence[int], longest: int, budget: int) -> list[Pack]:
    """Return every residue exactly once, in order; a long protein is cut into equal pieces."""
    pieces = (piece for index, length in enumerate(lengths) for piece in _cut(index, length, longest))
    return list(_packed(pieces, budget))


def sorted_packs(pieces: Iterable[Piece], budget: int) -> list[Pack]:
    """Return packs of pieces of similar length, the longest first; a piece longer than the budget stands alone."""
    return list(_packed(sorted(pieces, key=lambda piece: -piece.tokens), budget))


def windows(protein: int, length: int, longest: int, overlap: int) -> list[Piece]:
    """Return a protein whole, or one of more than `longest` residues in windows of that many, evenly spread.

    Neighbouring windows share at least `overlap` residues, which must be fewer than half of `longest`.
    """
    if length <= longest:
        return [Piece(protein, 0, length)]
    count = -(-(length - overlap) // (longest - overlap))
    starts = [round(number * (length - longest) / (count - 1)) for number in range(count)]
    return [Piece(protein, start, start + longest) for start in starts]


def usual_overlap(longest: int) -> int:
    """Return what neighbouring windows share unless the user says otherwise: a quarter."""
    return longest // 4


def tokens_of_a_pass(lengths: Sequence[int], longest: int) -> int:
    """Return the tokens of one pass."""
    return sum(min(length, longest) + _ENDS for length in lengths)


def _piece(protein: int, length: int, longest: int, chance: float) -> Piece:
    if length <= longest:
        return Piece(protein, 0, length)
    start = int(chance * (length - longest + 1))
    return Piece(protein, start, start + longest)


def _cut(protein: int, length: int, longest: int) -> Iterator[Piece]:
    count = -(-length // longest)
    borders = [round(number * length / count) for number in range(count + 1)]
    for start, stop in pairwise(borders):
        yield Piece(protein, start, stop)


def _packed(pieces: Iterable[Piece], budget: int) -> Iterator[Pack]:
    return filled(pieces, lambda piece: piece.tokens, budget)
