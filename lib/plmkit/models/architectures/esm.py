"""ESM-2, ESM-1b, ESM-1v and SaProt: norms before, positions rotary or learned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EsmModel

from plmkit.models.attention import attend, by_protein, positions, rotated, rotation

_TRAINED_MASKED = 0.15 * 0.8  # share of masked tokens which ESM-2's embeddings were scaled to in its training


class Esm:
    """See `Architecture`."""

    network = EsmModel
    options: Mapping[str, Any] = {"add_pooling_layer": False}
    # The language-model head, an unused pooler, position ids and rotary frequencies that are computed anew, learned
    # positions beside rotary ones, and (missing in some) the contact head.
    harmless = re.compile(r"(^|\.)(lm_head|pooler|contact_head)\.|position_ids$|inv_freq$")

    def layers(self, network: EsmModel) -> nn.ModuleList:
        """See `Architecture`."""
        layers: nn.ModuleList = network.encoder.layer
        return layers

    def idle(self, network: EsmModel) -> Sequence[nn.Module]:
        """See `Architecture`."""
        return [network.contact_head]

    def embedded(self, network: EsmModel, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
        """Where the model asks for it, masked tokens are zero and the rest of the protein makes up for it."""
        embeddings = network.embeddings
        states: Tensor = embeddings.word_embeddings(tokens)
        if embeddings.token_dropout:
            masked = tokens == embeddings.mask_token_id
            sizes = torch.tensor(lengths, device=tokens.device)
            shares = torch.stack([part.sum() for part in by_protein(masked, lengths)]) / sizes
            scale = ((1 - _TRAINED_MASKED) / (1 - shares)).repeat_interleave(sizes)
            states = states.masked_fill(masked[:, None], 0.0) * scale[:, None]
        if not _is_rotary(network):
            places = positions(lengths, tokens.device) + embeddings.padding_idx + 1
            states = states + embeddings.position_embeddings(places)
        return states if embeddings.layer_norm is None else embeddings.layer_norm(states)

    def shared(self, network: EsmModel, lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor] | None:
        """Return the rotary positions, if there are any."""
        if not _is_rotary(network):
            return None
        return rotation(network.rotary_embeddings.inv_freq, lengths, device)

    def layer(self, layer: Any, states: Tensor, lengths: Sequence[int], shared: tuple[Tensor, Tensor] | None) -> Tensor:
        """Run one EsmLayer."""
        attention = layer.attention.self
        rows = (len(states), attention.num_attention_heads, attention.attention_head_size)
        normed = layer.attention.LayerNorm(states)
        query = (attention.query(normed) * rows[2] ** -0.5).view(rows)
        key, value = attention.key(normed).view(rows), attention.value(normed).view(rows)
        if shared is not None:
            query, key = rotated(query, shared), rotated(key, shared)
        states = states + layer.attention.output.dense(attend(query, key, value, lengths).flatten(1))
        inner = F.gelu(layer.intermediate.dense(layer.LayerNorm(states)))
        out: Tensor = states + layer.output.dense(inner)
        return out

    def finished(self, network: EsmModel, states: Tensor) -> Tensor:
        """See `Architecture`."""
        found: Tensor = network.encoder.emb_layer_norm_after(states)
        return found


def _is_rotary(network: EsmModel) -> bool:
    return bool(network.config.position_embedding_type == "rotary")
