import random
from itertools import pairwise

import pytest

from plmkit.data.batches import parts_of


def test_parts_by_hand() -> None:
    assert parts_of([3, 9, 5, 5, 2], budget=10) == [[1], [2, 3], [0, 4]]
    assert parts_of([4, 3, 3, 1], budget=10) == [[0, 1, 2], [3]]
    assert parts_of([12, 11, 1], budget=10) == [[0], [1], [2]]
    assert parts_of([], budget=10) == []


@pytest.mark.parametrize("budget", [1, 50, 1000, 10**9])
def test_each_example_stands_in_one_part_within_the_budget_largest_first(budget: int) -> None:
    tokens = random.Random(6).choices(range(1, 300), k=200)
    parts = parts_of(tokens, budget)
    order = [index for part in parts for index in part]
    assert sorted(order) == list(range(200))
    assert [tokens[index] for index in order] == sorted(tokens, reverse=True)
    for part in parts:
        assert len(part) == 1 or sum(tokens[index] for index in part) <= budget


def test_no_part_could_take_in_the_next_example() -> None:
    tokens = random.Random(7).choices(range(1, 300), k=200)
    parts = parts_of(tokens, 1000)
    for part, following in pairwise(parts):
        assert sum(tokens[index] for index in part) + tokens[following[0]] > 1000


def test_examples_of_one_size_keep_their_order() -> None:
    assert parts_of([5, 5, 5, 5], budget=10) == [[0, 1], [2, 3]]
