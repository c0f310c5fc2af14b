"""Turn residues into token ids, under a contract with the model's own tokenizer."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import EsmTokenizer

from plmkit.data.batches import Tokens
from plmkit.errors import UserError
from plmkit.models.families import Family
from plmkit.models.source import ModelFiles

_FILES = ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json")


class Tokenizer:
    """Residues to ids by one table look-up; the table was checked against the checkpoint's own tokenizer.

    (transformers' own tokenizer for ESM-2 is exact too, but it merges runs of unknown letters into one token
    and takes a millisecond for each protein.)
    """

    def __init__(self, family: Family, trained_length: int) -> None:
        self.family = family
        self.trained_length = trained_length
        self._table: NDArray[np.int64] = np.full(256, -1, dtype=np.int64)
        for letter, number in family.golden_ids.items():
            self._table[ord(letter)] = number

    def encode(self, sequence: str) -> Tokens:
        """Return start, one id for each residue, end; a letter outside the family's alphabet counts as unknown."""
        letters = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
        ids = self._table[letters]
        ids[ids < 0] = self.family.golden_ids[self.family.unknown]
        return np.concatenate(([self.family.start_id], ids, [self.family.end_id]))

    def replaced(self, sequences: Sequence[str]) -> Counter[str]:
        """Count, for each letter which the family does not know, the residues read as unknown."""
        counts: Counter[str] = Counter()
        for sequence in sequences:
            for letter in set(sequence) - self.family.golden_ids.keys():
                counts[letter] += sequence.count(letter)
        return counts

    def unknown_notes(self, sequences: Sequence[str], role: str) -> list[str]:
        """Say which letters are read as unknown."""
        return [
            f"{role}: {count} residues {letter} are unknown to the model and read as {self.family.unknown}"
            for letter, count in sorted(self.replaced(sequences).items())
        ]

    def notes(self, sequences: Sequence[str], role: str) -> list[str]:
        """Say which letters are read as unknown and how many proteins are longer than what is read at once."""
        notes = self.unknown_notes(sequences, role)
        longer = sum(len(sequence) > self.trained_length for sequence in sequences)
        if longer:
            notes.append(
                f"{role}: {longer} longer than the {self.trained_length} residues which this model was trained "
                "on; read in overlapping windows of that length, merged where they overlap"
            )
        return notes


def copy_tokenizer(files: ModelFiles, folder: Path) -> None:
    """Copy what the tokenizer of a model is read from into another folder."""
    for name in _FILES:
        if (source := files.folder / name).is_file():
            shutil.copyfile(source, folder / name)


def load_tokenizer(files: ModelFiles) -> Tokenizer:
    """Return the tokenizer after comparing the checkpoint's own with the family's golden ids."""
    tokenizer = Tokenizer(files.family, files.trained_length)
    alphabet = "".join(files.family.golden_ids)
    try:
        own = EsmTokenizer.from_pretrained(files.folder, local_files_only=True)(alphabet)["input_ids"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"model: its tokenizer cannot be read ({reason}); download the model again") from None
    if own != tokenizer.encode(alphabet).tolist():
        raise UserError(
            f"model: its tokenizer does not give the token ids of {files.family.name}; "
            "vocab.txt is damaged or belongs to another model"
        )
    return tokenizer
