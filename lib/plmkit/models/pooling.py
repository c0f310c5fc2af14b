"""Make one vector of a protein's states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from plmkit.models.shape import HeadPooling, Pooling

_KERNEL = 9


def is_learned(how: HeadPooling) -> bool:
    """Say whether a pooling has weights."""
    return how == "attention"


def pool(states: Tensor, lengths: Sequence[int], how: Pooling) -> Tensor:
    """Return one vector (P, D) for each of P proteins laid end to end, from their states (T, D).

    lengths: residues of each protein; before them stands its start token, after them its end token. mean and max are
    over residues alone; cls is the state of the start token; centre the state of the middle residue (of an odd
    window: the site itself).
    """
    residues = torch.tensor(lengths, device=states.device)
    starts = (residues + 2).cumsum(0) - residues - 2
    if how == "cls":
        return states[starts]
    if how == "centre":
        return states[starts + 1 + residues // 2]
    return torch.segment_reduce(residue_states(states, lengths), how, lengths=residues)


def residue_states(states: Tensor, lengths: Sequence[int]) -> Tensor:
    """Return the states (sum of L, D) of all residues, those of start and end tokens left out."""
    residues = torch.tensor(lengths, device=states.device)
    starts = (residues + 2).cumsum(0) - residues - 2
    inside = torch.ones(len(states), dtype=torch.bool, device=states.device)
    inside[starts] = False
    inside[starts + residues + 1] = False
    return states[inside]


class FixedPooling(nn.Module):
    """A pooling without weights."""

    def __init__(self, how: HeadPooling, width: int) -> None:
        super().__init__()
        self.how: HeadPooling = how
        self.width = width

    def forward(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return one vector for each protein, or the states of all residues."""
        if self.how in get_args(Pooling):
            return pool(states, lengths, self.how)  # type: ignore[arg-type]
        return residue_states(states, lengths)


class LightAttention(nn.Module):
    """Learns where to look: an average over residues weighted by a convolution, beside their maximum.

    Source: Stärk et al. 2021, Bioinformatics Advances, doi:10.1093/bioadv/vbab035.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = 2 * width
        self.values = nn.Conv1d(width, width, _KERNEL, padding=_KERNEL // 2)
        self.weights = nn.Conv1d(width, width, _KERNEL, padding=_KERNEL // 2)

    def forward(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return (P, 2 D): for each protein the weighted average and the maximum of what the convolution sees."""
        rows = torch.split(residue_states(states, lengths), list(lengths))
        padded = pad_sequence(list(rows), batch_first=True).mT
        sizes = torch.tensor(lengths, device=states.device)
        outside = (torch.arange(padded.shape[-1], device=states.device) >= sizes[:, None])[:, None]
        values = self.values(padded)
        shares = self.weights(padded).masked_fill(outside, -torch.inf).softmax(dim=-1)
        largest = values.masked_fill(outside, -torch.inf).amax(dim=-1)
        return torch.cat(((values * shares).sum(dim=-1), largest), dim=-1)


def pooling_module(how: HeadPooling, width: int) -> FixedPooling | LightAttention:
    """Return what turns states into one vector for each protein, or into those of all residues."""
    return LightAttention(width) if how == "attention" else FixedPooling(how, width)
