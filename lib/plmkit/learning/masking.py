"""Hide residues for a language model to guess: the rule of BERT and ESM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.batches import Tokens

STANDARD = "ACDEFGHIKLMNPQRSTVWY"
_MASKED, _KEPT = 0.8, 0.1


@dataclass(frozen=True)
class Hidden:
    """tokens: what the model sees (T,). where: positions to guess (M,). truth: the ids that stood there (M,)."""

    tokens: Tokens
    where: NDArray[np.int64]
    truth: Tokens


@dataclass(frozen=True)
class Masker:
    """Chooses standard residues only: X and rare letters, start and end are never guessed.

    residue_ids: token ids of the 20 standard residues; share: of them, how many are guessed.
    """

    residue_ids: Tokens
    mask_id: int
    share: float

    def corrupt(self, tokens: Tokens, chance: np.random.Generator) -> Hidden:
        """For training: of the chosen, 80 % become the mask, 10 % a random residue, 10 % stay.

        Source: Devlin et al. 2019, doi:10.18653/v1/N19-1423; Rives et al. 2021, doi:10.1073/pnas.2016239118.
        """
        where = self._chosen(tokens, chance)
        kind = chance.random(len(where))
        replaced = chance.choice(self.residue_ids, len(where))
        truth = tokens[where]
        seen = np.where(kind < _MASKED, self.mask_id, np.where(kind < _MASKED + _KEPT, truth, replaced))
        return _hidden(tokens, where, seen)

    def cover(self, tokens: Tokens, chance: np.random.Generator) -> Hidden:
        """For judging: every chosen residue becomes the mask, so that none can be read off."""
        where = self._chosen(tokens, chance)
        return _hidden(tokens, where, np.full(len(where), self.mask_id))

    def _chosen(self, tokens: Tokens, chance: np.random.Generator) -> NDArray[np.int64]:
        return np.flatnonzero((chance.random(len(tokens)) < self.share) & np.isin(tokens, self.residue_ids))


def _hidden(tokens: Tokens, where: NDArray[np.int64], seen: Tokens) -> Hidden:
    corrupted = tokens.copy()
    corrupted[where] = seen
    return Hidden(corrupted, where, tokens[where])
