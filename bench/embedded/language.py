"""What a masked language model knows without labels: hidden residues, and the effect of substitutions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from bench.embedded.data import Scan, beta_lactamase
from bench.embedded.figures import RANDOM, SIMPLE, TRAINED, Figure, Line, compare
from bench.embedded.heads import spearman
from Bio.Align import substitution_matrices
from numpy.typing import NDArray

from plmkit.data.fasta import read_fasta
from plmkit.learning.guessing import Guessing, guess, guess_by_frequency
from plmkit.learning.masking import STANDARD
from plmkit.learning.perplexity import Guesses, unigram
from plmkit.models.masked import MaskedModel

_COPIES = 16
_BATCH_TOKENS, _SEED = 4096, 1


@dataclass(frozen=True)
class Guessers:
    """The trained model and its likenesses with random weights, with their language-model heads."""

    trained: MaskedModel
    random: list[MaskedModel]


def zero_shot(models: Guessers) -> list[Line]:
    """Effect of single substitutions in a beta-lactamase, by masked marginals: no label is learned from."""
    scan = beta_lactamase()
    predicted = {
        TRAINED: [marginals(models.trained, scan)],
        RANDOM: [marginals(model, scan) for model in models.random],
        SIMPLE: [blosum(scan)],
    }
    # substitutions at one position are not independent: positions are drawn
    figures, gains = compare(spearman, scan.scores, predicted, scan.positions)
    reference = "ESM-2 8M 0.399; CARP-600K 0.030; site-independent 0.466"
    return [Line("zero-shot BLAT_ECOLX", "Spearman", "none", "BLOSUM62", reference, figures, gains)]


def marginals(model: MaskedModel, scan: Scan) -> NDArray[np.float64]:
    """Return log p(mutant) - log p(wild type) of each mutant, where its position alone is hidden."""
    tokens = torch.from_numpy(model.tokenizer.encode(scan.wild_type))
    positions = np.unique(scan.positions)
    logarithms = np.concatenate(list(_hidden_one_by_one(model, tokens, positions)))
    row_of = {position: row for row, position in enumerate(positions.tolist())}
    ids = model.files.family.golden_ids
    return np.array(
        [
            logarithms[row_of[position], ids[mutant[-1]]] - logarithms[row_of[position], ids[mutant[0]]]
            for position, mutant in zip(scan.positions.tolist(), scan.mutants, strict=True)
        ]
    )


def _hidden_one_by_one(
    model: MaskedModel, tokens: torch.Tensor, positions: NDArray[np.int64]
) -> Iterator[NDArray[np.float64]]:
    for some in np.split(positions, range(_COPIES, len(positions), _COPIES)):
        copies = tokens.repeat(len(some), 1)
        columns = torch.from_numpy(some) + 1  # the start token comes first
        copies[torch.arange(len(some)), columns] = model.mask_id
        where = torch.arange(len(some)) * len(tokens) + columns
        with torch.inference_mode():
            scores = model.scores(copies.flatten().to(model.device), [len(tokens)] * len(some), where.to(model.device))
        yield scores.double().log_softmax(dim=1).numpy(force=True)


def blosum(scan: Scan) -> NDArray[np.float64]:
    """Return how usual each substitution is among related proteins."""
    matrix = substitution_matrices.load("BLOSUM62")
    return np.array([float(matrix[mutant[0]][mutant[-1]]) for mutant in scan.mutants])


def perplexity(models: Guessers, train: Path, test: Path, longest: int, limit: int | None) -> list[Line]:
    """Perplexity of hidden residues of test proteins, less is better; the same residues for every method."""
    sequences = read_fasta(test, "test").sequences[:limit]
    guessing = Guessing(longest, _BATCH_TOKENS, _SEED)
    frequencies = unigram(read_fasta(train, "train").sequences, STANDARD)
    guesses = {
        TRAINED: [guess(models.trained, sequences, guessing)],
        # one is enough: models with random weights know nothing, and the test proteins are many
        RANDOM: [guess(models.random[0], sequences, guessing)],
        SIMPLE: [guess_by_frequency(models.trained, sequences, guessing, frequencies)],
    }
    figures = {kind: _figure(found) for kind, found in guesses.items()}
    said = f"hidden residues of {test.name}, pieces of {longest}"
    return [Line(said, "perplexity", "none", "residue frequencies", "", figures)]


def _figure(found: Sequence[Guesses]) -> Figure:
    estimate = found[0].estimate()
    return Figure([math.exp(guesses.mean) for guesses in found], estimate.low, estimate.high)
