import numpy as np
import pytest
from tests.data.example_files import made

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split, groups_of
from plmkit.data.task import Task
from plmkit.learning.rounds import rounds_of


@pytest.fixture
def examples() -> Examples:
    """Two variants of each of 50 proteins."""
    items = [Example(f"p{n}", ("M" + "AC"[n % 2] * (n + 1),), f"g{n // 2}", n) for n in range(100)]
    return made(Task("protein", "classification", ("a", "b")), items, [[n % 2] for n in range(100)], [1] * 100)


def split_of(train: int) -> Split:
    return Split(np.arange(train), np.arange(train, 100), 50, (100 - train) // 2)


def test_there_is_a_training_for_each_seed_fold_and_size(examples: Examples) -> None:
    split, fold = split_of(80), split_of(60)
    found = rounds_of(examples, split, [fold, fold], 3, 2, with_shares=True)
    assert [(one.name, one.of, one.seed) for one in found] == [
        ("seed 3", "seed", 3),
        ("seed 4", "seed", 4),
        ("fold 1", "fold", 3),
        ("fold 2", "fold", 3),
        ("25% of the training examples", "share", 3),
        ("50% of the training examples", "share", 3),
    ]
    assert all(one.split is split for one in found[:2])
    assert rounds_of(examples, split, [], 3, 1, with_shares=False) == found[:1]


def test_larger_sizes_hold_the_smaller_ones_and_whole_groups(examples: Examples) -> None:
    split = split_of(80)
    quarter, half = (one.split for one in rounds_of(examples, split, [], 1, 1, with_shares=True)[1:])
    assert (len(quarter.train), len(half.train)) == (20, 40)
    assert set(quarter.train) < set(half.train) < set(split.train)
    assert len(np.unique(np.array(groups_of(examples))[half.train])) == 20
    assert half.validation is split.validation
    other = rounds_of(examples, split, [], 2, 1, with_shares=True)[1].split
    assert set(other.train) != set(quarter.train)


def test_smaller_sizes_leave_out_what_goes_with_them(examples: Examples) -> None:
    # of each protein one variant is learned from, and one is left out
    split = Split(np.arange(0, 80, 2), np.arange(80, 100), 50, 10, left_out=np.arange(1, 80, 2))
    for one in rounds_of(examples, split, [], 1, 1, with_shares=True)[1:]:
        assert np.array_equal(one.split.left_out, one.split.train + 1)
