"""Run an ESM network on proteins laid end to end: no padding is computed, no protein sees another.

Everything but attention works on one long row of tokens (T, D). The network's own layers are called one by one, so
adapters that wrap them take part. Equal to the unmodified model run on each protein alone, within rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.checkpoint import checkpoint
from transformers import EsmModel

_CPU_STEP = 32  # packs are filled up to a multiple of so many tokens
_TRAINED_MASKED = 0.15 * 0.8  # share of masked tokens which ESM-2's embeddings were scaled to in its training


def packed_states(
    network: EsmModel,
    tokens: Tensor,
    lengths: Sequence[int],
    layers: Sequence[int] | None = None,
    recompute: bool = False,
) -> list[Tensor]:
    """Return the states (T, D) after some layers, of proteins laid end to end.

    tokens: ids (T,), start and end of each protein among them; lengths: tokens of each protein, T in all. layers: 0
    is the embedding of the tokens, the number of layers the last one, after the final layer norm; None: the last.
    recompute: hold the states between layers alone, and compute each layer again for its gradients: less memory.
    """
    wanted = [len(network.encoder.layer)] if layers is None else layers
    return packed_on(network, embedded(network, tokens, lengths), lengths, 0, wanted, recompute)


def packed_on(
    network: EsmModel,
    states: Tensor,
    lengths: Sequence[int],
    first: int,
    layers: Sequence[int],
    recompute: bool = False,
) -> list[Tensor]:
    """Go on from the states after layer `first`; see `packed_states`. layers: `first` or later ones.

    The states after the last layer are those after the final layer norm, given as well as returned.
    """
    count, rows = len(network.encoder.layer), len(states)
    found = {first: states}
    states, lengths = filled_up(states, lengths)
    turns = rotation(network.rotary_embeddings.inv_freq, lengths, states.device)
    for number, layer in enumerate(network.encoder.layer[first : max(layers)], start=first + 1):
        if recompute and torch.is_grad_enabled():
            states = checkpoint(_layer, layer, states, lengths, turns, use_reentrant=False)
        else:
            states = _layer(layer, states, lengths, turns)
        if number in layers:
            found[number] = states
    if count in layers and first < count:
        found[count] = network.encoder.emb_layer_norm_after(states)
    return [found[number][:rows] for number in layers]


def filled_up(states: Tensor, lengths: Sequence[int]) -> tuple[Tensor, Sequence[int]]:
    """On a CPU, add a protein of zeros, so that there are few different sizes: oneDNN keeps code for each it meets."""
    missing = -len(states) % _CPU_STEP
    if states.device.type != "cpu" or not missing:
        return states, lengths
    return F.pad(states, (0, 0, 0, missing)), [*lengths, missing]


def embedded(network: EsmModel, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
    """Embed tokens; where the model asks for it, masked ones are zero and the rest of the protein makes up for it."""
    embeddings = network.embeddings
    states: Tensor = embeddings.word_embeddings(tokens)
    if embeddings.token_dropout:
        masked = tokens == embeddings.mask_token_id
        sizes = torch.tensor(lengths, device=tokens.device)
        shares = torch.stack([part.sum() for part in _by_protein(masked, lengths)]) / sizes
        scale = ((1 - _TRAINED_MASKED) / (1 - shares)).repeat_interleave(sizes)
        states = states.masked_fill(masked[:, None], 0.0) * scale[:, None]
    if embeddings.layer_norm is not None:
        states = embeddings.layer_norm(states)
    return states


def angles(frequencies: Tensor, lengths: Sequence[int], device: torch.device) -> Tensor:
    """Return the angles (T, head / 2) of the rotary positions, which begin anew in each protein."""
    positions = torch.cat([torch.arange(length, device=device) for length in lengths])
    return positions[:, None].float() * frequencies.float()


def rotation(frequencies: Tensor, lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosine and signed sine (T, 1, head) of the rotary positions."""
    turned = angles(frequencies, lengths, device)
    cosine, sine = turned.cos(), turned.sin()
    return torch.cat((cosine, cosine), dim=-1)[:, None], torch.cat((-sine, sine), dim=-1)[:, None]


def _layer(layer: Any, states: Tensor, lengths: Sequence[int], turns: tuple[Tensor, Tensor]) -> Tensor:
    """Run one EsmLayer."""
    attention = layer.attention.self
    rows = (len(states), attention.num_attention_heads, attention.attention_head_size)
    normed = layer.attention.LayerNorm(states)
    query = rotated((attention.query(normed) * rows[2] ** -0.5).view(rows), turns)
    key = rotated(attention.key(normed).view(rows), turns)
    value = attention.value(normed).view(rows)
    states = states + layer.attention.output.dense(attend(query, key, value, lengths).flatten(1))
    inner = F.gelu(layer.intermediate.dense(layer.LayerNorm(states)))
    out: Tensor = states + layer.output.dense(inner)
    return out


def rotated(rows: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Turn each pair (i, i + half) of (T, heads, size) by its position's angle."""
    cosine, sine = turns
    return (rows * cosine + rows.roll(rows.shape[-1] // 2, dims=-1) * sine).to(rows.dtype)


def attend(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    """Attend within each protein; rows are (T, heads, size). The query is scaled already."""
    if query.device.type == "cpu":
        return _attend_in_runs(query, key, value, lengths)
    return _attend_padded(query, key, value, lengths)


def _attend_in_runs(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    """One call for each run of equally long proteins: no padding, and no mask.

    Best on a CPU: without a mask, attention takes the kernel whose memory grows with L, not L².
    """
    runs = [(length, len(list(run))) for length, run in groupby(lengths)]
    sizes = [length * count for length, count in runs]
    mixed = []
    for (length, count), *rows in zip(runs, *(torch.split(part, sizes) for part in (query, key, value)), strict=True):
        found = _heads_first(*(part.unflatten(0, (count, length)).transpose(1, 2) for part in rows))
        mixed.append(found.transpose(1, 2).flatten(0, 1))
    return torch.cat(mixed)


def _attend_padded(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    """One call for all proteins: best on a GPU, where hundreds of small calls would keep it waiting."""
    queries, keys, values = (
        pad_sequence(_by_protein(rows, lengths), batch_first=True).transpose(1, 2) for rows in (query, key, value)
    )
    if min(lengths) == max(lengths):
        return _heads_first(queries, keys, values).transpose(1, 2).flatten(0, 1)
    sizes = torch.tensor(lengths, device=query.device)
    inside = torch.arange(max(lengths), device=query.device) < sizes[:, None]
    return _heads_first(queries, keys, values, inside[:, None, None]).transpose(1, 2)[inside]


def _heads_first(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)


def _by_protein(rows: Tensor, lengths: Sequence[int]) -> list[Tensor]:
    return list(torch.split(rows, list(lengths)))
