import pytest
import torch

from plmkit.models.pooling import Pooling, pool, residues_only

# <cls> A B C <eos> and <cls> D <eos> <pad> <pad>; padding and special tokens hold what no answer may hold
STATES = torch.tensor(
    [
        [[90.0, 91.0], [1.0, -6.0], [2.0, -4.0], [6.0, -2.0], [92.0, 93.0]],
        [[80.0, 81.0], [-3.0, 5.0], [82.0, 83.0], [84.0, 85.0], [torch.nan, torch.nan]],
    ]
)
IS_RESIDUE = torch.tensor([[0, 1, 1, 1, 0], [0, 1, 0, 0, 0]], dtype=torch.bool)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", [[3.0, -4.0], [-3.0, 5.0]]),
        ("max", [[6.0, -2.0], [-3.0, 5.0]]),
        ("cls", [[90.0, 91.0], [80.0, 81.0]]),
        ("centre", [[2.0, -4.0], [-3.0, 5.0]]),
    ],
)
def test_pooling_by_hand(how: Pooling, expected: list[list[float]]) -> None:
    states = STATES.nan_to_num(1000) if how == "mean" else STATES
    assert pool(states, IS_RESIDUE, how).tolist() == expected


def test_residues_are_neither_special_nor_padding() -> None:
    tokens = torch.tensor([[0, 5, 24, 2, 1], [0, 4, 2, 1, 1]])
    assert residues_only(tokens, (0, 2, 1)).tolist() == [[False, True, True, False, False], [False, True] + [False] * 3]
