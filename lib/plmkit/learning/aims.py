"""What is explained of a prediction: one number for each protein, in a unit which does not saturate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from plmkit.models.heads import Head, paired


@dataclass(frozen=True)
class Aim:
    """What is explained: the score of a label, at one residue or of a whole protein, or of its pair with a partner.

    label: its number. place: of the residue, from 0; None: the whole. partner: of pairs, what a head keeps of the other
    protein, (1, W).
    """

    label: int
    place: int | None = None
    partner: Tensor | None = None

    def scores(self, head: Head, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return the score (P,) of each protein, from the states (T, D) of all of them laid end to end."""
        pooled = head.pooled(states, lengths)
        if self.place is not None:
            sizes = torch.tensor(lengths, device=pooled.device)
            pooled = pooled[sizes.cumsum(0) - sizes + self.place]
        if self.partner is not None:
            pooled = paired(pooled, self.partner.expand_as(pooled))
        return score_of(head, head(pooled), self.label)


def score_of(head: Head, scores: Tensor, label: int) -> Tensor:
    """Return what is explained of a head's scores (P, C): (P,).

    Natural log-odds of the label's probability p, log(p / (1 - p)): where p is 1.000 nothing can be seen to move, but
    its log-odds do. Of measured numbers the number itself.
    """
    wanted = scores[:, label]
    if head.task.kind == "classification":
        others = torch.cat((scores[:, :label], scores[:, label + 1 :]), dim=1)
        return wanted - others.logsumexp(dim=1)
    if head.task.kind == "multilabel":
        return wanted
    return wanted * head.deviation[label] + head.mean[label]
