import pytest
import torch

from plmkit.models.pooling import Pooling, pool

# <cls> A B C <eos>, <cls> D <eos> and <cls> E F <eos>, end to end; special tokens hold what no mean or maximum may hold
STATES = torch.tensor(
    [
        [90.0, 91.0],
        [1.0, -6.0],
        [2.0, -4.0],
        [6.0, -2.0],
        [92.0, 93.0],
        [80.0, 81.0],
        [-3.0, 5.0],
        [82.0, 83.0],
        [70.0, 71.0],
        [0.0, 0.5],
        [-1.0, 1.0],
        [72.0, 73.0],
    ]
)
LENGTHS = [3, 1, 2]
BY_HAND: list[tuple[Pooling, list[list[float]]]] = [
    ("mean", [[3.0, -4.0], [-3.0, 5.0], [-0.5, 0.75]]),
    ("max", [[6.0, -2.0], [-3.0, 5.0], [0.0, 1.0]]),
    ("cls", [[90.0, 91.0], [80.0, 81.0], [70.0, 71.0]]),
    ("centre", [[2.0, -4.0], [-3.0, 5.0], [-1.0, 1.0]]),
]


@pytest.mark.parametrize(("how", "expected"), BY_HAND)
def test_pooling_by_hand(how: Pooling, expected: list[list[float]]) -> None:
    assert pool(STATES, LENGTHS, how).tolist() == expected


@pytest.mark.parametrize(("how", "expected"), BY_HAND)
def test_one_protein_alone_is_pooled_as_among_others(how: Pooling, expected: list[list[float]]) -> None:
    assert pool(STATES[5:8], [1], how).tolist() == expected[1:2]


def test_gradients_of_a_mean_reach_its_residues_alone() -> None:
    states = STATES.clone().requires_grad_()
    pool(states, LENGTHS, "mean").sum().backward()  # type: ignore[no-untyped-call]
    assert states.grad is not None
    shares = [0, 1 / 3, 1 / 3, 1 / 3, 0, 0, 1, 0, 0, 1 / 2, 1 / 2, 0]
    torch.testing.assert_close(states.grad[:, 0], torch.tensor(shares))
