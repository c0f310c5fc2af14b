"""Make one vector of a protein's states."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Pooling = Literal["mean", "cls", "max", "centre"]


def residues_only(tokens: Tensor, special_ids: tuple[int, ...]) -> Tensor:
    """Return a mask (B, L) which is True at residues and False at start, end and padding."""
    return torch.isin(tokens, torch.tensor(special_ids, device=tokens.device), invert=True)


def pool(states: Tensor, is_residue: Tensor, how: Pooling) -> Tensor:
    """Return one vector (B, D) for each protein from states (B, L, D).

    mean and max are over residues alone, never over start, end or padding; cls is the state of the start token;
    centre the state of the middle residue (of an odd window: the site itself).
    """
    if how == "cls":
        return states[:, 0]
    if how == "centre":
        middle = 1 + is_residue.sum(dim=1) // 2
        return states[torch.arange(len(states), device=states.device), middle]
    weights = is_residue.unsqueeze(-1)
    if how == "max":
        return states.masked_fill(~weights, -torch.inf).amax(dim=1)
    return (states * weights).sum(dim=1) / weights.sum(dim=1)
