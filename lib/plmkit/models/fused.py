"""Networks of ESM-2 and SaProt as in `packed`, weights arranged for speed: for reading alone, nothing can be learned.

What is gained: query, key and value come from one product, with the scale of attention in the weights; on a CPU, the
weights lie in oneDNN's own order (twice as fast as torch's usual product where that is MKL's on an AMD processor) and
all but attention runs in tiles that stay in the cache; the numbers which rotary positions turn together lie side by
side, so that turning is one complex product. With bfloat16 the weights are rounded once, the states that flow from
layer to layer and all norms stay in float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EsmModel

from plmkit.models.adapters import merged
from plmkit.models.attention import angles, attend
from plmkit.models.backbone import Backbone
from plmkit.models.packed import filled_up

_CPU_TILE = 256  # tokens which a CPU computes at once; measured


class _Affine:
    """A matrix product with a shift, in one precision."""

    def __init__(self, weight: Tensor, bias: Tensor, precision: torch.dtype) -> None:
        self._weight, self._bias = weight.detach().to(precision), bias.detach().to(precision)
        self._is_packed = _has_onednn(self._weight)
        if self._is_packed:
            # what torch's own compiler calls for frozen weights
            self._weight = torch.ops.mkldnn._reorder_linear_weight(self._weight, _CPU_TILE)

    def __call__(self, rows: Tensor) -> Tensor:
        if self._is_packed:
            found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._weight, self._bias, "none", [], "")
            return found
        return F.linear(rows, self._weight, self._bias)


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
        self._architecture = backbone.architecture
        self._network = network = cast(EsmModel, merged(backbone.network))
        self._precision, self._attention_precision = precision, _attention_precision(precision, self.device)
        attention = network.encoder.layer[0].attention.self
        self._heads, self._size = attention.num_attention_heads, attention.attention_head_size
        with torch.inference_mode():
            # taken from the network one by one, so that not all weights are held twice
            self._layers = [_fused(network.encoder.layer.pop(0), precision) for _ in range(self.layers)]

    @torch.inference_mode()
    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) in float32 after some layers; see `packed_states`."""
        count = len(tokens)
        states, lengths = filled_up(self._architecture.embedded(self._network, tokens, lengths), lengths)
        found = {0: states.clone()} if 0 in layers else {}
        turns = _turns(self._network.rotary_embeddings.inv_freq, lengths, states.device)
        for number, layer in enumerate(self._layers[: max(layers)], start=1):
            self._step(layer, states, lengths, turns)
            if number in layers and number < self.layers:
                found[number] = states.clone()
        if self.layers in layers:
            found[self.layers] = self._network.encoder.emb_layer_norm_after(states)
        return [found[number][:count] for number in layers]

    def _step(self, layer: _Layer, states: Tensor, lengths: Sequence[int], turns: Tensor) -> None:
        """Run one EsmLayer; the states become those after it."""
        parts = states.new_empty(len(states), 3, self._heads, self._size)
        for tile, part, turn in _tiles(states, parts, turns):
            part.copy_(layer.query_key_value(layer.norm(tile).to(self._precision)).view_as(part))
            torch.view_as_complex(part[:, :2].view(len(part), 2, self._heads, -1, 2)).mul_(turn)
        query, key, value = parts.to(self._attention_precision).unbind(1)
        mixed = attend(query, key, value, lengths).flatten(1)
        for tile, part in _tiles(states, mixed):
            tile += layer.mixed(part.to(self._precision))
            tile += layer.narrow(F.gelu(layer.widen(layer.inner_norm(tile).to(self._precision))))


def _tiles(*rows: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield some tokens at a time: on a CPU so few that they stay in its cache, on a GPU all."""
    size = _CPU_TILE if rows[0].device.type == "cpu" else len(rows[0])
    return zip(*(torch.split(part, size) for part in rows), strict=True)


def _turns(frequencies: Tensor, lengths: Sequence[int], device: torch.device) -> Tensor:
    """Return the rotary positions (T, 1, 1, head / 2) as complex numbers of length 1."""
    turned = angles(frequencies, lengths, device)
    return torch.polar(torch.ones_like(turned), turned)[:, None, None]


def _fused(layer: Any, precision: torch.dtype) -> _Layer:
    attention = layer.attention.self
    heads, size = attention.num_attention_heads, attention.attention_head_size
    # i and i + half of each head, which turn together, become neighbours
    paired = torch.arange(heads * size, device=attention.query.weight.device).view(heads, 2, -1).mT.flatten()
    weights, biases = (
        torch.cat([query[paired] * size**-0.5, key[paired], value])
        for query, key, value in (
            [getattr(part, name) for part in (attention.query, attention.key, attention.value)]
            for name in ("weight", "bias")
        )
    )
    return _Layer(
        layer.attention.LayerNorm,
        _Affine(weights, biases, precision),
        _affine(layer.attention.output.dense, precision),
        layer.LayerNorm,
        _affine(layer.intermediate.dense, precision),
        _affine(layer.output.dense, precision),
    )


def _affine(dense: nn.Linear, precision: torch.dtype) -> _Affine:
    return _Affine(dense.weight, dense.bias, precision)


def _attention_precision(precision: torch.dtype, device: torch.device) -> torch.dtype:
    """Return bfloat16 only where there are units for products of whole matrices; elsewhere it gains nothing."""
    has_matrix_units = device.type != "cpu" or torch.cpu._is_amx_tile_supported()
    return precision if has_matrix_units else torch.float32


def _has_onednn(weight: Tensor) -> bool:
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return weight.dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
