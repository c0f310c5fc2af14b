"""Proteins to learn from, to choose by and to judge by; none of the latter two is learned from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plmkit.data.fasta import Proteins
from plmkit.errors import UserError

FEW = 20
FEWEST = 5


@dataclass(frozen=True)
class Parts:
    """The three parts. given: the input of the training part before anything was taken out of it.

    repeated: training proteins left out, since the very same sequence stands in validation or test;
    chosen: validation was drawn from the training proteins rather than given.
    """

    given: Proteins
    training: Proteins
    validation: Proteins
    test: Proteins | None
    repeated: int
    chosen: bool

    def counts(self) -> dict[str, Any]:
        """Return proteins, residues and the longest protein of each part."""
        parts = {"training": self.training, "validation": self.validation, "test": self.test}
        return {name: _sizes(part.sequences) for name, part in parts.items() if part is not None}

    def notes(self, longest: int) -> list[str]:
        """Say what the user must know of the parts."""
        notes = self.given.notes("proteins")
        if self.repeated:
            notes.append(f"proteins: {self.repeated} left out, the same sequence stands in validation or test")
        if self.chosen:
            notes.append(
                f"validation: {len(self.validation)} proteins, chosen at random; relatives of them may stand in "
                "training, so the perplexity of unrelated proteins is higher; give validation proteins of your own to "
                "know it"
            )
        if len(self.validation) < FEW:
            notes.append(
                f"validation: only {len(self.validation)} proteins decide which weights are kept; what they tell is "
                "uncertain, give more"
            )
        if longer := sum(len(sequence) > longest for sequence in self.training.sequences):
            notes.append(
                f"proteins: {longer} are longer than {longest} residues; of each, a random piece is taken in each pass"
            )
        return notes

    def digest(self) -> str:
        """Return a fingerprint of the sequences that training depends on."""
        text = ">".join("\n".join(part.sequences) for part in (self.training, self.validation))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sizes(sequences: Sequence[str]) -> dict[str, int]:
    lengths = [len(sequence) for sequence in sequences]
    return {"proteins": len(lengths), "residues": sum(lengths), "longest": max(lengths)}


def hold_out(proteins: Proteins, validation: Proteins | None, test: Proteins | None, share: float, seed: int) -> Parts:
    """Divide proteins; without given validation proteins a share of the distinct sequences is chosen at random.

    Raises UserError when nothing is left to learn from.
    """
    chosen = validation is None
    if validation is None:
        validation = _draw(proteins, share, seed)
    judged = {sequence for part in (validation, test) if part is not None for sequence in part.sequences}
    training = replace(proteins, records=tuple(r for r in proteins.records if r.sequence not in judged))
    if not len(training):
        raise UserError("proteins: every one of them stands in validation or test too; give more proteins")
    repeated = len(proteins) - len(training) - (len(validation) if chosen else 0)
    return Parts(proteins, training, validation, test, max(0, repeated), chosen)


def _draw(proteins: Proteins, share: float, seed: int) -> Proteins:
    distinct = list({record.sequence: record for record in proteins.records}.values())
    if len(distinct) < 2:
        raise UserError("proteins: at least two different ones are needed, one of them for validation; give more")
    fewest = min(FEWEST, len(distinct) // 2)
    count = min(len(distinct) - 1, max(fewest, round(share * len(distinct))))
    picked = sorted(np.random.default_rng(seed).permutation(len(distinct))[:count].tolist())
    return replace(proteins, records=tuple(distinct[index] for index in picked))
