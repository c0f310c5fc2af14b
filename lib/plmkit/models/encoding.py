"""Run proteins through a language model: without padding, long ones in windows, as much at once as memory allows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.merging import Places, places
from plmkit.data.packs import Pack, Piece, sorted_packs, usual_overlap, windows
from plmkit.errors import OutOfMemoryError
from plmkit.models.device import free_memory, is_out_of_memory
from plmkit.models.pooling import pool
from plmkit.models.shape import Pooling
from plmkit.models.tokens import Tokenizer

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

_CPU_TOKENS = 2048  # more leaves the processor's cache; measured
_GPU_TOKENS = (2048, 65536)  # fewer leave a GPU waiting; more gain nothing
_BLOCK_PACKS = 4
_NUMBERS_PER_TOKEN = 24  # of a layer's work, in widths of the model


class Encoder(Protocol):
    """What turns tokens into states: a `Backbone`, which can learn, or what `fast_reader` makes of it.

    tokenizer: how residues become token ids.
    """

    tokenizer: Tokenizer

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    @property
    def width(self) -> int:
        """D, the numbers for each residue."""

    @property
    def layers(self) -> int:
        """The number of transformer layers."""

    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) after some layers, of proteins laid end to end; see `packed_states`."""


@dataclass(frozen=True)
class Reading:
    """How proteins are read.

    window: residues read at once; of a longer protein, overlapping windows of that many are read and merged.
    overlap: residues which neighbouring windows share at least. budget: tokens computed at once (memory and speed
    alone); None: found by itself. layers: whose states are wanted, 0 for the embedding of the tokens; None: the last.
    """

    window: int
    overlap: int
    budget: int | None = None
    layers: tuple[int, ...] | None = None


def reading_for(tokenizer: Tokenizer, budget: int | None = None) -> Reading:
    """Return how a model's proteins are read unless the user says otherwise: windows as long as in its training."""
    return Reading(tokenizer.window, usual_overlap(tokenizer.window), budget)


@dataclass(frozen=True)
class Encoded:
    """The states of some proteins, laid end to end: for each layer (T, D), start and end of each protein among them.

    lengths: residues of each protein.
    """

    states: list[Tensor]
    lengths: list[int]

    def pooled(self, how: Pooling, layer: int = 0) -> Tensor:
        """Return one vector (P, D) for each protein; layer: its place among those asked for."""
        return pool(self.states[layer], self.lengths, how)

    def residues(self) -> Iterator[Floats]:
        """Yield the states of each protein's residues, (layers, L, D)."""
        together = torch.stack(self.states).numpy(force=True)
        row = 0
        for length in self.lengths:
            yield together[:, row + 1 : row + 1 + length]
            row += length + 2


def encode(encoder: Encoder, sequences: Sequence[str], reading: Reading) -> Encoded:
    """Encode some proteins at once, with gradients where they are switched on.

    Matrix products run over `budget` tokens at a time, but all states are held: give few proteins.
    """
    layers = [encoder.layers] if reading.layers is None else list(reading.layers)
    budget = reading.budget or default_budget(encoder)
    return encode_packs(
        lambda pack: pack_states(encoder, sequences, pack, layers),
        [len(sequence) for sequence in sequences],
        replace(reading, budget=budget),
    )


def encode_packs(states_of: Callable[[Pack], list[Tensor]], lengths: list[int], reading: Reading) -> Encoded:
    """Encode proteins of some lengths from the states (T, D) of packs of their pieces; the budget must be given."""
    pieces = [piece for protein, length in enumerate(lengths) for piece in pieces_of(protein, length, reading)]
    packs = sorted_packs(pieces, reading.budget or _CPU_TOKENS)
    parts = [states_of(pack) for pack in packs]
    where = places([piece for pack in packs for piece in pack], lengths)
    return Encoded([_merged(torch.cat(of_layer), where) for of_layer in zip(*parts, strict=True)], lengths)


def pieces_of(protein: int, length: int, reading: Reading) -> list[Piece]:
    """Return what is read at once of a protein: all of it, or windows."""
    return windows(protein, length, reading.window, reading.overlap)


def _merged(states: Tensor, where: Places) -> Tensor:
    """Return the rows of all proteins in their order, from the states of pieces in the order of packs."""
    rows = torch.from_numpy(where.rows).to(states.device)
    if where.weights is None:
        return states[rows.argsort()]
    weighted = states * torch.from_numpy(where.weights).to(states.device)[:, None]
    return states.new_zeros(int(where.rows.max()) + 1, states.shape[1]).index_add(0, rows, weighted)


def encoded_in_blocks(
    encoder: Encoder, sequences: Sequence[str], reading: Reading, first: int = 0
) -> Iterator[tuple[int, Encoded]]:
    """Yield the number of a protein and the states of it and some that follow, until all are encoded, in their order.

    first: where to begin. Only the present block is held in memory. With too little memory the budget is halved for
    good. Raises OutOfMemoryError when not even one window fits.
    """
    budget = reading.budget or default_budget(encoder)
    while first < len(sequences):
        stop = _block_end(sequences, first, _BLOCK_PACKS * budget)
        part = sequences[first:stop]
        try:
            with torch.inference_mode():
                found = encode(encoder, part, Reading(reading.window, reading.overlap, budget, reading.layers))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            found = None
        if found is None:
            budget = _halved(budget, min(reading.window, max(map(len, part))))
            continue
        yield first, found
        first = stop


def protein_vectors(encoder: Encoder, sequences: Sequence[str], how: Pooling, reading: Reading) -> Floats:
    """Return one vector for each protein, (proteins, D), in their order."""
    vectors = np.empty((len(sequences), encoder.width), dtype=np.float32)
    for first, encoded in encoded_in_blocks(encoder, sequences, reading):
        vectors[first : first + len(encoded.lengths)] = encoded.pooled(how).numpy(force=True)
    return vectors


def default_budget(encoder: Encoder) -> int:
    """Return the tokens which are computed at once unless the user says otherwise."""
    return fitting_budget(encoder.device, _NUMBERS_PER_TOKEN * encoder.width)


def fitting_budget(device: torch.device, numbers: int) -> int:
    """Return the tokens that may be computed at once, each of which takes so many numbers of memory."""
    if device.type == "cpu":
        return _CPU_TOKENS
    least, most = _GPU_TOKENS
    fitting = free_memory(device) // 2 // (4 * numbers)
    # a power of two, so that the same card gives the same packs whatever else runs on it for a moment
    return max(least, min(most, 1 << max(0, fitting.bit_length() - 1)))


def pack_states(encoder: Encoder, sequences: Sequence[str], pack: Pack, layers: Sequence[int]) -> list[Tensor]:
    """Return the states (T, D) after some layers of the pieces of a pack, laid end to end."""
    rows = [encoder.tokenizer.encode(sequences[piece.protein][piece.start : piece.stop]) for piece in pack]
    tokens = torch.from_numpy(np.concatenate(rows)).to(encoder.device)
    return encoder.states(tokens, [len(row) for row in rows], layers)


def _block_end(sequences: Sequence[str], first: int, tokens: int) -> int:
    """Return where a block ends that begins with protein `first` and holds about so many tokens, one at least."""
    held = 0
    for number in range(first, len(sequences)):
        held += len(sequences[number]) + 2
        if held >= tokens:
            return number + 1
    return len(sequences)


def _halved(budget: int, longest: int) -> int:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if budget < longest + 2:
        raise OutOfMemoryError(
            f"not enough memory for {longest} residues at once; take shorter windows, a smaller model or a machine "
            "with more memory"
        )
    log.warning("note: memory is short: %d residues at once instead of %d", budget // 2, budget)
    return budget // 2
