"""How well residues are guessed: perplexity, with its interval and its floors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.learning.metrics import Estimate

Floats = NDArray[np.float64]
RESAMPLES = 1000


@dataclass(frozen=True)
class Guesses:
    """Sums of the losses (nats) and counts of the guessed residues of each protein, (N,) each."""

    losses: Floats
    counts: Floats

    @property
    def mean(self) -> float:
        """The mean loss of a residue, in nats."""
        return float(self.losses.sum() / self.counts.sum())

    @property
    def perplexity(self) -> float:
        """How many residues one would have to choose from, were all equally likely: 20 knows nothing, 1 all."""
        return math.exp(self.mean)

    def estimate(self) -> Estimate:
        """Return the perplexity with its 95 % interval, from resampling proteins."""
        return _estimate(self.perplexity, np.exp(self._resampled()))

    def relative_to(self, other: Guesses) -> Estimate:
        """Return this perplexity relative to another one of the same residues, with the paired 95 % interval."""
        return _estimate(math.exp(self.mean - other.mean), np.exp(self._resampled() - other._resampled()))

    def _resampled(self) -> Floats:
        """Return the mean losses of draws of as many proteins, the same draws for every model."""
        count = len(self.counts)
        draws = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLES)
        # a draw of proteins in which nothing was hidden tells nothing
        kept = draws[(draws @ self.counts) > 0]
        means: Floats = (kept @ self.losses) / (kept @ self.counts)
        return means


def _estimate(value: float, drawn: Floats) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


@dataclass(frozen=True)
class Unigram:
    """Guesses every residue by its frequency in the training proteins: what one can know without a model."""

    logarithms: dict[str, float]

    def loss(self, residue: str) -> float:
        """Return the loss (nats) of one residue."""
        return -self.logarithms[residue]


def unigram(sequences: Sequence[str], alphabet: str) -> Unigram:
    """Count the residues of an alphabet; each is counted once more, so that none is impossible."""
    counts = {letter: 1 + sum(sequence.count(letter) for sequence in sequences) for letter in alphabet}
    total = sum(counts.values())
    return Unigram({letter: math.log(count / total) for letter, count in counts.items()})
