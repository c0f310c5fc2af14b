import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.data.example_files import made

from plmkit.data.dataset import Example, Examples
from plmkit.data.splits import Split, folds_by_group, groups_of, split_by_group, split_examples, strata_of
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError


def examples(rows: list[tuple[str, str, str]], parts: Sequence[str | None] = (), unit: Unit = "protein") -> Examples:
    """Rows are sequence, class, group."""
    labels = tuple(sorted({label for _, label, _ in rows}))
    parts = parts or [None] * len(rows)
    items = [
        Example(f"p{n}", (sequence,), group, n, part)
        for n, ((sequence, _, group), part) in enumerate(zip(rows, parts, strict=True))
    ]
    truth = [[labels.index(label)] for _, label, _ in rows]
    return made(Task(unit, "classification", labels), items, truth, [1] * len(rows))


def of_kind(kind: Kind, truth: Sequence[Sequence[float]], unit: Unit = "protein") -> Examples:
    items = [Example(f"p{n}", ("M" + "A" * n,), f"g{n}", n) for n in range(len(truth))]
    names = ("x", "y") if kind == "classification" else tuple(f"l{n}" for n in range(len(truth[0])))
    return made(Task(unit, kind, names), items, truth, [1] * len(truth))


@pytest.fixture
def many() -> Examples:
    """300 examples of 60 proteins, a quarter positive; 60 sequences occur twice, under other proteins."""
    generator = random.Random(4)
    rows = [("".join(generator.choices("ACDEFGHIK", k=12)), str(int(n % 4 == 0)), f"g{n % 60}") for n in range(240)]
    rows += [(sequence, label, f"copy{n}") for n, (sequence, label, _) in enumerate(rows[:60])]
    return examples(rows)


def on_both(split: Split, found: Examples) -> set[object]:
    """Return the groups and sequences that stand in training and in validation."""
    train, validation = (
        {key for index in side for key in (found.items[index].group, found.items[index].sequences)}
        for side in (split.train, split.validation)
    )
    return train & validation


def share_of_ones(found: Examples, side: NDArray[np.int64]) -> float:
    return float(found.truth[side, 0].mean())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_a_group_and_a_sequence_are_never_divided(many: Examples, seed: int, share: float) -> None:
    split = split_by_group(many, share, seed)
    assert not on_both(split, many)
    assert sorted([*split.train, *split.validation]) == list(range(300))
    assert split.groups == 60


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_keep_the_share_of_each_label(many: Examples, seed: int) -> None:
    split = split_by_group(many, 0.2, seed)
    assert len(split.validation) == pytest.approx(60, abs=10)
    for side in (split.train, split.validation):
        assert share_of_ones(many, side) == pytest.approx(0.25, abs=0.05)


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


def test_pairs_are_linked_by_both_proteins_not_by_one() -> None:
    items = [
        Example(f"p{n}", pair, f"p{n}", n) for n, pair in enumerate([("A", "B"), ("A", "C"), ("A", "B"), ("B", "C")])
    ]
    pairs = made(Task("pair", "classification", ("0", "1")), items, [[0], [1], [0], [1]], [1] * 4)
    assert groups_of(pairs) == [0, 1, 0, 2]


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


def rows_of_two(count: int) -> list[tuple[str, str, str]]:
    return [("M" + "A" * n, str(n % 2), f"g{n}") for n in range(count)]


def test_parts_are_taken_as_the_user_gives_them() -> None:
    parts = ["train", "valid", "test", "test_hard", None] * 4
    split = split_examples(examples(rows_of_two(20), parts), 0.2, 1)
    assert split.train.tolist() == [0, 4, 5, 9, 10, 14, 15, 19]
    assert split.validation.tolist() == [1, 6, 11, 16]
    assert {name: chosen.tolist() for name, chosen in split.tests.items()} == {
        "test": [2, 7, 12, 17],
        "test_hard": [3, 8, 13, 18],
    }
    assert (split.validation_is, split.groups, split.validation_groups) == ("given", 20, 4)


def test_validation_is_drawn_from_what_is_not_put_aside() -> None:
    parts = ["train"] * 20 + ["test"] * 10
    split = split_examples(examples(rows_of_two(30), parts), 0.2, 1)
    assert split.tests["test"].tolist() == list(range(20, 30))
    assert sorted([*split.train, *split.validation]) == list(range(20))
    assert (len(split.validation), split.validation_is) == (4, "drawn")


def test_without_parts_all_is_divided() -> None:
    split = split_examples(examples(rows_of_two(20)), 0.2, 1)
    assert sorted([*split.train, *split.validation]) == list(range(20))
    assert (dict(split.tests), split.validation_is) == ({}, "drawn")


@pytest.mark.parametrize("others", ["valid", "test"])
def test_all_examples_cannot_be_put_aside(others: str) -> None:
    with pytest.raises(UserError, match="all examples are put aside for validation or test; leave some"):
        split_examples(examples(rows_of_two(20), [others] * 20), 0.2, 1)


@pytest.mark.parametrize("part", ["test", "valid"])
def test_a_class_that_cannot_be_learned_is_told_by_its_name(part: str) -> None:
    rows = [*rows_of_two(20), ("W", "2", "w")]
    with pytest.raises(UserError, match="no example to learn from has the label '2'; add some, move some there"):
        split_examples(examples(rows, ["train"] * 20 + [part]), 0.2, 1)


@pytest.mark.parametrize("seed", range(3))
def test_validation_has_small_and_large_values(seed: int) -> None:
    found = of_kind("regression", [[n / 7] for n in range(200)])
    values = found.truth[split_by_group(found, 0.2, seed).validation, 0]
    assert len(values) == 40
    # ten strata of twenty neighbours: four of each
    assert Counter((values * 7 / 20 + 1e-4).astype(int).tolist()) == dict.fromkeys(range(10), 4)


def test_strata_are_tenths_of_the_values_and_unknown_ones_are_in_the_middle() -> None:
    values = [[float(n)] for n in range(100)]
    assert strata_of(of_kind("regression", values)).tolist() == [n // 10 for n in range(100)]
    assert strata_of(of_kind("regression", [*values, [np.nan]]))[-1] == 5


def test_the_stratum_of_several_labels_is_the_rarest_of_them() -> None:
    # first label: 4 times, second: once, third: twice
    truth: list[list[float]] = [[1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0], [1, np.nan, 0], [0, 0, 1]]
    found = strata_of(of_kind("multilabel", truth)).tolist()
    assert found == [3, 1, 2, 0, 3, 2]


def test_residues_have_no_strata_and_their_proteins_are_not_divided() -> None:
    items = [Example(f"p{n}", ("M" + "A" * n,), f"g{n // 2}", n) for n in range(20)]
    sizes = [n + 1 for n in range(20)]
    truth = [[float(place % 2)] for place in range(sum(sizes))]
    found = made(Task("residue", "classification", ("C", "H")), items, truth, sizes)
    assert set(strata_of(found).tolist()) == {0}
    split = split_by_group(found, 0.2, 1)
    assert not on_both(split, found)
    assert len(split.validation) == 4


def test_rare_labels_do_not_prevent_a_split() -> None:
    truth = [[float(n % 2), float(n == 3), float(n == 4)] for n in range(40)]
    split = split_by_group(of_kind("multilabel", truth), 0.2, 1)
    assert len(split.validation) == 8
    few = split_by_group(of_kind("regression", [[float(n)] for n in range(6)]), 0.5, 1)
    assert sorted([*few.train, *few.validation]) == list(range(6))


def test_folds_hold_each_example_once_and_divide_no_group(many: Examples) -> None:
    among = np.arange(100, 300)
    folds = folds_by_group(many, among, 4, seed=1)
    assert sorted(np.concatenate(folds)) == list(range(100, 300))
    groups = np.array(groups_of(many))
    assert sum(len(set(groups[fold])) for fold in folds) == len(set(groups[among]))
    for fold in folds:
        assert len(fold) == pytest.approx(50, abs=10)


def test_too_many_folds_are_told() -> None:
    with pytest.raises(UserError, match="label '0' has 10 of the 11 examples which each label needs for --folds 11"):
        folds_by_group(examples(rows_of_two(20)), np.arange(20), 11, seed=1)
    with pytest.raises(UserError, match="the 6 examples come from only 6 unrelated groups"):
        folds_by_group(of_kind("regression", [[float(n)] for n in range(6)]), np.arange(6), 7, seed=1)
