"""Heads: what turns one vector of a protein into scores of its classes."""

from __future__ import annotations

from torch import Tensor, nn


class ClassificationHead(nn.Module):
    """Dropout, a tanh layer as wide as the model, dropout, one score for each class.

    The head of transformers' EsmForSequenceClassification, here for every family and every pooling.
    """

    def __init__(self, width: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, width)
        self.scores = nn.Linear(width, classes)

    def forward(self, vectors: Tensor) -> Tensor:
        """Return scores (B, C) of vectors (B, D)."""
        hidden = self.dense(self.dropout(vectors)).tanh()
        scores: Tensor = self.scores(self.dropout(hidden))
        return scores
