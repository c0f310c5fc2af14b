"""Turn residues into token ids, under a contract with the model's own tokenizer."""

from __future__ import annotations

import shutil
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plmkit.data.batches import Tokens
from plmkit.data.states import STATES, residues_of, together
from plmkit.models.source import ModelFiles
from plmkit.models.vocabularies import residue_ids

_OF_ASCII = 128
_FILES = (
    "vocab.txt",
    "spiece.model",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)


class Tokenizer:
    """Residues to ids by one table look-up; the table was checked against the checkpoint's own tokenizer.

    Where a model reads states of structures too, a letter stands for both, see `plmkit.data.states`.

    (transformers' own tokenizers are exact too, but merge runs of unknown letters into one token, and that of ESM-2
    takes a millisecond for each protein.) window: residues which the model reads at once.
    """

    def __init__(self, ids: Mapping[str, int], start: int, end: int, unknown: str, window: int) -> None:
        self.letters = frozenset(ids)
        self.unknown = unknown
        self.window = window
        self._start, self._end = start, end
        known = _strange(ids, unknown) | dict(ids)
        # no longer than its letters: residues joined with states are an error for a model that reads none
        length = max(_OF_ASCII, 1 + max(map(ord, known)))
        self._table: NDArray[np.int64] = np.full(length, ids[unknown], dtype=np.int64)
        for letter, number in known.items():
            self._table[ord(letter)] = number

    def encode(self, sequence: str) -> Tokens:
        """Return start, one id for each residue, end; a letter outside the alphabet counts as unknown.

        A model without a start token has padding in its place, which nothing attends to.
        """
        letters = np.frombuffer(sequence.encode("utf-16-le"), dtype="<u2")
        return np.concatenate(([self._start], self._table[letters], [self._end]))

    def with_letter(self, letter: str, number: int) -> Tokenizer:
        """Return a tokenizer that also reads another letter, as token `number`."""
        ids = {known: int(self._table[ord(known)]) for known in self.letters} | {letter: number}
        return Tokenizer(ids, self._start, self._end, self.unknown, self.window)

    def replaced(self, sequences: Sequence[str]) -> Counter[str]:
        """Count, for each letter which the model does not know, the residues read as unknown."""
        counts: Counter[str] = Counter()
        for sequence in map(residues_of, sequences):
            for letter in set(sequence) - self.letters:
                counts[letter] += sequence.count(letter)
        return counts

    def unknown_notes(self, sequences: Sequence[str], role: str) -> list[str]:
        """Say which letters are read as unknown."""
        return [
            f"{role}: {count} residues {letter} are unknown to the model and read as {self.unknown}"
            for letter, count in sorted(self.replaced(sequences).items())
        ]

    def notes(self, sequences: Sequence[str], role: str) -> list[str]:
        """Say which letters are read as unknown and how many proteins are longer than what is read at once."""
        notes = self.unknown_notes(sequences, role)
        longer = sum(len(sequence) > self.window for sequence in sequences)
        if longer:
            notes.append(
                f"{role}: {longer} longer than the {self.window} residues which this model reads at once; read in "
                "overlapping windows of that length, merged where they overlap"
            )
        return notes


def _strange(ids: Mapping[str, int], unknown: str) -> dict[str, int]:
    """Return the ids of residues that a model does not know, joined with states that it knows."""
    states = [state for state in STATES if together(unknown, state) in ids]
    strange = [letter for letter in string.ascii_uppercase if letter not in ids]
    return {together(letter, state): ids[together(unknown, state)] for letter in strange for state in states}


def copy_tokenizer(files: ModelFiles, folder: Path) -> None:
    """Copy what the tokenizer of a model is read from into another folder."""
    for name in _FILES:
        if (source := files.folder / name).is_file():
            shutil.copyfile(source, folder / name)


def load_tokenizer(files: ModelFiles) -> Tokenizer:
    """Return the tokenizer of a model; raises UserError unless its own keeps the contract, see `residue_ids`."""
    family = files.family
    start, ids = residue_ids(family, files.folder)
    return Tokenizer(ids, family.padding_id if start is None else start, family.end_id, family.unknown, files.window)
