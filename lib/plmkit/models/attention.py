"""Attention among proteins laid end to end: none sees another, and rotary positions begin anew in each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


def angles(frequencies: Tensor, lengths: Sequence[int], device: torch.device) -> Tensor:
    """Return the angles (T, head / 2) of the rotary positions, which begin anew in each protein."""
    return positions(lengths, device)[:, None].float() * frequencies.float()


def positions(lengths: Sequence[int], device: torch.device) -> Tensor:
    """Return the place (T,) of each token in its protein, from 0."""
    return torch.cat([torch.arange(length, device=device) for length in lengths])


def rotation(frequencies: Tensor, lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosine and signed sine (T, 1, head) of the rotary positions."""
    turned = angles(frequencies, lengths, device)
    cosine, sine = turned.cos(), turned.sin()
    return torch.cat((cosine, cosine), dim=-1)[:, None], torch.cat((-sine, sine), dim=-1)[:, None]


def rotated(rows: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Turn each pair (i, i + half) of (T, heads, size) by its position's angle."""
    cosine, sine = turns
    return (rows * cosine + rows.roll(rows.shape[-1] // 2, dims=-1) * sine).to(rows.dtype)


def attend(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    """Attend within each protein; rows are (T, heads, size). The query is scaled already."""
    if query.device.type == "cpu":
        return _attend_in_runs(query, key, value, lengths)
    return _attend_padded(query, key, value, lengths)


def attend_biased(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int], bias: Tensor) -> Tensor:
    """Attend as `attend`, with a bias (heads, L, L) for the longest protein that depends on distance alone.

    On a GPU too one call for each run of equally long proteins: a mask for each protein would fill its memory.
    """
    return _attend_in_runs(query, key, value, lengths, bias)


def _attend_in_runs(
    query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int], bias: Tensor | None = None
) -> Tensor:
    """One call for each run of equally long proteins: no padding, and no mask.

    Best on a CPU: without a mask, attention takes the kernel whose memory grows with L, not L².
    """
    runs = [(length, len(list(run))) for length, run in groupby(lengths)]
    sizes = [length * count for length, count in runs]
    mixed = []
    for (length, count), *rows in zip(runs, *(torch.split(part, sizes) for part in (query, key, value)), strict=True):
        mask = None if bias is None else bias[:, :length, :length].to(query.dtype)
        parts = [part.unflatten(0, (count, length)).transpose(1, 2) for part in rows]
        found = _heads_first(parts[0], parts[1], parts[2], mask)
        mixed.append(found.transpose(1, 2).flatten(0, 1))
    return torch.cat(mixed)


def _attend_padded(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    """One call for all proteins: best on a GPU, where hundreds of small calls would keep it waiting."""
    queries, keys, values = (
        pad_sequence(by_protein(rows, lengths), batch_first=True).transpose(1, 2) for rows in (query, key, value)
    )
    if min(lengths) == max(lengths):
        return _heads_first(queries, keys, values).transpose(1, 2).flatten(0, 1)
    sizes = torch.tensor(lengths, device=query.device)
    inside = torch.arange(max(lengths), device=query.device) < sizes[:, None]
    return _heads_first(queries, keys, values, inside[:, None, None]).transpose(1, 2)[inside]


def _heads_first(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)


def by_protein(rows: Tensor, lengths: Sequence[int]) -> list[Tensor]:
    """Return the rows of each protein."""
    return list(torch.split(rows, list(lengths)))
