"""A protein's vectors, states and probabilities do not depend on who is computed beside it, nor on memory."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.models.random_models import LAYERS, load, stock_states
from tests.models.tuned_models import alone as each_alone
from tests.models.tuned_models import fresh, moved_by_chance, said, shape
from torch import Tensor

from plmkit.errors import OutOfMemoryError
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import Encoder, Reading, encode, encoded_in_blocks, protein_vectors, reading_for
from plmkit.models.fused import Reader
from plmkit.models.shape import Pooling

PROTEIN = "MKTAYIAKQRQISFVKSHFSRQ"
BUDGETS = [1, 300, 100_000, None]
EVERYTHING = tuple(range(LAYERS + 1))
Floats = NDArray[np.float32]


def made(lengths: Sequence[int]) -> list[str]:
    generator = random.Random(9)
    return ["".join(generator.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for length in lengths]


def company() -> list[list[str]]:
    return [made([3, 1, 5, 5, 2]), made([401, 590, 420]), made([600, 1, 77, 250, 3, 460, 22])]


def states_of(
    encoder: Encoder,
    sequences: Sequence[str],
    budget: int | None,
    window: int = 1000,
    overlap: int = 250,
    first: int = 0,
) -> list[Floats]:
    """States (layers, L, D) of the residues of all proteins, of all layers."""
    reading = Reading(window, overlap, budget, EVERYTHING)
    blocks = list(encoded_in_blocks(encoder, sequences, reading, first))
    assert [start for start, _ in blocks] == [
        first + sum(len(encoded.lengths) for _, encoded in blocks[:number]) for number in range(len(blocks))
    ]
    return [states for _, encoded in blocks for states in encoded.residues()]


@pytest.fixture(params=["backbone", "reader"])
def encoder(request: pytest.FixtureRequest, small: Path) -> Encoder:
    backbone = load(small)
    return backbone if request.param == "backbone" else Reader(backbone, torch.float32)


@pytest.mark.parametrize("budget", BUDGETS)
def test_states_are_those_of_each_protein_alone_in_their_order(
    encoder: Encoder, small: Path, sequences: list[str], budget: int | None
) -> None:
    found = states_of(encoder, sequences, budget)
    assert [states.shape for states in found] == [(LAYERS + 1, len(sequence), 48) for sequence in sequences]
    for sequence, states in zip(sequences, found, strict=True):
        expected = np.stack(stock_states(small, sequence))[:, 1:-1]
        np.testing.assert_allclose(states, expected, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("how", ["mean", "cls", "max", "centre"])
def test_a_vector_does_not_depend_on_batch_mates(encoder: Encoder, how: Pooling, budget: int | None) -> None:
    reading = Reading(1000, 250, budget)
    alone = protein_vectors(encoder, [PROTEIN], how, reading)[0]
    for others in company():
        vectors = protein_vectors(encoder, [*others, PROTEIN, *others[:2]], how, reading)
        np.testing.assert_allclose(vectors[len(others)], alone, atol=1e-5)


@pytest.mark.parametrize("how", ["mean", "max", "cls", "centre"])
def test_probabilities_do_not_depend_on_batch_mates(small: Path, how: Pooling) -> None:
    model = fresh(small, shape(pooling=how, dropout=0.5), head_dropout=0.5)
    alone = said(model, [(PROTEIN,)], 1000)[0]
    for others in company():
        for budget in BUDGETS:
            np.testing.assert_allclose(said(model, each_alone([PROTEIN, *others]), budget)[0], alone, atol=1e-5)


def test_vectors_are_pooled_states_of_the_layer_asked_for(encoder: Encoder, sequences: list[str]) -> None:
    states = states_of(encoder, sequences, 500)
    for layer in EVERYTHING:
        for how, reduced in (("mean", np.mean), ("max", np.max)):
            vectors = protein_vectors(encoder, sequences, how, Reading(1000, 250, 500, (layer,)))  # type: ignore[arg-type]
            for rows, vector in zip(states, vectors, strict=True):
                np.testing.assert_allclose(vector, reduced(rows[layer], axis=0), atol=1e-5, rtol=1e-5)
    last = protein_vectors(encoder, sequences, "mean", Reading(1000, 250, 500))
    assert np.array_equal(last, protein_vectors(encoder, sequences, "mean", Reading(1000, 250, 500, (LAYERS,))))


def merged_by_hand(folder: Path, sequence: str, starts: Sequence[int], longest: int) -> Floats:
    """States (layers, L + 2, D) of a protein whose windows begin at `starts`, each run alone by transformers.

    A residue's weight is its distance from the nearest cut end of the window, one at the last residue before it; an
    end of the protein is no cut. Start and end come from the first and last window.
    """
    length = len(sequence)
    total = np.zeros((LAYERS + 1, length + 2, 48))
    weights = np.zeros(length + 2)
    for start in starts:
        states = np.stack(stock_states(folder, sequence[start : start + longest]))
        for place in range(longest):
            to_start = place + 1 if start > 0 else longest
            to_stop = longest - place if start + longest < length else longest
            weight = min(to_start, to_stop)
            total[:, 1 + start + place] += weight * states[:, 1 + place]
            weights[1 + start + place] += weight
        if start == 0:
            total[:, 0], weights[0] = states[:, 0], 1
        if start + longest == length:
            total[:, -1], weights[-1] = states[:, -1], 1
    return (total / weights[:, None]).astype(np.float32)


@pytest.mark.parametrize("budget", BUDGETS)
def test_a_long_protein_is_read_in_windows_and_merged(encoder: Encoder, small: Path, budget: int | None) -> None:
    short, long, other, longer, hardly = made([30, 100, 40, 101, 41])
    expected = [
        np.stack(stock_states(small, short)),
        merged_by_hand(small, long, [0, 30, 60], 40),
        np.stack(stock_states(small, other)),
        merged_by_hand(small, longer, [0, 20, 41, 61], 40),
        merged_by_hand(small, hardly, [0, 1], 40),
    ]
    proteins = [short, long, other, longer, hardly]
    found = states_of(encoder, proteins, budget, window=40, overlap=10)
    for states, rows in zip(found, expected, strict=True):
        np.testing.assert_allclose(states, rows[:, 1:-1], atol=2e-5, rtol=1e-5)
    with torch.inference_mode():
        encoded = encode(encoder, proteins, Reading(40, 10, budget, EVERYTHING))
    for layer in EVERYTHING:  # with start and end
        together = np.concatenate([rows[layer] for rows in expected])
        np.testing.assert_allclose(encoded.states[layer], together, atol=2e-5, rtol=1e-5)
    whole = np.stack(stock_states(small, long))[:, 1:-1]
    assert np.abs(whole[-1] - found[1][-1]).max() > 0.01  # the windows do not see all


@pytest.mark.parametrize("window", [100, 101, 100_000])
def test_a_window_as_long_as_the_protein_is_the_whole(encoder: Encoder, small: Path, window: int) -> None:
    (protein,) = made([100])
    (found,) = states_of(encoder, [protein], None, window, 25)
    np.testing.assert_allclose(found, np.stack(stock_states(small, protein))[:, 1:-1], atol=2e-5, rtol=1e-5)


def test_by_default_windows_are_as_long_as_the_proteins_of_training(small: Path) -> None:
    tokenizer = load(small).tokenizer
    assert reading_for(tokenizer) == Reading(1022, 255, None, None)
    assert reading_for(tokenizer, 77).budget == 77


def test_work_can_begin_at_any_protein(encoder: Encoder, sequences: list[str]) -> None:
    everything = states_of(encoder, sequences, 30)
    for first in (1, 4, len(sequences)):
        found = states_of(encoder, sequences, 30, first=first)
        assert len(found) == len(sequences) - first
        for states, expected in zip(found, everything[first:], strict=True):
            np.testing.assert_allclose(states, expected, atol=1e-5)


def test_only_a_block_is_held(encoder: Encoder) -> None:
    blocks = encoded_in_blocks(encoder, made([18] * 100), Reading(1000, 250, 50))
    # ten proteins of 20 tokens are the first to fill four packs of 50
    assert [(first, len(encoded.lengths)) for first, encoded in blocks] == [(10 * n, 10) for n in range(10)]


class ShortOfMemory:
    """An encoder which cannot take more than so many tokens at once."""

    def __init__(self, encoder: Encoder, most: int, error: type[Exception], words: str) -> None:
        self.tokenizer, self.device = encoder.tokenizer, encoder.device
        self.width, self.layers = encoder.width, encoder.layers
        self.encoder, self.most, self.error, self.words = encoder, most, error, words
        self.asked: list[int] = []

    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        self.asked.append(len(tokens))
        if len(tokens) > self.most:
            raise self.error(self.words)
        return self.encoder.states(tokens, lengths, layers)


SHORTAGES = [
    (torch.OutOfMemoryError, "CUDA out of memory"),
    (RuntimeError, "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to"),
    (MemoryError, ""),
]


@pytest.mark.parametrize(("error", "words"), SHORTAGES)
def test_too_little_memory_halves_the_budget_for_good_and_changes_nothing(
    small: Path, error: type[Exception], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    proteins = made([30] * 64)  # 2048 tokens
    expected = states_of(load(small), proteins, 1024)
    short = ShortOfMemory(load(small), 300, error, words)
    found = states_of(short, proteins, 1024)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert short.asked == [1024, 512, *[256] * 8]
    assert [record.getMessage() for record in caplog.records] == [
        "note: memory is short: 512 residues at once instead of 1024",
        "note: memory is short: 256 residues at once instead of 512",
    ]


def test_windows_survive_too_little_memory(small: Path) -> None:
    proteins = made([300, 20, 90])
    expected = states_of(load(small), proteins, 10_000, 40, 10)
    found = states_of(ShortOfMemory(load(small), 42, *SHORTAGES[0]), proteins, 10_000, 40, 10)
    for states, rows in zip(found, expected, strict=True):
        np.testing.assert_allclose(states, rows, atol=1e-5)


def test_probabilities_survive_too_little_memory(small: Path, sequences: list[str]) -> None:
    model = fresh(small, shape())
    expected = said(model, each_alone(sequences), 100_000)
    short = ShortOfMemory(model.backbone, 400, *SHORTAGES[0])
    model.reader = short
    np.testing.assert_allclose(said(model, each_alone(sequences), 100_000), expected, atol=1e-5)
    assert max(short.asked) > 400


@pytest.mark.parametrize(("budget", "asked"), [(1, [42]), (41, [42]), (42, [42, 42]), (100, [84, 42, 42])])
def test_a_window_that_never_fits_is_the_end(small: Path, budget: int, asked: list[int]) -> None:
    short = ShortOfMemory(load(small), 41, *SHORTAGES[0])
    with pytest.raises(OutOfMemoryError, match="not enough memory for 40 residues at once; take shorter windows"):
        states_of(short, made([300, 20]), budget, 40, 10)
    assert short.asked == asked


def test_what_fitted_before_the_end_is_yielded(small: Path) -> None:
    blocks = encoded_in_blocks(ShortOfMemory(load(small), 100, *SHORTAGES[0]), made([98, 98, 99]), Reading(999, 0, 1))
    assert [next(blocks)[0], next(blocks)[0]] == [0, 1]
    with pytest.raises(OutOfMemoryError, match="99 residues"):
        next(blocks)


def test_another_error_is_no_lack_of_memory(small: Path, sequences: list[str]) -> None:
    short = ShortOfMemory(load(small), 2, RuntimeError, "mat1 and mat2 shapes cannot be multiplied")
    with pytest.raises(RuntimeError, match="shapes"):
        states_of(short, sequences, 100_000)
    assert len(short.asked) == 1


def test_a_model_in_training_and_one_that_only_predicts_agree(small: Path, sequences: list[str]) -> None:
    model = moved_by_chance(fresh(small, shape()))
    examples = np.arange(len(sequences))[:, None]
    with torch.inference_mode():
        learning = model.scores(model.source_to_learn(sequences), examples).softmax(dim=1).numpy()
    model.only_predict()
    np.testing.assert_allclose(said(model, each_alone(sequences)), learning, atol=1e-5)


def test_states_carry_gradients_where_they_are_switched_on(small: Path) -> None:
    backbone: Backbone = load(small)
    encode(backbone, made([100, 20]), Reading(40, 10, 60)).pooled("mean").square().sum().backward()  # type: ignore[no-untyped-call]
    found = {name for name, weight in backbone.network.named_parameters() if weight.grad is not None}
    assert {name for name, _ in backbone.network.named_parameters() if "layer.0" in name} <= found
