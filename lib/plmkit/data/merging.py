"""Where the rows of overlapping windows go when they become one protein again, and how much each counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.packs import Piece

_ENDS = 2  # the tokens of start and end


@dataclass(frozen=True)
class Places:
    """For each token of some pieces laid end to end: its row among all proteins' rows, and its weight there.

    rows and weights: (T,); weights is None when every row has one token alone. Each protein has a row for its start,
    one for each residue and one for its end; the weights of a row add up to 1.
    """

    rows: NDArray[np.int64]
    weights: NDArray[np.float32] | None


def places(pieces: Sequence[Piece], lengths: Sequence[int]) -> Places:
    """Return where the tokens of all pieces of some proteins go; lengths: residues of each protein.

    Where windows overlap, the weight of each falls to its cut end in a straight line: a residue counts most in the
    window that shows most of what is around it.
    """
    first = np.concatenate(([0], np.cumsum(np.asarray(lengths) + _ENDS)[:-1]))
    rows = np.concatenate([first[piece.protein] + np.arange(piece.start, piece.stop + _ENDS) for piece in pieces])
    if len(pieces) == len(lengths):
        return Places(rows, None)
    weights = np.concatenate([_ramps(piece, lengths[piece.protein]) for piece in pieces])
    sums = np.bincount(rows, weights=weights)
    return Places(rows, (weights / sums[rows]).astype(np.float32))


def _ramps(piece: Piece, length: int) -> NDArray[np.float64]:
    """Return weights (tokens,) that rise from a cut end; its start or end token counts at the protein's own ends only.

    At an end of the protein itself nothing is missing, so the weight does not fall there.
    """
    count = piece.stop - piece.start
    from_start = np.arange(1, count + 1) if piece.start > 0 else np.full(count, count)
    from_stop = np.arange(count, 0, -1) if piece.stop < length else np.full(count, count)
    inner = np.minimum(from_start, from_stop).astype(np.float64)
    return np.concatenate(([float(piece.start == 0)], inner, [float(piece.stop == length)]))
