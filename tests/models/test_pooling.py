import pytest
import torch

from plmkit.models.pooling import LightAttention, pool, pooling_module
from plmkit.models.shape import Pooling

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


def test_all_residues_are_kept_and_nothing_else() -> None:
    kept = pooling_module("residues", 2)(STATES, LENGTHS)
    assert kept.tolist() == [[1, -6], [2, -4], [6, -2], [-3, 5], [0, 0.5], [-1, 1]]


def test_light_attention_sees_each_protein_alone() -> None:
    torch.manual_seed(1)
    module = LightAttention(2)
    together = module(STATES, LENGTHS)
    alone = [module(STATES[:5], [3]), module(STATES[5:8], [1]), module(STATES[8:], [2])]
    torch.testing.assert_close(together, torch.cat(alone))
    assert together.shape == (3, module.width)


def test_light_attention_by_its_definition() -> None:
    """Shares are a softmax over positions of one convolution, averaged and maximal are the values of another."""
    torch.manual_seed(2)
    module = LightAttention(2)
    residues = STATES[1:4].T[None]
    values, shares = module.values(residues)[0], module.weights(residues)[0].softmax(dim=-1)
    expected = torch.cat(((values * shares).sum(dim=-1), values.max(dim=-1).values))
    torch.testing.assert_close(module(STATES[:5], [3])[0], expected)
