"""A protein's vectors, states and probabilities do not depend on who is computed beside it."""

import random

import numpy as np
import pytest
import torch

from plmkit.errors import OutOfMemoryError
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import protein_vectors, residue_states
from plmkit.models.pooling import Pooling
from plmkit.models.tuned import TunedModel, fresh_model

PROTEIN = "MKTAYIAKQRQISFVKSHFSRQ"


def company() -> list[list[str]]:
    generator = random.Random(9)

    def some(shortest: int, longest: int, count: int) -> list[str]:
        lengths = [generator.randint(shortest, longest) for _ in range(count)]
        return ["".join(generator.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for length in lengths]

    return [some(1, 5, 9), some(400, 600, 5), some(1, 600, 12)]


@pytest.mark.parametrize("budget", [1, 300, 100_000])
@pytest.mark.parametrize("how", ["mean", "cls", "max", "centre"])
def test_a_vector_does_not_depend_on_batch_mates(backbone: Backbone, how: Pooling, budget: int) -> None:
    alone = protein_vectors(backbone, [PROTEIN], None, how, budget)[0]
    for others in company():
        together = protein_vectors(backbone, [*others, PROTEIN], None, how, budget)[-1]
        np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("budget", [1, 300, 100_000])
def test_states_do_not_depend_on_batch_mates(backbone: Backbone, budget: int) -> None:
    alone = dict(residue_states(backbone, [PROTEIN], None, budget))[0]
    for others in company():
        together = dict(residue_states(backbone, [*others, PROTEIN], None, budget))
        np.testing.assert_allclose(together[len(others)], alone, atol=1e-5)


@pytest.mark.parametrize("how", ["mean", "max", "cls", "centre"])
def test_probabilities_do_not_depend_on_batch_mates(backbone: Backbone, how: Pooling) -> None:
    torch.manual_seed(1)
    model = fresh_model(backbone, ("a", "b", "c"), how, rank=4, alpha=8, adapter_dropout=0.5, head_dropout=0.5)
    alone = model.probabilities([PROTEIN], 1000)[0]
    for others in company():
        for budget in (1, 300, 100_000):
            np.testing.assert_allclose(model.probabilities([PROTEIN, *others], budget)[0], alone, atol=1e-5)


def test_the_mean_vector_is_the_mean_of_the_states(backbone: Backbone, sequences: list[str]) -> None:
    states = dict(residue_states(backbone, sequences, 2, 500))
    for how, reduced in (("mean", np.mean), ("max", np.max)):
        vectors = protein_vectors(backbone, sequences, 2, how, 500)  # type: ignore[arg-type]
        for index, vector in enumerate(vectors):
            np.testing.assert_allclose(vector, reduced(states[index], axis=0), atol=1e-5, rtol=1e-5)


class ShortOfMemory(torch.nn.Module):
    """A network which cannot take more than so many rows at once."""

    def __init__(self, network: torch.nn.Module, most: int, error: type[Exception], words: str) -> None:
        super().__init__()
        self.network, self.most, self.error, self.words = network, most, error, words
        self.refused = 0

    def forward(self, input_ids: torch.Tensor, **options: object) -> object:
        if len(input_ids) > self.most:
            self.refused += 1
            raise self.error(self.words)
        return self.network(input_ids=input_ids, **options)


SHORTAGES = [
    (torch.OutOfMemoryError, "CUDA out of memory"),
    (RuntimeError, "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to"),
    (MemoryError, ""),
]


@pytest.mark.parametrize(("error", "words"), SHORTAGES)
def test_too_little_memory_halves_batches_and_changes_nothing(
    backbone: Backbone, sequences: list[str], error: type[Exception], words: str
) -> None:
    expected = protein_vectors(backbone, sequences, None, "mean", 100_000)
    backbone.network = short = ShortOfMemory(backbone.network, 2, error, words)
    np.testing.assert_allclose(protein_vectors(backbone, sequences, None, "mean", 100_000), expected, atol=1e-5)
    assert short.refused == 1 + 2 + 2  # ten rows; two times five; the three in each five (the two fit)
    states = dict(residue_states(backbone, sequences, None, 100_000))
    np.testing.assert_allclose([states[n].mean(axis=0) for n in range(len(sequences))], expected, atol=1e-5)


def test_probabilities_survive_too_little_memory(backbone: Backbone, sequences: list[str]) -> None:
    model = fresh_model(backbone, ("a", "b"), "mean", 4, 8, 0.0, 0.0)
    expected = model.probabilities(sequences, 100_000)
    backbone.network = ShortOfMemory(model.backbone.network, 1, *SHORTAGES[0])
    short = TunedModel(backbone, model.head, "mean", ("a", "b"))
    np.testing.assert_allclose(short.probabilities(sequences, 100_000), expected, atol=1e-5)


def test_one_protein_too_large_is_the_end(backbone: Backbone, sequences: list[str]) -> None:
    backbone.network = ShortOfMemory(backbone.network, 0, *SHORTAGES[0])
    with pytest.raises(OutOfMemoryError, match="one single protein"):
        protein_vectors(backbone, sequences, None, "mean", 100_000)


def test_another_error_is_no_lack_of_memory(backbone: Backbone, sequences: list[str]) -> None:
    backbone.network = ShortOfMemory(backbone.network, 2, RuntimeError, "mat1 and mat2 shapes cannot be multiplied")
    with pytest.raises(RuntimeError, match="shapes"):
        protein_vectors(backbone, sequences, None, "mean", 100_000)
