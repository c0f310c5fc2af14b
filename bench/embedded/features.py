"""Describe residues and proteins by numbers: a frozen language model's states, or one-hot residues."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from plmkit.learning.baselines import LETTERS
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import protein_vectors, residue_states
from plmkit.models.source import ModelFiles, open_model
from plmkit.models.untrained import build_untrained

Floats = NDArray[np.float32]
_BUDGET = 1024
_SPREAD = 0.02  # as `plm pretrain --model none` begins
_CODES = np.full(256, LETTERS.index("X"))
_CODES[[ord(letter) for letter in LETTERS]] = np.arange(len(LETTERS))


@dataclass(frozen=True)
class Encoder:
    """A frozen language model. Proteins longer than `longest` are encoded in equal pieces, to save time."""

    backbone: Backbone
    precision: torch.dtype
    longest: int

    def residues(self, sequences: Sequence[str]) -> list[Floats]:
        """Return the states (L, D) of each protein."""
        pieces, owners = self._cut(sequences)
        found: list[Floats] = [np.empty(0, np.float32)] * len(pieces)
        with torch.autocast(self.backbone.device.type, self.precision, enabled=self.precision != torch.float32):
            for index, states in residue_states(self.backbone, pieces, None, _BUDGET):
                found[index] = states.astype(np.float32)
        borders = np.searchsorted(owners, np.arange(1, len(sequences)))
        return [np.concatenate(found[start:stop]) for start, stop in _between(borders, len(pieces))]

    def proteins(self, sequences: Sequence[str]) -> Floats:
        """Return the mean (N, D) of the states of each protein."""
        pieces, owners = self._cut(sequences)
        with torch.autocast(self.backbone.device.type, self.precision, enabled=self.precision != torch.float32):
            vectors = protein_vectors(self.backbone, pieces, None, "mean", _BUDGET)
        lengths = np.array([len(piece) for piece in pieces], dtype=np.float32)
        sums = np.zeros((len(sequences), self.backbone.width), np.float32)
        np.add.at(sums, owners, vectors * lengths[:, None])
        means: Floats = sums / np.array([len(sequence) for sequence in sequences], np.float32)[:, None]
        return means

    def _cut(self, sequences: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
        """Return pieces of equal length and the protein of each."""
        pieces: list[str] = []
        owners: list[int] = []
        for number, sequence in enumerate(sequences):
            count = -(-len(sequence) // self.longest)
            inner = np.round(np.arange(1, count) * len(sequence) / count).astype(np.int64)
            pieces += [sequence[start:stop] for start, stop in _between(inner, len(sequence))]
            owners += [number] * count
        return pieces, np.array(owners)


@dataclass(frozen=True)
class Models:
    """The trained model, and models of its shape with random weights, one for each seed."""

    trained: ModelFiles
    random: list[ModelFiles]


@contextmanager
def open_models(model: str, seeds: Sequence[int]) -> Iterator[Models]:
    """Yield a model and its likenesses with random weights."""
    with open_model(model, None) as trained, tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        yield Models(trained, [untrained(trained, Path(temporary) / str(seed), seed) for seed in seeds])


def untrained(trained: ModelFiles, folder: Path, seed: int) -> ModelFiles:
    """Write a model of the same shape with the random weights which training starts from."""
    width, layers, heads = (trained.config[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    build_untrained(folder, f"random weights, seed {seed}", width, layers, heads, seed, spread=_SPREAD)
    with open_model(str(folder), None) as files:
        return files


def one_hot_windows(sequence: str, flank: int) -> Floats:
    """Return (L, positions x letters): each residue with its neighbours; beyond the ends all is zero."""
    codes = np.pad(_codes(sequence), flank, constant_values=len(LETTERS))
    letters = np.vstack([np.eye(len(LETTERS), dtype=np.float32), np.zeros(len(LETTERS), np.float32)])
    return letters[sliding_window_view(codes, 2 * flank + 1)].reshape(len(sequence), -1)


def one_hot_at(sequences: Sequence[str], positions: NDArray[np.int64]) -> Floats:
    """Return (N, positions x letters) of the residues at some positions of equally long proteins."""
    chosen = np.stack([_codes(sequence)[positions] for sequence in sequences])
    return np.eye(len(LETTERS), dtype=np.float32)[chosen].reshape(len(sequences), -1)


def varying_positions(sequences: Sequence[str]) -> NDArray[np.int64]:
    """Return the positions at which equally long proteins differ, from 0."""
    codes = np.stack([_codes(sequence) for sequence in sequences])
    return np.flatnonzero((codes != codes[0]).any(axis=0))


def _codes(sequence: str) -> NDArray[np.int64]:
    return _CODES[np.frombuffer(sequence.encode("ascii"), np.uint8)]


def _between(borders: NDArray[np.int64], end: int) -> list[tuple[int, int]]:
    edges = [0, *borders.tolist(), end]
    return list(pairwise(edges))
