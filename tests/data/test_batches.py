import random

import pytest

from plmkit.data.batches import token_batches


def test_batches_by_hand() -> None:
    assert token_batches([3, 9, 5, 5, 2], budget=10) == [[1], [2, 3], [0, 4]]
    assert token_batches([], budget=10) == []


@pytest.mark.parametrize("budget", [1, 50, 1000, 10**9])
def test_each_row_stands_in_one_batch_within_the_budget_longest_first(budget: int) -> None:
    lengths = random.Random(6).choices(range(1, 300), k=200)
    batches = token_batches(lengths, budget)
    rows = [row for batch in batches for row in batch]
    assert sorted(rows) == list(range(200))
    assert [lengths[row] for row in rows] == sorted(lengths, reverse=True)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget


def test_no_batch_could_take_in_the_next_row() -> None:
    lengths = random.Random(7).choices(range(1, 300), k=200)
    batches = token_batches(lengths, 1000)
    assert all((len(batch) + 1) * lengths[batch[0]] > 1000 for batch in batches[:-1])
