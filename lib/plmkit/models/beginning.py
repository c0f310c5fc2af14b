"""How a model that starts from nothing begins: each residue already knows which residues are around it.

That is what a language model of proteins has to find out first, and with few training steps it hardly does. So the
first layer copies the nearest residues (a part of the head for 1 before, 1 after, 2 before ...), the second those a
little farther, the third what is common nearby and farther away, each into numbers of its own; whatever else layers
write begins at zero. All of it may change in training. The idea is that of Cordonnier et al. 2020
(doi:10.48550/arXiv.1911.03584): attention heads that look at fixed distances do what convolutions do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import EsmForMaskedLM

_ROTARY_BASE = 10000.0
_RESIDUES = slice(4, 24)  # tokens of the 20 amino acids
_OTHER_TOKENS = 0.22  # their spread beside amino acids of length 1
_QUIET = 0.3  # what tokens themselves add to the attention scores, of a usual beginning
_SHARP, _SHARPEST_PITCH = 4.0, 0.03  # slow frequencies tell near from far, not one neighbour from the next
_BROAD = ((0.05, 0.4), (0.01, 0.2), (0.01, 0.06))  # frequencies that make a head see some 10, 20 and 100 residues
_BROAD_HEIGHT = 1.5
_NEAR_SHARE, _FAR_SHARE = 1 / 2, 3 / 16  # of the model's width


@dataclass(frozen=True)
class _View:
    """What a head looks at: `offset` residues away, by rotary frequencies from `lowest` to `highest`."""

    offset: int
    lowest: float
    highest: float
    height: float


@torch.no_grad()
def know_neighbours(model: EsmForMaskedLM, spread: float, seed: int) -> None:
    """Arrange the weights of a model in place; spread: standard deviation of its weights otherwise."""
    _Arrangement(model, spread, seed).arrange()


class _Arrangement:
    def __init__(self, model: EsmForMaskedLM, spread: float, seed: int) -> None:
        self.model, self.width = model, int(model.config.hidden_size)
        self.heads = int(model.config.num_attention_heads)
        self.chance = torch.Generator().manual_seed(seed)
        self.length = spread * math.sqrt(self.width)  # of an amino acid's embedding
        self.kinds = min(20, self.width // 2)
        # an orthonormal basis: the first columns hold the residue itself, the others what is copied
        self.basis = self._orthonormal(self.width)
        self.used = self.kinds

    def arrange(self) -> None:
        self._embed()
        layers = list(self.model.esm.encoder.layer)
        for layer in layers:
            layer.attention.output.dense.weight.zero_()
            layer.output.dense.weight.zero_()
            for part in (layer.attention.self.query, layer.attention.self.key):
                part.weight.mul_(_QUIET)
        for layer, (views, numbers) in zip(layers, self._plan(), strict=False):
            for head, view in enumerate(views):
                self._look(layer.attention.self, head, view)
                self._copy(layer.attention, head, min(numbers, self.width - self.used))

    def _plan(self) -> list[tuple[list[_View], int]]:
        """Return the views of the first layers' heads, and how many numbers each head of a layer writes."""
        near, far = (int(self.width * share) // self.heads for share in (_NEAR_SHARE, _FAR_SHARE))
        broad = max(0, self.width - self.kinds - self.heads * (near + far)) // len(_BROAD)
        views = [_View(0, lowest, highest, _BROAD_HEIGHT) for lowest, highest in _BROAD[: self.heads]]
        return [(self._beside(0), near), (self._beside(self.heads), far), (views, broad)]

    def _beside(self, first: int) -> list[_View]:
        steps = range(first, first + self.heads)
        offsets = [(1 + step // 2) * (-1 if step % 2 == 0 else 1) for step in steps]
        return [_View(offset, _SHARPEST_PITCH, math.inf, _SHARP) for offset in offsets]

    def _embed(self) -> None:
        """Give amino acids directions of their own, at right angles as far as there is room."""
        embedding = self.model.esm.embeddings.word_embeddings.weight
        rows = _OTHER_TOKENS * torch.randn(len(embedding), self.kinds, generator=self.chance)
        amino_acids = self._orthonormal(20)[:, : self.kinds]
        rows[_RESIDUES] = amino_acids * math.sqrt(20 / self.kinds)
        embedding.copy_(self.length * rows @ self.basis[:, : self.kinds].T)

    def _look(self, attention: Any, head: int, view: _View) -> None:
        """Make a head's attention depend on distance: the biases of query and key meet best at the offset.

        Rotary positions turn the pair (i, i + half) of a key that is `offset` residues away by offset times the
        frequency of the pair; a query turned by as much meets it fully there and less anywhere else.
        """
        half = attention.attention_head_size // 2
        frequencies = _ROTARY_BASE ** (-torch.arange(half) / half)
        inside = (frequencies >= view.lowest) & (frequencies <= view.highest)
        height = inside * math.sqrt(view.height * math.sqrt(2 * half))
        angles = view.offset * frequencies
        place = slice(2 * half * head, 2 * half * (head + 1))
        attention.query.bias[place] = torch.cat((height * angles.cos(), height * angles.sin()))
        attention.key.bias[place] = torch.cat((height, torch.zeros(half)))

    def _copy(self, attention: Any, head: int, numbers: int) -> None:
        """Let a head write what the residues are that it looks at, in `numbers` numbers nobody else uses yet."""
        numbers = min(numbers, self.kinds, attention.self.attention_head_size)
        first = head * attention.self.attention_head_size
        chosen = self._orthonormal(self.kinds)[:numbers]
        attention.self.value.weight[first : first + numbers] = chosen @ self.basis[:, : self.kinds].T
        free = self.basis[:, self.used : self.used + numbers]
        # states enter a layer with length √width
        attention.output.dense.weight[:, first : first + numbers] = free * self.length / math.sqrt(self.width)
        self.used += numbers

    def _orthonormal(self, size: int) -> Tensor:
        found: Tensor = torch.linalg.qr(torch.randn(size, size, generator=self.chance))[0]
        return found
