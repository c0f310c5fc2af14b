"""Importance by changing residues: each replaced by the others, or hidden behind the model's mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.chains import PADDING
from plmkit.learning.aims import Aim
from plmkit.learning.explanation import LETTERS
from plmkit.models.encoding import Encoder, Reading, encoded_in_blocks
from plmkit.models.heads import Head

Floats = NDArray[np.float64]

HIDDEN = "#"  # no amino acid: read as the mask


class Variants(Sequence[str]):
    """A sequence as it is, then with one residue changed; made one by one, since all together would fill the memory."""

    def __init__(self, sequence: str, changes: Sequence[tuple[int, str]]) -> None:
        """changes: place (from 0) and the new letter of each variant."""
        self._sequence, self._changes = sequence, changes

    def __len__(self) -> int:
        return 1 + len(self._changes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index == 0:
            return self._sequence
        place, letter = self._changes[index - 1]
        return self._sequence[:place] + letter + self._sequence[place + 1 :]


def substitutions(sequence: str) -> list[tuple[int, str]]:
    """Return every replacement of a known residue by one of the other amino acids."""
    return [(place, to) for place, own in enumerate(sequence) if own != PADDING for to in LETTERS if to != own]


def maskings(sequence: str) -> list[tuple[int, str]]:
    """Return the hiding of every known residue, to be read by a `masking` reader."""
    return [(place, HIDDEN) for place, own in enumerate(sequence) if own != PADDING]


def some_of(changes: Sequence[tuple[int, str]], most: int, seed: int) -> list[tuple[int, str]]:
    """Return the changes of some residues, which are drawn where there are more than `most`."""
    places = sorted({place for place, _ in changes})
    if len(places) > most:
        places = np.random.default_rng(seed).choice(places, most, replace=False).tolist()
    drawn = set(places)
    return [change for change in changes if change[0] in drawn]


def masking(reader: Encoder, mask: int) -> Encoder:
    """Return a reader which also reads hidden residues; mask: the token id which the model was trained to see there."""
    other = copy(reader)
    other.tokenizer = reader.tokenizer.with_letter(HIDDEN, mask)
    return other


def scores_of_variants(
    reader: Encoder,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    variants: Variants,
    reading: Reading,
    advance: Callable[[int], None],
) -> Floats:
    """Return what each head, with its own aim, says of all variants, which are read once: (heads, variants)."""
    found = []
    for _, encoded in encoded_in_blocks(reader, variants, reading):
        with torch.inference_mode():
            each = [aim.scores(head, encoded.states[0], encoded.lengths) for head, aim in zip(heads, aims, strict=True)]
        found.append(torch.stack(each).double().numpy(force=True))
        advance(len(encoded.lengths))
    return np.concatenate(found, axis=1)


def changes_by_place(sequence: str, changes: Sequence[tuple[int, str]], scores: Floats) -> Floats:
    """Arrange what each change does to the score: (heads, L, 20) or, of maskings, (heads, L, 1); NaN: no such change.

    scores: (heads, 1 + changes), the sequence as it is first.
    """
    columns = LETTERS if changes and changes[0][1] in LETTERS else HIDDEN
    found = np.full((len(scores), len(sequence), len(columns)), np.nan)
    places = [place for place, _ in changes]
    found[:, places, [columns.index(letter) for _, letter in changes]] = scores[:, 1:] - scores[:, :1]
    return found


def importance_of(changes: Floats) -> Floats:
    """Return how much the score falls on average when a residue is changed, (heads, L); NaN where none was."""
    counts = (~np.isnan(changes)).sum(axis=-1)
    sums: Floats = np.nansum(changes, axis=-1)
    # 0.0 is added because -0 is printed otherwise than 0
    return np.where(counts > 0, -sums / np.maximum(counts, 1) + 0.0, np.nan)
