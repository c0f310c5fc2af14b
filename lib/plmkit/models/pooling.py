"""Make one vector of a protein's states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

Pooling = Literal["mean", "cls", "max", "centre"]


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
    inside = torch.ones(len(states), dtype=torch.bool, device=states.device)
    inside[starts] = False
    inside[starts + residues + 1] = False
    return torch.segment_reduce(states[inside], how, lengths=residues)
