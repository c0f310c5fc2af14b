"""Heads: what turns the states of proteins into scores of their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from plmkit.data.task import Task
from plmkit.models.pooling import pooling_module
from plmkit.models.shape import HeadPooling

_LEAST = 1e-7  # a probability of zero would have no score


class Head(nn.Module):
    """Pooling, then dropout, a tanh layer as wide as the model, dropout, one score for each label.

    The head of transformers' EsmForSequenceClassification, here for every family, pooling and kind of label. Two
    proteins of a pair become one vector that does not know which of them stood first.
    """

    inputs_mean: Tensor
    inputs_deviation: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, task: Task, pooling: HeadPooling, width: int, dropout: float) -> None:
        super().__init__()
        self.task, self.how = task, pooling
        self.pooling = pooling_module(pooling, width)
        pooled = self.pooling.width * (3 if task.unit == "pair" else 1)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(pooled, width)
        self.scores = nn.Linear(width, len(task.labels))
        # numbers that hardly vary, as among variants of one protein, count as much as others
        self.register_buffer("inputs_mean", torch.zeros(pooled))
        self.register_buffer("inputs_deviation", torch.ones(pooled))
        # of a regression: scores are learned with mean 0 and deviation 1
        self.register_buffer("mean", torch.zeros(len(task.labels)))
        self.register_buffer("deviation", torch.ones(len(task.labels)))

    def pooled(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return what is kept of the states (T, D) of some proteins: a vector for each, or those of all residues."""
        found: Tensor = self.pooling(states.float(), lengths)
        return found

    def forward(self, places: Tensor) -> Tensor:
        """Return scores (P, C) of places (P, W); see `paired` for pairs."""
        inputs = (places - self.inputs_mean) / self.inputs_deviation
        hidden = self.dense(self.dropout(inputs)).tanh()
        scores: Tensor = self.scores(self.dropout(hidden))
        return scores

    def values(self, scores: Tensor) -> Tensor:
        """Return what scores (P, C) mean: probabilities, or measured values."""
        if self.task.kind == "classification":
            return scores.softmax(dim=-1)
        if self.task.kind == "multilabel":
            return scores.sigmoid()
        return scores * self.deviation + self.mean

    def scores_of(self, values: Tensor) -> Tensor:
        """Return scores whose meaning are these values (P, C)."""
        if self.task.kind == "classification":
            return values.clamp_min(_LEAST).log()
        if self.task.kind == "multilabel":
            return values.clamp(_LEAST, 1 - _LEAST).logit()
        return (values - self.mean) / self.deviation

    def add_to_scores(self, offsets: Tensor) -> None:
        """Let all scores be higher by these offsets (C,) from now on."""
        with torch.no_grad():
            self.scores.bias.add_(offsets.to(self.scores.bias))

    def standardise_inputs(self, blocks: Iterable[Tensor]) -> None:
        """Set the mean and deviation of what comes in to those of these places, (P, W) in each block."""
        count = 0
        total = squares = torch.zeros((), device=self.mean.device)
        for block in blocks:
            wide = block.double()
            count += len(wide)
            total, squares = total + wide.sum(dim=0), squares + (wide**2).sum(dim=0)
        mean = total / count
        deviation = (squares / count - mean**2).clamp_min(0).sqrt()
        self.inputs_mean = mean.float()
        self.inputs_deviation = torch.where(deviation > _LEAST * mean.abs(), deviation, 1.0).float()

    def standardise(self, truth: Tensor) -> None:
        """Set the mean and deviation of a regression to those of the truth (P, C), NaN left out."""
        known = ~truth.isnan()
        count = known.sum(dim=0).clamp_min(1)
        self.mean = truth.nan_to_num(0.0).sum(dim=0) / count
        squares = ((truth - self.mean) ** 2).nan_to_num(0.0).sum(dim=0) / count
        self.deviation = squares.sqrt().clamp_min(1e-6)


def paired(one: Tensor, other: Tensor) -> Tensor:
    """Return (B, 3 W) for pairs of vectors (B, W): their sum, distance and product, the same in both orders."""
    return torch.cat((one + other, (one - other).abs(), one * other), dim=-1)
