"""Let a language model guess hidden residues, and say how well it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from plmkit.data.batches import Tokens
from plmkit.data.packs import Pack, all_packs
from plmkit.errors import UserError
from plmkit.learning.chance import chance
from plmkit.learning.masking import STANDARD, Hidden, Masker
from plmkit.learning.perplexity import Guesses, Unigram
from plmkit.models.masked import MaskedModel

HIDDEN_SHARE = 0.15  # whatever share was hidden in training, so that perplexities can be compared


@dataclass(frozen=True)
class Guessing:
    """What is hidden: 15 % of the residues, in pieces of at most `longest`; the same seed hides the same."""

    longest: int
    batch_tokens: int
    seed: int


def masker_of(model: MaskedModel, share: float) -> Masker:
    """Return the masker for a model's tokens."""
    ids = model.tokenizer.encode(STANDARD)[1:-1].tolist()
    return Masker(np.array(ids), model.mask_id, share)


def tokens_of(model: MaskedModel, sequences: Sequence[str], pack: Pack) -> Tokens:
    """Return the tokens (T,) of a pack, start and end around each piece."""
    pieces = (sequences[piece.protein][piece.start : piece.stop] for piece in pack)
    return np.concatenate([model.tokenizer.encode(piece) for piece in pieces])


def losses_of(model: MaskedModel, hidden: Hidden, pack: Pack) -> Tensor:
    """Return the loss (M,) in nats of each guess of a model."""
    tokens, where, truth = (
        torch.from_numpy(rows).to(model.device) for rows in (hidden.tokens, hidden.where, hidden.truth)
    )
    scores = model.scores(tokens, [piece.tokens for piece in pack], where)
    return F.cross_entropy(scores, truth, reduction="none")


def guess(model: MaskedModel, sequences: Sequence[str], guessing: Guessing) -> Guesses:
    """Let a model guess the hidden residues of proteins."""

    def losses(hidden: Hidden, pack: Pack) -> NDArray[np.float64]:
        with torch.inference_mode():
            return losses_of(model, hidden, pack).double().numpy(force=True)

    return _guess(model, sequences, guessing, losses)


def guess_by_frequency(
    model: MaskedModel, sequences: Sequence[str], guessing: Guessing, frequencies: Unigram
) -> Guesses:
    """Guess the very residues that are hidden from a model by their frequency."""
    letters = dict(zip(model.tokenizer.encode(STANDARD)[1:-1].tolist(), STANDARD, strict=True))

    def losses(hidden: Hidden, pack: Pack) -> NDArray[np.float64]:
        return np.array([frequencies.loss(letters[token]) for token in hidden.truth.tolist()])

    return _guess(model, sequences, guessing, losses)


def _guess(
    model: MaskedModel,
    sequences: Sequence[str],
    guessing: Guessing,
    losses: Callable[[Hidden, Pack], NDArray[np.float64]],
) -> Guesses:
    masker = masker_of(model, HIDDEN_SHARE)
    sums, counts = np.zeros(len(sequences)), np.zeros(len(sequences))
    lengths = [len(sequence) for sequence in sequences]
    # One generator for all: what is hidden does not depend on how proteins fall into batches.
    draws = chance(guessing.seed, "judged", 0)
    for pack in all_packs(lengths, guessing.longest, guessing.batch_tokens):
        hidden = masker.cover(tokens_of(model, sequences, pack), draws)
        ends = np.cumsum([piece.tokens for piece in pack])
        pieces = np.searchsorted(ends, hidden.where, side="right")
        proteins = np.array([piece.protein for piece in pack])[pieces]
        np.add.at(sums, proteins, losses(hidden, pack))
        np.add.at(counts, proteins, 1.0)
    if not counts.any():
        raise UserError("validation: by chance no residue was hidden; give more or longer proteins")
    return Guesses(sums, counts)
