"""Where a head gets the states of proteins from: computed anew each time, or from what was computed once.

While adapters learn, everything above the first of them changes with each step, and everything beneath never does.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.batches import filled
from plmkit.data.packs import Pack, sorted_packs
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import (
    Encoder,
    Floats,
    Reading,
    default_budget,
    encode,
    encode_packs,
    encoded_in_blocks,
    pack_states,
    pieces_of,
)
from plmkit.models.heads import Head

Block = tuple[int, Tensor]  # how many proteins, and what a head keeps of them

_ENDS = 2
_ROWS_AT_ONCE = 1 << 16


class Source(Protocol):
    """What a head learns from. Proteins are numbers of a list of sequences."""

    def tokens(self, protein: int) -> int:
        """Return how much memory a protein takes, in tokens."""

    def pooled(self, proteins: Sequence[int], head: Head) -> Tensor:
        """Return what a head keeps of some proteins, with gradients where they are switched on."""

    def all_pooled(self, proteins: Sequence[int], head: Head, budget: int | None) -> Iterator[Block]:
        """Yield the same of any number of proteins, block by block in their order, without gradients."""

    def read_by(self, backbone: Backbone) -> Source:
        """Return the same for another model whose frozen weights are the same."""


@dataclass(frozen=True)
class Anew:
    """Everything is computed each time."""

    encoder: Encoder
    sequences: Sequence[str]
    reading: Reading

    def tokens(self, protein: int) -> int:
        """Return the tokens of a protein."""
        return len(self.sequences[protein]) + _ENDS

    def pooled(self, proteins: Sequence[int], head: Head) -> Tensor:
        """See `Source`."""
        encoded = encode(self.encoder, [self.sequences[protein] for protein in proteins], self.reading)
        return head.pooled(encoded.states[0], encoded.lengths)

    def all_pooled(self, proteins: Sequence[int], head: Head, budget: int | None) -> Iterator[Block]:
        """See `Source`."""
        sequences = [self.sequences[protein] for protein in proteins]
        for _, encoded in encoded_in_blocks(self.encoder, sequences, replace(self.reading, budget=budget)):
            with torch.inference_mode():
                yield len(encoded.lengths), head.pooled(encoded.states[0], encoded.lengths)

    def read_by(self, backbone: Backbone) -> Source:
        """See `Source`."""
        return replace(self, encoder=backbone)


class UpperLayers:
    """The lower layers were computed once, for all proteins; the upper ones are computed each time."""

    def __init__(self, backbone: Backbone, sequences: Sequence[str], reading: Reading, first: int) -> None:
        """Compute the states after layer `first`; they are held in a temporary file."""
        self._backbone, self._sequences, self._first = backbone, sequences, first
        self._reading = replace(reading, budget=reading.budget or default_budget(backbone))
        pieces = [piece for number, text in enumerate(sequences) for piece in pieces_of(number, len(text), reading)]
        starts = np.cumsum([0, *(piece.tokens for piece in pieces)])
        self._row = {(piece.protein, piece.start): int(row) for piece, row in zip(pieces, starts, strict=False)}
        self._states = _numbers_on_disk(int(starts[-1]), backbone.width)
        for pack in sorted_packs(pieces, default_budget(backbone)):
            with torch.inference_mode():
                states = pack_states(backbone, sequences, pack, [first])[0].numpy(force=True)
            self._write(pack, states)

    def tokens(self, protein: int) -> int:
        """Return the tokens of a protein."""
        return len(self._sequences[protein]) + _ENDS

    def pooled(self, proteins: Sequence[int], head: Head) -> Tensor:
        """See `Source`."""
        lengths = [len(self._sequences[protein]) for protein in proteins]
        encoded = encode_packs(lambda pack: self._upper(pack, proteins), lengths, self._reading)
        return head.pooled(encoded.states[0], encoded.lengths)

    def all_pooled(self, proteins: Sequence[int], head: Head, budget: int | None) -> Iterator[Block]:
        """See `Source`."""
        for part in filled(proteins, self.tokens, budget or self._reading.budget or 1):
            with torch.inference_mode():
                yield len(part), self.pooled(part, head)

    def read_by(self, backbone: Backbone) -> Source:
        """See `Source`."""
        other = copy(self)
        other._backbone = backbone
        return other

    def _upper(self, pack: Pack, proteins: Sequence[int]) -> list[Tensor]:
        rows = [self._row[proteins[piece.protein], piece.start] for piece in pack]
        held = [self._states[row : row + piece.tokens] for row, piece in zip(rows, pack, strict=True)]
        states = torch.from_numpy(np.concatenate(held)).to(self._backbone.device)
        tokens = [piece.tokens for piece in pack]
        return self._backbone.states_from(states, tokens, self._first, [self._backbone.layers])

    def _write(self, pack: Pack, states: Floats) -> None:
        done = 0
        for piece in pack:
            row = self._row[piece.protein, piece.start]
            self._states[row : row + piece.tokens] = states[done : done + piece.tokens]
            done += piece.tokens


class Pooled:
    """What a head without learned pooling keeps was computed once: nothing but the head is left to compute."""

    def __init__(self, encoder: Encoder, sequences: Sequence[str], reading: Reading, head: Head) -> None:
        """Compute what is kept of all proteins; it is held in a temporary file."""
        self._device = encoder.device
        sizes = [len(text) if head.how == "residues" else 1 for text in sequences]
        self._starts = np.cumsum([0, *sizes])
        self._kept = _numbers_on_disk(int(self._starts[-1]), head.pooling.width)
        done = 0
        for _, pooled in Anew(encoder, sequences, reading).all_pooled(range(len(sequences)), head, reading.budget):
            self._kept[done : done + len(pooled)] = pooled.numpy(force=True)
            done += len(pooled)

    def tokens(self, protein: int) -> int:
        """Return the places of a protein."""
        return int(self._starts[protein + 1] - self._starts[protein])

    def pooled(self, proteins: Sequence[int], head: Head) -> Tensor:
        """See `Source`."""
        first, sizes = self._starts[proteins], self._starts[np.asarray(proteins) + 1] - self._starts[proteins]
        within = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes)
        return torch.from_numpy(self._kept[np.repeat(first, sizes) + within]).to(self._device)

    def all_pooled(self, proteins: Sequence[int], head: Head, budget: int | None) -> Iterator[Block]:
        """See `Source`."""
        for part in filled(proteins, self.tokens, _ROWS_AT_ONCE):
            yield len(part), self.pooled(part, head)

    def read_by(self, backbone: Backbone) -> Source:
        """See `Source`."""
        return self


def _numbers_on_disk(rows: int, width: int) -> NDArray[np.float32]:
    """Return zeros that need no memory of their own; their file vanishes with the process."""
    with tempfile.TemporaryFile(prefix="plmkit-states-") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, rows * width * 4))  # a full disk shows now
        return np.memmap(file, dtype=np.float32, mode="r+", shape=(rows, width))
