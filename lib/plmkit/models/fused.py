"""The same network as in `packed`, its weights arranged for speed: for reading alone, nothing can be learned.

What is gained: query, key and value come from one product, with the scale of attention in the weights; the wide inner
layer is computed in tiles that stay in the processor's cache; with bfloat16 the weights are rounded once, the states
that flow from layer to layer and all norms stay in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EsmModel

from plmkit.models.adapters import merged
from plmkit.models.backbone import Backbone
from plmkit.models.packed import attend, embedded, rotated, rotation

_TILE = 512  # tokens; measured


@dataclass(frozen=True)
class _Affine:
    """A matrix product with a shift, in one precision."""

    weight: Tensor
    bias: Tensor

    def __call__(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self.weight, self.bias)


@dataclass(frozen=True)
class _Layer:
    """The weights of one EsmLayer."""

    norm: nn.LayerNorm
    query_key_value: _Affine
    mixed: _Affine
    inner_norm: nn.LayerNorm
    widen: _Affine
    narrow: _Affine


class Reader:
    """A language model for reading; adapters have become part of its weights."""

    def __init__(self, backbone: Backbone, precision: torch.dtype) -> None:
        """Arrange the weights of a backbone, which is of no use afterwards; precision: of the matrix products."""
        self.tokenizer, self.device = backbone.tokenizer, backbone.device
        self.width, self.layers = backbone.width, backbone.layers
        self._network = network = cast(EsmModel, merged(backbone.network))
        self._precision = precision
        attention = network.encoder.layer[0].attention.self
        self._heads, self._size = attention.num_attention_heads, attention.attention_head_size
        with torch.inference_mode():
            self._layers = [_fused(layer, precision) for layer in network.encoder.layer]

    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) in float32 after some layers; see `packed_states`."""
        states = embedded(self._network, tokens, lengths)
        found = {0: states}
        turns = rotation(self._network.rotary_embeddings.inv_freq, lengths, states.device)
        for number, layer in enumerate(self._layers[: max(layers)], start=1):
            states = self._step(layer, states, lengths, turns)
            if number in layers:
                found[number] = states
        if self.layers in layers:
            found[self.layers] = self._network.encoder.emb_layer_norm_after(states)
        return [found[number] for number in layers]

    def _step(self, layer: _Layer, states: Tensor, lengths: Sequence[int], turns: tuple[Tensor, Tensor]) -> Tensor:
        thrice = layer.query_key_value(layer.norm(states).to(self._precision))
        parts = thrice.view(len(states), 3, self._heads, self._size)
        query_key = rotated(parts[:, :2].flatten(1, 2), turns).view(len(states), 2, self._heads, self._size)
        mixed = attend(query_key[:, 0], query_key[:, 1], parts[:, 2], lengths).flatten(1)
        states = states + layer.mixed(mixed)
        for tile in torch.split(states, _TILE):
            normed = layer.inner_norm(tile).to(self._precision)
            tile += layer.narrow(F.gelu(layer.widen(normed)))
        return states


def _fused(layer: Any, precision: torch.dtype) -> _Layer:
    attention = layer.attention.self
    scale = attention.attention_head_size**-0.5
    parts = (attention.query, attention.key, attention.value)
    weights = [part.weight for part in parts]
    biases = [part.bias for part in parts]
    together = _Affine(
        torch.cat([weights[0] * scale, *weights[1:]]).to(precision),
        torch.cat([biases[0] * scale, *biases[1:]]).to(precision),
    )
    return _Layer(
        layer.attention.LayerNorm,
        together,
        _rounded(layer.attention.output.dense, precision),
        layer.LayerNorm,
        _rounded(layer.intermediate.dense, precision),
        _rounded(layer.output.dense, precision),
    )


def _rounded(dense: nn.Linear, precision: torch.dtype) -> _Affine:
    return _Affine(dense.weight.detach().to(precision), dense.bias.detach().to(precision))
