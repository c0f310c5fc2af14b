"""Describe residues and proteins by numbers: a frozen language model's states, or one-hot residues."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from plmkit.learning.baselines import LETTERS
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import Reading, encoded_in_blocks, protein_vectors
from plmkit.models.fused import Reader
from plmkit.models.source import ModelFiles, open_model
from plmkit.models.untrained import build_untrained

Floats = NDArray[np.float32]
_SPREAD = 0.02  # as plm pretrain --model none
_CODES = np.full(256, LETTERS.index("X"))
_CODES[[ord(letter) for letter in LETTERS]] = np.arange(len(LETTERS))


class Encoder:
    """A frozen language model. Proteins longer than `longest` are encoded in equal pieces, to save time."""

    def __init__(self, backbone: Backbone, precision: torch.dtype, longest: int) -> None:
        self.reader = Reader(backbone, precision)
        self.reading = Reading(longest, overlap=0)

    def residues(self, sequences: Sequence[str]) -> list[Floats]:
        """Return the states (L, D) of each protein."""
        blocks = encoded_in_blocks(self.reader, sequences, self.reading)
        return [states[0].copy() for _, encoded in blocks for states in encoded.residues()]

    def proteins(self, sequences: Sequence[str]) -> Floats:
        """Return the mean (N, D) of the states of each protein."""
        return protein_vectors(self.reader, sequences, "mean", self.reading)


@dataclass(frozen=True)
class Models:
    """The trained model, the weights its training began with, and random weights, one model for each seed."""

    trained: ModelFiles
    before: ModelFiles
    random: list[ModelFiles]


@contextmanager
def open_models(model: str, seeds: Sequence[int]) -> Iterator[Models]:
    """Yield a model and its likenesses that were never trained."""
    with open_model(model, None) as trained, tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        random = [untrained(trained, Path(temporary) / str(seed), seed) for seed in seeds]
        yield Models(trained, untrained(trained, Path(temporary) / "before", 1, neighbours=True), random)


def untrained(trained: ModelFiles, folder: Path, seed: int, neighbours: bool = False) -> ModelFiles:
    """Write a model of the same shape with random weights; neighbours: as `plm pretrain --model none` begins."""
    width, layers, heads = (trained.config[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    name = f"untrained, seed {seed}"
    build_untrained(folder, name, width, layers, heads, seed, spread=_SPREAD, neighbours=neighbours)
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
