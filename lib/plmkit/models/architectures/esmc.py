"""ESM C: norms before and on query and key, rotary positions, gated products, scaled steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import EsmcModel

from plmkit.models.attention import attend, rotated, rotation


class Esmc:
    """See `Architecture`."""

    network = EsmcModel
    options: Mapping[str, Any] = {}
    harmless = re.compile(r"(^|\.)(lm_head|sequence_head)\.|inv_freq$")

    def layers(self, network: EsmcModel) -> nn.ModuleList:
        """See `Architecture`."""
        layers: nn.ModuleList = network.layers
        return layers

    def idle(self, network: EsmcModel) -> Sequence[nn.Module]:
        """See `Architecture`."""
        return []

    def embedded(self, network: EsmcModel, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
        """See `Architecture`."""
        states: Tensor = network.embed_tokens(tokens)
        return states

    def shared(self, network: EsmcModel, lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
        """Return the rotary positions."""
        return rotation(network.rotary_emb.inv_freq, lengths, device)

    def layer(self, layer: Any, states: Tensor, lengths: Sequence[int], shared: tuple[Tensor, Tensor]) -> Tensor:
        """Run one EsmcLayer."""
        attention = layer.self_attn
        rows = (len(states), -1, attention.head_dim)
        normed = layer.input_layernorm(states)
        query = rotated(attention.q_norm(attention.q_proj(normed)).view(rows), shared) * attention.scaling
        key = rotated(attention.k_norm(attention.k_proj(normed)).view(rows), shared)
        value = attention.v_proj(normed).view(rows)
        mixed = attention.o_proj(attend(query, key, value, lengths).flatten(1))
        states = states + mixed / layer.scaling_factor
        out: Tensor = states + layer.mlp(layer.post_attention_layernorm(states)) / layer.scaling_factor
        return out

    def finished(self, network: EsmcModel, states: Tensor) -> Tensor:
        """See `Architecture`."""
        found: Tensor = network.norm(states)
        return found
