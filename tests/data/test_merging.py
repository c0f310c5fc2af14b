"""Rows of overlapping windows become one protein again; each counts more, the farther its cut end."""

import numpy as np
import pytest

from plmkit.data.merging import places
from plmkit.data.packs import Piece, windows

LENGTHS = [30, 7, 101, 20, 64]


def pieces_of(lengths: list[int], longest: int, overlap: int) -> list[Piece]:
    """All windows, in an order as sorted packs have them: not that of the proteins."""
    pieces = [piece for protein, length in enumerate(lengths) for piece in windows(protein, length, longest, overlap)]
    return sorted(pieces, key=lambda piece: (-piece.tokens, piece.start, -piece.protein))


def test_two_windows_by_hand() -> None:
    found = places([Piece(0, 0, 4), Piece(0, 2, 6)], [6])
    # row 0 is the start, 1 to 6 are the residues, 7 is the end; a window begins with a start, and ends with an end
    assert found.rows.tolist() == [0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7]
    assert found.weights is not None
    assert found.weights.dtype == np.float32
    # residue 3 stands 2 before the cut of the first window, and 1 after that of the second
    expected = [1, 1, 1, 2 / 3, 1 / 3, 0, 0, 1 / 3, 2 / 3, 1, 1, 1]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-6)


def test_nothing_falls_to_an_end_of_the_protein_itself() -> None:
    found = places([Piece(0, 0, 5), Piece(0, 1, 6)], [6])
    assert found.weights is not None
    # residues 2 to 5 are in both windows: 4, 3, 2, 1 before the cut of the first, 1, 2, 3, 4 after that of the second
    expected = [1, 1, 4 / 5, 3 / 5, 2 / 5, 1 / 5, 0, 0, 1 / 5, 2 / 5, 3 / 5, 4 / 5, 1, 1]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-6)


def test_whole_proteins_have_no_weights() -> None:
    found = places([Piece(1, 0, 3), Piece(2, 0, 1), Piece(0, 0, 2)], [2, 3, 1])
    assert found.weights is None
    assert found.rows.tolist() == [4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3]


@pytest.mark.parametrize(("longest", "overlap"), [(16, 0), (16, 4), (17, 8), (50, 12), (100, 49)])
def test_the_weights_of_each_row_add_up_to_one(longest: int, overlap: int) -> None:
    found = places(pieces_of(LENGTHS, longest, overlap), LENGTHS)
    assert found.weights is not None
    assert sorted(set(found.rows.tolist())) == list(range(sum(LENGTHS) + 2 * len(LENGTHS)))
    np.testing.assert_allclose(np.bincount(found.rows, weights=found.weights), 1, rtol=1e-6)
    assert (found.weights >= 0).all()


def test_start_and_end_count_at_the_ends_of_a_protein_alone() -> None:
    pieces = pieces_of(LENGTHS, 16, 4)
    found = places(pieces, LENGTHS)
    assert found.weights is not None
    place = 0
    for piece in pieces:
        first, last = found.weights[place], found.weights[place + piece.tokens - 1]
        assert (first, last) == (piece.start == 0, piece.stop == LENGTHS[piece.protein])
        place += piece.tokens
    assert place == len(found.rows)


def test_a_whole_protein_beside_windows_keeps_its_rows() -> None:
    pieces = [Piece(1, 0, 4), Piece(0, 0, 3), Piece(1, 1, 5)]
    found = places(pieces, [3, 5])
    assert found.weights is not None
    assert found.rows[6:11].tolist() == [0, 1, 2, 3, 4]
    assert found.weights[6:11].tolist() == [1] * 5
