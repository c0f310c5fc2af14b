"""Simple methods that a language model must beat to be worth its while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from plmkit.data.task import Task, Unit

Floats = NDArray[np.floating]
Features = Any  # a matrix (places, F) of numpy, or a sparse one of scipy
Sequences = Sequence[tuple[str, ...]]

LETTERS = "ACDEFGHIKLMNPQRSTVWYX"
_COLUMN = {letter: number for number, letter in enumerate(LETTERS)}
_AROUND = 7
_MOST_PLACES = 20_000  # that a linear model learns from; more change little and take minutes
_PENALTY = {"window": 0.1, "residue": 1.0, "protein": 100.0, "pair": 100.0}  # C of a logistic regression


def name_of_simple(task: Task) -> str:
    """Return what the linear model is called."""
    return "ridge regression" if task.kind == "regression" else "logistic regression"


def name_of_constant(task: Task) -> str:
    """Return what the method that looks at nothing is called."""
    return {"classification": "most frequent label", "multilabel": "shares of the labels", "regression": "mean"}[
        task.kind
    ]


def constant(task: Task, truth: Floats, places: int) -> Floats:
    """Return for every place the classes' or labels' shares in training, or the mean values, (places, C)."""
    if task.kind == "classification":
        known = truth[~np.isnan(truth)].astype(np.int64)
        shares = np.bincount(known, minlength=len(task.labels)) / len(known)
    else:
        shares = np.nanmean(truth, axis=0)
    return np.tile(shares, (places, 1))


def linear_model(
    task: Task, sequences: Sequences, truth: Floats, asked: Sequences, balanced: bool = False, seed: int = 0
) -> Floats:
    """Return probabilities or values (P, C) of a regularised linear model.

    Windows and residues are described by the one-hot residues around, proteins by their composition, pairs by sums and
    differences of compositions. sequences: of the examples to learn from; truth: (P, K) of their places.
    """
    features, wanted = describe(task.unit, sequences), describe(task.unit, asked)
    columns = [_column(task, features, truth[:, column], wanted, balanced, seed) for column in range(truth.shape[1])]
    return columns[0] if task.kind == "classification" else np.column_stack(columns)


def _column(task: Task, features: Features, truth: Floats, wanted: Features, balanced: bool, seed: int) -> Floats:
    """Learn one column of the truth; return (P, C) for classes, else (P,)."""
    rows = np.flatnonzero(~np.isnan(truth))
    if len(rows) > _MOST_PLACES:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MOST_PLACES, replace=False))
    places = wanted.shape[0]
    if task.kind == "regression":
        found: Floats = (
            Ridge(alpha=1.0 if task.unit in ("window", "residue") else 0.01)
            .fit(features[rows], truth[rows])
            .predict(wanted)
        )
        return found
    answers = truth[rows].astype(np.int64)
    classes = np.unique(answers)
    probabilities = np.zeros((places, len(task.labels) if task.kind == "classification" else 2))
    if len(classes) == 1:
        probabilities[:, classes[0]] = 1.0
    else:
        model = LogisticRegression(
            C=_PENALTY[task.unit], max_iter=5000, tol=1e-3, class_weight="balanced" if balanced else None
        )
        probabilities[:, classes] = model.fit(features[rows], answers).predict_proba(wanted)
    return probabilities if task.kind == "classification" else probabilities[:, 1]


def describe(unit: Unit, sequences: Sequences) -> Features:
    """Return the features (places, F) of examples."""
    if unit == "window":
        return one_hot([sequence for (sequence,) in sequences])
    if unit == "residue":
        return surroundings([sequence for (sequence,) in sequences])
    if unit == "protein":
        return composition([sequence for (sequence,) in sequences])
    first, second = (composition([pair[which] for pair in sequences]) for which in (0, 1))
    return np.hstack((first + second, np.abs(first - second)))


def one_hot(windows: Sequence[str]) -> NDArray[np.float64]:
    """Return (windows, positions x letters) zeros and ones; letters beside the twenty count as X."""
    encoded = np.zeros((len(windows), len(windows[0]), len(LETTERS)))
    for row, window in enumerate(windows):
        encoded[row, np.arange(len(window)), _columns(window)] = 1
    return encoded.reshape(len(windows), -1)


def surroundings(sequences: Sequence[str], around: int = _AROUND) -> sparse.csr_matrix:
    """Return (residues, positions x letters) zeros and ones: each residue with `around` ones on both sides."""
    positions, edge = 2 * around + 1, [len(LETTERS)] * around
    letters = [np.array([*edge, *_columns(sequence), *edge]) for sequence in sequences]
    windows = np.concatenate([np.lib.stride_tricks.sliding_window_view(found, positions) for found in letters])
    columns = windows + np.arange(positions) * (len(LETTERS) + 1)  # one letter more: beyond the end
    rows = np.repeat(np.arange(len(windows)), positions)
    shape = (len(windows), positions * (len(LETTERS) + 1))
    return sparse.csr_matrix((np.ones(columns.size), (rows, columns.ravel())), shape=shape)


def composition(sequences: Sequence[str]) -> NDArray[np.float64]:
    """Return (proteins, letters) shares of each letter."""
    counts = np.array([[sequence.count(letter) for letter in LETTERS] for sequence in sequences], dtype=float)
    shares: NDArray[np.float64] = counts / np.array([len(sequence) for sequence in sequences])[:, None]
    return shares


def _columns(sequence: str) -> list[int]:
    return [_COLUMN.get(letter, len(LETTERS) - 1) for letter in sequence]
