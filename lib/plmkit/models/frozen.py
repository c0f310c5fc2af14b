"""Products with weights that stay as they are, made fast on a CPU: forward, and backward to the inputs.

The weights lie in oneDNN's own order, as they are and transposed (see `fused`): twice as fast as torch's usual product
where that is MKL's on an AMD processor. Adapters around such a layer learn as before.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_TILE = 1024  # rows which oneDNN arranges the weights for


class _Product(torch.autograd.Function):
    """rows @ weight.T + bias, with a gradient for the rows alone."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, transposed: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(transposed)
        return _affine(rows, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None, None]:
        (transposed,) = ctx.saved_tensors
        return _affine(gradients[0].contiguous(), transposed, None), None, None, None


class FrozenLinear(nn.Linear):
    """A linear layer whose weights are never learned; its parameters are those of the layer it stands for."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__(linear.in_features, linear.out_features, bias=False, device="meta")
        self.weight, self.bias = linear.weight, linear.bias
        with torch.no_grad():
            self._packed = _reordered(linear.weight)
            self._transposed = _reordered(linear.weight.T.contiguous())

    def forward(self, rows: Tensor) -> Tensor:
        """Return (T, outputs) of rows (T, inputs)."""
        found: Tensor = _Product.apply(rows, self._packed, self._transposed, self.bias)  # type: ignore[no-untyped-call]
        return found


def make_frozen_fast(network: nn.Module) -> None:
    """Put fast layers in the place of all linear layers that do not learn; on a GPU or without oneDNN, do nothing."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Linear and _can_be_fast(child):
                setattr(module, name, FrozenLinear(child))


def _can_be_fast(linear: nn.Linear) -> bool:
    weight = linear.weight
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return bool(
        has_onednn and weight.device.type == "cpu" and weight.dtype == torch.float32 and not weight.requires_grad
    )


def _reordered(weight: Tensor) -> Tensor:
    found: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, _TILE)
    return found


def _affine(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return found
