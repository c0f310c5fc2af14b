"""Integrated gradients: attribute a score to residues along a straight line from an empty sequence to the real one.

Source: Sundararajan et al. 2017, doi:10.48550/arXiv.1703.01365. The line runs through the embeddings of tokens; where
it begins, every residue is what the model sees where one is hidden (ESM-2 sees zeros there), start and end stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.packs import Pack
from plmkit.learning.aims import Aim
from plmkit.learning.line_integral import Integral, integrate
from plmkit.models.backbone import Backbone, unwrapped
from plmkit.models.encoding import Reading, default_budget, encode_packs
from plmkit.models.heads import Head

Floats = NDArray[np.float64]


class _Line(NamedTuple):
    """The points of a pack which gradients flow back to, and the whole way to the real embeddings; both (T, D)."""

    pack: Pack
    points: Tensor
    way: Tensor


def integrated_gradients(
    backbone: Backbone,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    sequence: str,
    reading: Reading,
    steps: int,
    advance: Callable[[int], None],
) -> Integral:
    """Attribute the score that each of H heads gives a sequence, with its own aim, to its residues, (H, L).

    steps: points of the line that are looked at, at most; see `integrate`. advance: called with the number of those
    looked at since its last call.
    """
    reading = replace(reading, budget=reading.budget or default_budget(backbone))
    at_once = max(1, (reading.budget or 0) // (len(sequence) + 2))

    def look(parts: Floats) -> tuple[Floats, Floats]:
        found = []
        for first in range(0, len(parts), at_once):
            some = parts[first : first + at_once]
            found.append(_slopes(backbone, heads, aims, sequence, reading, some))
            advance(len(some))
        return np.concatenate([scores for scores, _ in found], axis=1), np.concatenate([each for _, each in found], 1)

    return integrate(look, steps)


def _slopes(
    backbone: Backbone,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    sequence: str,
    reading: Reading,
    parts: Floats,
) -> tuple[Floats, Floats]:
    """Return the scores at P parts of the line, (H, P), and how fast each residue changes them there, (H, P, L)."""
    lines: list[_Line] = []

    def states_of(pack: Pack) -> list[Tensor]:
        lines.append(_line(backbone, sequence, pack, parts))
        tokens = [piece.tokens for piece in pack]
        return backbone.states_from(lines[-1].points, tokens, 0, [backbone.layers])

    slopes = np.zeros((len(heads), len(parts), len(sequence)))
    with torch.enable_grad():
        encoded = encode_packs(states_of, [len(sequence)] * len(parts), reading)
        found = []
        for number, (head, aim) in enumerate(zip(heads, aims, strict=True)):
            scores = aim.scores(head, encoded.states[0], encoded.lengths)
            is_last = number == len(heads) - 1
            gradients = torch.autograd.grad(scores.sum(), [line.points for line in lines], retain_graph=not is_last)
            for line, gradient in zip(lines, gradients, strict=True):
                _add_pack(slopes[number], line, gradient)
            found.append(scores.detach().double().numpy(force=True))
    return np.stack(found), slopes


def _line(backbone: Backbone, sequence: str, pack: Pack, parts: Floats) -> _Line:
    """Return the points of pieces, each of which stands at the part of the line that its number tells."""
    network, architecture = unwrapped(backbone.network), backbone.architecture
    rows = [backbone.tokenizer.encode(sequence[piece.start : piece.stop]) for piece in pack]
    tokens = torch.from_numpy(np.concatenate(rows)).to(backbone.device)
    sizes = [piece.tokens for piece in pack]
    with torch.no_grad():
        whole = architecture.embedded(network, tokens, sizes)
        is_residue = torch.cat([_inside(size) for size in sizes]).to(whole.device)
        empty = architecture.embedded(network, torch.where(is_residue, backbone.hiding_id, tokens), sizes)
        way = torch.where(is_residue[:, None], whole - empty, 0.0)
        part = torch.tensor([parts[piece.protein] for piece in pack], dtype=whole.dtype, device=whole.device)
        left = (1 - part).repeat_interleave(torch.tensor(sizes, device=whole.device))
        points = whole - left[:, None] * way
    return _Line(pack, points.requires_grad_(), way)


def _inside(size: int) -> Tensor:
    inside = torch.ones(size, dtype=torch.bool)
    inside[[0, -1]] = False
    return inside


def _add_pack(slopes: Floats, line: _Line, gradient: Tensor) -> None:
    """Add what a pack tells to the slopes (P, L) of a head."""
    rows = (gradient * line.way).sum(dim=1).double().numpy(force=True)
    done = 0
    for piece in line.pack:
        slopes[piece.protein, piece.start : piece.stop] += rows[done + 1 : done + piece.tokens - 1]
        done += piece.tokens
