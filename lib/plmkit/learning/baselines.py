"""Simple methods that a language model must beat to be worth its while."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from plmkit.data.dataset import Unit

LETTERS = "ACDEFGHIKLMNPQRSTVWYX"
_COLUMN = {letter: number for number, letter in enumerate(LETTERS)}


def majority(truth: NDArray[np.int64], classes: int, proteins: int) -> NDArray[np.float64]:
    """Return for every protein the classes' shares in training, (proteins, C)."""
    shares = np.bincount(truth, minlength=classes) / len(truth)
    return np.tile(shares, (proteins, 1))


def logistic_regression(
    sequences: Sequence[str], truth: NDArray[np.int64], asked: Sequence[str], unit: Unit, balanced: bool = False
) -> NDArray[np.float64]:
    """Return class probabilities (asked, C) of a regularised logistic regression.

    Windows are described by one-hot residues at each position, proteins by their residue composition.
    """
    describe = one_hot if unit == "window" else composition
    weights = "balanced" if balanced else None
    model = LogisticRegression(C=0.1 if unit == "window" else 100.0, max_iter=5000, class_weight=weights)
    model.fit(describe(sequences), truth)
    probabilities: NDArray[np.float64] = model.predict_proba(describe(asked))
    return probabilities


def one_hot(windows: Sequence[str]) -> NDArray[np.float64]:
    """Return (windows, positions x letters) zeros and ones; letters beside the twenty count as X."""
    encoded = np.zeros((len(windows), len(windows[0]), len(LETTERS)))
    for row, window in enumerate(windows):
        columns = [_COLUMN.get(letter, len(LETTERS) - 1) for letter in window]
        encoded[row, np.arange(len(window)), columns] = 1
    return encoded.reshape(len(windows), -1)


def composition(sequences: Sequence[str]) -> NDArray[np.float64]:
    """Return (proteins, letters) shares of each letter."""
    counts = np.array([[sequence.count(letter) for letter in LETTERS] for sequence in sequences], dtype=float)
    shares: NDArray[np.float64] = counts / np.array([len(sequence) for sequence in sequences])[:, None]
    return shares
