"""ProtBert: norms after each step, learned positions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from plmkit.models.attention import attend, positions


class Bert:
    """See `Architecture`."""

    network = BertModel
    options: Mapping[str, Any] = {"add_pooling_layer": False}
    harmless = re.compile(r"(^|\.)(cls|pooler)\.|position_ids$")

    def layers(self, network: BertModel) -> nn.ModuleList:
        """See `Architecture`."""
        layers: nn.ModuleList = network.encoder.layer
        return layers

    def idle(self, network: BertModel) -> Sequence[nn.Module]:
        """See `Architecture`."""
        return []

    def embedded(self, network: BertModel, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return words, places and the one type of token there is, added and normed."""
        embeddings = network.embeddings
        words = embeddings.word_embeddings(tokens) + embeddings.token_type_embeddings.weight[0]
        found: Tensor = embeddings.LayerNorm(words + embeddings.position_embeddings(positions(lengths, tokens.device)))
        return found

    def shared(self, network: BertModel, lengths: Sequence[int], device: torch.device) -> None:
        """Positions are part of the embedding."""

    def layer(self, layer: Any, states: Tensor, lengths: Sequence[int], shared: None) -> Tensor:
        """Run one BertLayer."""
        attention, output = layer.attention.self, layer.attention.output
        rows = (len(states), attention.num_attention_heads, attention.attention_head_size)
        query = (attention.query(states) * rows[2] ** -0.5).view(rows)
        key, value = attention.key(states).view(rows), attention.value(states).view(rows)
        states = output.LayerNorm(output.dense(attend(query, key, value, lengths).flatten(1)) + states)
        out: Tensor = layer.output.LayerNorm(layer.output.dense(layer.intermediate(states)) + states)
        return out

    def finished(self, network: BertModel, states: Tensor) -> Tensor:
        """See `Architecture`."""
        return states
