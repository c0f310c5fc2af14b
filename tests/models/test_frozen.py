"""Products with frozen weights are those of torch, forward and backward."""

import pytest
import torch
from torch import nn

from plmkit.models.frozen import FrozenLinear, make_frozen_fast


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [1, 7, 300])
def test_values_and_gradients_are_those_of_a_linear_layer(bias: bool, rows: int) -> None:
    torch.manual_seed(1)
    plain = nn.Linear(48, 96, bias=bias).requires_grad_(False)
    fast = FrozenLinear(plain)
    given = torch.randn(rows, 48, dtype=torch.float64)
    exact, found = given.clone().requires_grad_(), given.float().requires_grad_()
    weights = torch.randn(rows, 96, dtype=torch.float64)
    expected = nn.functional.linear(exact, plain.weight.double(), None if plain.bias is None else plain.bias.double())
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    values = fast(found)
    (values * weights.float()).sum().backward()
    assert exact.grad is not None
    assert found.grad is not None
    torch.testing.assert_close(values.double(), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found.grad.double(), exact.grad, atol=1e-5, rtol=1e-5)


def test_only_what_never_learns_is_replaced_and_its_weights_stay() -> None:
    network = nn.Sequential(nn.Linear(4, 4).requires_grad_(False), nn.Linear(4, 2), nn.LayerNorm(2))
    weights = dict(network.named_parameters())
    make_frozen_fast(network)
    assert [type(layer).__name__ for layer in network] == ["FrozenLinear", "Linear", "LayerNorm"]
    assert {name: id(weight) for name, weight in network.named_parameters()} == {
        name: id(weight) for name, weight in weights.items()
    }
