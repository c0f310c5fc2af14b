"""The encoders of ProtT5, ProstT5 and Ankh: norms before, a bias by distance in every attention, no start token."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import T5EncoderModel

from plmkit.models.attention import attend_biased, positions


class _Places(NamedTuple):
    """What all layers share. bias: (heads, L, L) by distance; rows: of tokens that take part in attention.

    lengths: how many those are in each protein.
    """

    bias: Tensor
    rows: Tensor
    lengths: list[int]


class T5:
    """See `Architecture`. Where there is no start token, padding holds its place, which nothing attends to."""

    network = T5EncoderModel
    options: Mapping[str, Any] = {"dropout_rate": 0.0}  # one lies inside the products of a layer
    harmless = re.compile(r"^(decoder|lm_head)\.|embed_tokens\.weight$")

    def __init__(self, has_start: bool) -> None:
        """has_start: whether a token stands before the residues."""
        self._first = 0 if has_start else 1

    def layers(self, network: T5EncoderModel) -> nn.ModuleList:
        """See `Architecture`."""
        layers: nn.ModuleList = network.encoder.block
        return layers

    def idle(self, network: T5EncoderModel) -> Sequence[nn.Module]:
        """See `Architecture`."""
        return []

    def embedded(self, network: T5EncoderModel, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
        """See `Architecture`."""
        states: Tensor = network.shared(tokens)
        return states

    def shared(self, network: T5EncoderModel, lengths: Sequence[int], device: torch.device) -> _Places:
        """Return the bias of the longest protein, whose upper left part is that of a shorter one."""
        takes_part = positions(lengths, device) >= self._first
        inner = [length - self._first for length in lengths if length > self._first]
        attention = network.encoder.block[0].layer[0].SelfAttention
        return _Places(attention.compute_bias(max(inner), max(inner), device)[0], takes_part.nonzero()[:, 0], inner)

    def layer(self, layer: Any, states: Tensor, lengths: Sequence[int], shared: _Places) -> Tensor:
        """Run one T5Block of an encoder."""
        attention, feed = layer.layer[0].SelfAttention, layer.layer[1]
        normed = layer.layer[0].layer_norm(states)[shared.rows]
        rows = (len(normed), attention.n_heads, attention.key_value_proj_dim)
        query, key, value = (part(normed).view(rows) for part in (attention.q, attention.k, attention.v))
        mixed = attention.o(attend_biased(query, key, value, shared.lengths, shared.bias).flatten(1))
        states = states.index_add(0, shared.rows, mixed.to(states.dtype))
        out: Tensor = states + feed.DenseReluDense(feed.layer_norm(states))
        return out

    def finished(self, network: T5EncoderModel, states: Tensor) -> Tensor:
        """See `Architecture`."""
        found: Tensor = network.encoder.final_layer_norm(states)
        return found
