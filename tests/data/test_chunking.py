"""Chunks are runs of neighbours, none empty, of costs as equal as neighbours allow."""

import random
from itertools import combinations, pairwise

import pytest

from plmkit.data.chunking import MOST_CHUNKS, USUAL_RESIDUES, cost, divide, how_many
from plmkit.errors import UserError


def best_by_trying_all(costs: list[int], count: int) -> int:
    """The least that the costliest of `count` runs of neighbours can cost."""
    inner = combinations(range(1, len(costs)), count - 1)
    return min(max(sum(costs[a:b]) for a, b in pairwise([0, *places, len(costs)])) for places in inner)


def test_a_protein_costs_its_tokens_and_more_for_attention_the_longer_it_is() -> None:
    assert cost(10) == round(12 + 12**2 / 1200)
    assert cost(1022) == round(1024 + 1024**2 / 1200)
    assert cost(2 * 1022) == round(
        3 * (1024 + 1024**2 / 1200)
    )  # windows that overlap by a quarter: two do not cover it


@pytest.mark.parametrize("seed", range(40))
def test_no_chunk_costs_much_more_than_in_the_best_division(seed: int) -> None:
    generator = random.Random(seed)
    lengths = [round(generator.lognormvariate(5.5, 0.8)) + 1 for _ in range(generator.randint(4, 12))]
    count = generator.randint(2, 4)
    chunks = divide(lengths, count)
    costs = [cost(length) for length in lengths]

    assert sum(chunk.proteins for chunk in chunks) == len(lengths)
    assert min(chunk.proteins for chunk in chunks) >= 1
    assert sum(chunk.residues for chunk in chunks) == sum(lengths)
    assert sum(chunk.cost for chunk in chunks) == sum(costs)
    assert max(chunk.cost for chunk in chunks) <= best_by_trying_all(costs, count) + max(costs) / 2


def test_many_proteins_make_chunks_of_nearly_equal_cost() -> None:
    generator = random.Random(1)
    lengths = sorted(round(generator.lognormvariate(5.7, 0.7)) + 1 for _ in range(5000))
    chunks = divide(lengths, 20)
    mean = sum(chunk.cost for chunk in chunks) / 20
    assert all(abs(chunk.cost - mean) <= cost(lengths[-1]) for chunk in chunks)
    assert max(chunk.cost for chunk in chunks) < 1.03 * mean
    assert chunks[0].residues > 1.2 * chunks[-1].residues  # long proteins cost more for each residue


@pytest.mark.parametrize(
    ("lengths", "proteins"),
    [
        ([30000, 1, 1], [1, 1, 1]),
        ([1, 1, 30000], [1, 1, 1]),
        ([1, 1, 30000, 1, 1], [2, 1, 2]),
        ([5] * 9, [3, 3, 3]),
        ([5] * 10, [3, 3, 4]),
    ],
)
def test_a_very_long_protein_leaves_no_chunk_empty(lengths: list[int], proteins: list[int]) -> None:
    assert [chunk.proteins for chunk in divide(lengths, 3)] == proteins


def test_names_sort_in_the_order_of_the_chunks() -> None:
    assert [chunk.name for chunk in divide([5] * 3, 3)] == ["chunk_001", "chunk_002", "chunk_003"]
    names = [chunk.name for chunk in divide([5] * 1000, 1000)]
    assert names[0] == "chunk_0001"
    assert names == sorted(names)


def test_how_many_chunks_there_are() -> None:
    assert how_many("proteins", [USUAL_RESIDUES], None, None) == (1, [])
    assert how_many("proteins", [USUAL_RESIDUES, 1], None, None) == (2, [])
    assert how_many("proteins", [10, 10, 11], None, 10) == (
        3,
        ["proteins: 3 chunks, not 4: each has one protein at least"],
    )
    assert how_many("proteins", [10] * 4, 3, None) == (3, [])
    count, notes = how_many("proteins", [USUAL_RESIDUES * 2] * (MOST_CHUNKS + 1), None, None)
    assert count == MOST_CHUNKS
    assert notes == ["proteins: 1000 chunks, the most there may be, of more than 500,000 residues"]


@pytest.mark.parametrize(
    ("chunks", "residues", "said"),
    [
        (1001, None, "proteins: --chunks 1001 makes 1001 chunks, more than 1000; ask for fewer"),
        (
            None,
            9,
            "proteins: --residues 9 with 20001 residues in all makes 2223 chunks, more than 1000; ask for at least 21",
        ),
    ],
)
def test_more_chunks_than_a_server_bears_are_refused(chunks: int | None, residues: int | None, said: str) -> None:
    with pytest.raises(UserError) as error:
        how_many("proteins", [20001], chunks, residues)
    assert str(error.value) == said
