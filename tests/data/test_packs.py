"""Packs hold whole pieces, each protein once in a pass, within the budget; windows cover long proteins evenly."""

from itertools import pairwise

import numpy as np
import pytest

from plmkit.data.packs import Pack, Piece, all_packs, shuffled_packs, sorted_packs, tokens_of_a_pass, windows

LENGTHS = [5, 300, 12, 1, 77, 256, 257, 1000, 40]


def tokens(pack: Pack) -> int:
    return sum(piece.stop - piece.start + 2 for piece in pack)


@pytest.mark.parametrize("budget", [1, 100, 600, 5000])
def test_a_pass_takes_each_protein_once(budget: int) -> None:
    packs = shuffled_packs(LENGTHS, 256, budget, np.random.default_rng(3))
    pieces = [piece for pack in packs for piece in pack]
    assert sorted(piece.protein for piece in pieces) == list(range(len(LENGTHS)))
    assert [piece.protein for piece in pieces] != list(range(len(LENGTHS)))
    assert all(0 <= piece.start < piece.stop <= LENGTHS[piece.protein] for piece in pieces)
    assert all(piece.stop - piece.start == min(256, LENGTHS[piece.protein]) for piece in pieces)
    assert all(tokens(pack) <= budget or len(pack) == 1 for pack in packs)
    assert sum(map(tokens, packs)) == tokens_of_a_pass(LENGTHS, 256)


def test_every_part_of_a_long_protein_is_met() -> None:
    starts = {shuffled_packs([12], 10, 99, np.random.default_rng(seed))[0][0].start for seed in range(50)}
    assert starts == {0, 1, 2}


def test_judging_covers_every_residue_once_in_pieces_of_about_equal_length() -> None:
    pieces = [piece for pack in all_packs([1000, 3], 256, 500) for piece in pack]
    assert [(piece.protein, piece.start, piece.stop) for piece in pieces] == [
        (0, 0, 250),
        (0, 250, 500),
        (0, 500, 750),
        (0, 750, 1000),
        (1, 0, 3),
    ]


def test_packs_of_similar_length_by_hand() -> None:
    pieces = [Piece(number, 0, length) for number, length in enumerate([3, 9, 5, 5, 2])]
    # tokens: 11, 7, 7, 5 and 4 in packs of 12
    packs = sorted_packs(pieces, 12)
    assert [[piece.protein for piece in pack] for pack in packs] == [[1], [2], [3, 0], [4]]
    assert sorted_packs([], 12) == []


@pytest.mark.parametrize("budget", [1, 100, 600, 5000])
def test_packs_of_similar_length_hold_each_piece_once_the_longest_first(budget: int) -> None:
    pieces = [Piece(number, 7, 7 + length) for number, length in enumerate(LENGTHS)]
    packs = sorted_packs(pieces, budget)
    together = [piece for pack in packs for piece in pack]
    assert sorted(together, key=lambda piece: piece.protein) == pieces
    assert [piece.tokens for piece in together] == sorted((length + 2 for length in LENGTHS), reverse=True)
    assert all(tokens(pack) <= budget or len(pack) == 1 for pack in packs)
    assert all(tokens(pack) + following[0].tokens > budget for pack, following in pairwise(packs))


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (1000, [0, 300, 600]),
        (1001, [0, 200, 401, 601]),  # three windows would share 99 and 100
        (401, [0, 1]),
        (700, [0, 300]),
    ],
)
def test_windows_by_hand(length: int, starts: list[int]) -> None:
    assert windows(4, length, 400, 100) == [Piece(4, start, start + 400) for start in starts]


@pytest.mark.parametrize("length", [1, 399, 400])
def test_a_protein_no_longer_than_a_window_stays_whole(length: int) -> None:
    assert windows(4, length, 400, 100) == [Piece(4, 0, length)]


def test_windows_cover_a_protein_with_the_overlap_asked_for_and_no_more_windows_than_needed() -> None:
    order = np.random.default_rng(5)
    for longest in order.integers(2, 60, size=300).tolist():
        overlap = int(order.integers(0, (longest + 1) // 2))
        length = longest + int(order.integers(1, 12 * longest))
        found = windows(0, length, longest, overlap)
        assert (found[0].start, found[-1].stop) == (0, length)
        assert {piece.stop - piece.start for piece in found} == {longest}
        steps = [after.start - before.start for before, after in pairwise(found)]
        assert max(steps) <= longest - overlap
        assert max(steps) - min(steps) <= 1
        assert longest + (len(found) - 2) * (longest - overlap) < length  # one window fewer would not reach
