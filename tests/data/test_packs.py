"""Packs hold whole pieces, each protein once in a pass, within the budget."""

import numpy as np
import pytest

from plmkit.data.packs import Pack, all_packs, shuffled_packs, tokens_of_a_pass

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
