import random
from collections import Counter

import numpy as np
import pytest

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split, groups_of, split_by_group
from plmkit.errors import UserError


def examples(rows: list[tuple[str, str, str]]) -> Examples:
    """Rows are sequence, label, group."""
    items = (Example(f"p{n}", sequence, label, group, n) for n, (sequence, label, group) in enumerate(rows))
    return Examples("examples", "protein", tuple(items))


@pytest.fixture
def many() -> Examples:
    """300 examples of 60 proteins, a quarter positive; 60 sequences occur twice, under other proteins."""
    generator = random.Random(4)
    rows = [("".join(generator.choices("ACDEFGHIK", k=12)), str(int(n % 4 == 0)), f"g{n % 60}") for n in range(240)]
    rows += [(sequence, label, f"copy{n}") for n, (sequence, label, _) in enumerate(rows[:60])]
    return examples(rows)


def sides(split: Split, found: Examples, key: str) -> tuple[set[str], set[str]]:
    train, validation = (
        {getattr(found.items[index], key) for index in side} for side in (split.train, split.validation)
    )
    return train, validation


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_a_group_and_a_sequence_are_never_divided(many: Examples, seed: int, share: float) -> None:
    split = split_by_group(many, share, seed)
    for key in ("group", "sequence"):
        train, validation = sides(split, many, key)
        assert not train & validation
    assert sorted([*split.train, *split.validation]) == list(range(300))
    assert split.groups == 60


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_keep_the_share_of_each_label(many: Examples, seed: int) -> None:
    split = split_by_group(many, 0.2, seed)
    assert len(split.validation) == pytest.approx(60, abs=10)
    for side in (split.train, split.validation):
        counts = Counter(many.items[index].label for index in side)
        assert counts["1"] / len(side) == pytest.approx(0.25, abs=0.05)


def test_the_seed_alone_decides(many: Examples) -> None:
    splits = [split_by_group(many, 0.2, seed).validation.tolist() for seed in (1, 1, 2)]
    assert splits[0] == splits[1] != splits[2]


@pytest.mark.parametrize(("share", "least"), [(0.5, 2), (1 / 3, 3), (0.2, 5), (0.1, 10)])
def test_one_example_less_than_needed_is_told(share: float, least: int) -> None:
    def of_each(count: int) -> Examples:
        return examples([(f"{'MK'[n % 2]}{'A' * n}", str(n % 2), f"g{n}") for n in range(2 * count)])

    assert len(split_by_group(of_each(least), share, 1).validation) == 2
    with pytest.raises(UserError, match=f"has {least - 1} of the {least} examples which each label needs"):
        split_by_group(of_each(least - 1), share, 1)


def test_a_label_of_one_group_cannot_stand_on_both_sides() -> None:
    rows = [("M" + "A" * n, "0", f"g{n}") for n in range(20)] + [("K" + "A" * n, "1", "one") for n in range(20)]
    with pytest.raises(UserError, match="come from only 21 unrelated groups"):
        split_by_group(examples(rows), 0.2, 1)


def test_links_by_group_and_by_sequence_are_followed_to_their_end() -> None:
    rows = [("A", "0", "g"), ("B", "0", "h"), ("B", "1", "g"), ("C", "0", "h"), ("D", "0", "k"), ("E", "0", "A")]
    assert groups_of(examples(rows)) == [0, 0, 0, 0, 1, 2]


def test_indices_ascend(many: Examples) -> None:
    split = split_by_group(many, 0.2, 1)
    assert (np.diff(split.train) > 0).all()
    assert (np.diff(split.validation) > 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_large_group_does_not_become_the_validation_set(seed: int) -> None:
    rows = [(f"{'MK'[n % 2]}{'A' * (n + 1)}", str(n % 2), "large" if n < 80 else f"g{n // 2}") for n in range(100)]
    split = split_by_group(examples(rows), 0.2, seed)
    assert 2 <= len(split.validation) <= 20
    assert set(range(80)) <= set(split.train.tolist())
