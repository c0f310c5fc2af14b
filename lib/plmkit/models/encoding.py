"""Run proteins through a backbone: in batches of similar length, independent of their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.batches import pad, token_batches
from plmkit.models.backbone import Backbone
from plmkit.models.device import in_halves
from plmkit.models.pooling import Pooling, pool, residues_only

Floats = NDArray[np.float32]


def residue_states(
    backbone: Backbone, sequences: Sequence[str], layer: int | None, budget: int
) -> Iterator[tuple[int, Floats]]:
    """Yield the index of each protein with its states (residues, D), long proteins first.

    layer: see `Backbone.states`. budget: tokens of a batch. Raises OutOfMemoryError when one protein does not fit.
    """

    def trimmed(states: Tensor, is_residue: Tensor) -> list[Floats]:
        return [row[mask].numpy(force=True) for row, mask in zip(states, is_residue, strict=True)]

    for rows, results in _in_batches(backbone, sequences, layer, budget, trimmed):
        yield from zip(rows, results, strict=True)


def protein_vectors(
    backbone: Backbone, sequences: Sequence[str], layer: int | None, how: Pooling, budget: int
) -> Floats:
    """Return one vector for each protein, (proteins, D), in their order."""
    vectors = np.empty((len(sequences), backbone.width), dtype=np.float32)

    def pooled(states: Tensor, is_residue: Tensor) -> list[Floats]:
        return list(pool(states, is_residue, how).numpy(force=True))

    for rows, results in _in_batches(backbone, sequences, layer, budget, pooled):
        vectors[rows] = results
    return vectors


def batch_tokens(backbone: Backbone, sequences: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return the token ids (B, L) of a batch on the backbone's device and the mask of residues (B, L)."""
    family = backbone.tokenizer.family
    rows = [backbone.tokenizer.encode(sequence) for sequence in sequences]
    tokens = torch.from_numpy(pad(rows, family.padding_id)).to(backbone.device)
    return tokens, residues_only(tokens, (family.start_id, family.end_id, family.padding_id))


def _in_batches(
    backbone: Backbone,
    sequences: Sequence[str],
    layer: int | None,
    budget: int,
    finish: Callable[[Tensor, Tensor], list[Floats]],
) -> Iterator[tuple[list[int], list[Floats]]]:
    def work(rows: Sequence[int]) -> tuple[list[int], list[Floats]]:
        tokens, is_residue = batch_tokens(backbone, [sequences[row] for row in rows])
        with torch.inference_mode():
            return list(rows), finish(backbone.states(tokens, layer), is_residue)

    # start and end count too
    for batch in token_batches([len(sequence) + 2 for sequence in sequences], budget):
        yield from in_halves(work, batch, "protein")
