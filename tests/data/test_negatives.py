import numpy as np
import pytest
from tests.data.example_files import distinct, made

from plmkit.data.dataset import Example, Examples
from plmkit.data.negatives import negative_label, usual_negative_label, with_fewer_negatives
from plmkit.data.splits import Split
from plmkit.data.task import Task
from plmkit.errors import UserError


@pytest.mark.parametrize(
    ("labels", "found"),
    [(["0", "1"], "0"), (["-1", "1"], "-1"), (["Phospho", "NONE"], "NONE"), (["S", "unmodified", "T"], "unmodified")],
)
def test_the_usual_word_is_the_negative_label(labels: list[str], found: str) -> None:
    assert negative_label(labels, None, "examples") == found


def test_the_label_chosen_wins_over_the_usual_word() -> None:
    assert negative_label(["0", "1"], "1", "examples") == "1"


@pytest.mark.parametrize(("labels", "chosen"), [(["a", "b"], None), (["0", "no"], None), (["0", "1"], "none")])
def test_what_cannot_be_told_is_asked_for(labels: list[str], chosen: str | None) -> None:
    with pytest.raises(UserError, match="--negative-label"):
        negative_label(labels, chosen, "examples")


@pytest.mark.parametrize(
    ("labels", "found"),
    [(("interacts", "no"), "no"), (("0", "1"), "0"), (("a", "b"), None), (("0", "no"), None), (("0", "1", "2"), None)],
)
def test_of_two_labels_the_usual_word_means_not(labels: tuple[str, ...], found: str | None) -> None:
    assert usual_negative_label(labels) == found


@pytest.fixture
def sites() -> Examples:
    """100 windows of ten proteins; the first in each of the first four proteins is modified."""
    items = [Example(f"w{n}", (text,), f"protein {n // 10}", n) for n, text in enumerate(distinct(100))]
    truth = [[int(n % 10 == 0 and n < 40)] for n in range(100)]
    return made(Task("window", "classification", ("no", "yes")), items, truth, [1] * 100)


SIDES = Split(np.arange(80), np.arange(80, 100), 10, 2)  # 4 positives, 36 hard negatives, 40 of proteins without one


@pytest.mark.parametrize(("ratio", "hard", "easy"), [(1, 4, 0), (2.5, 10, 0), (10, 36, 4), (100, 36, 40), (0.1, 1, 0)])
def test_hard_negatives_are_learned_from_first(sites: Examples, ratio: float, hard: int, easy: int) -> None:
    found = with_fewer_negatives(sites, SIDES, "no", ratio, seed=1)
    assert {0, 10, 20, 30} <= set(found.train)
    assert int((found.train < 40).sum()) == 4 + hard
    assert int((found.train >= 40).sum()) == easy
    assert np.array_equal(found.training_side, SIDES.train)
    assert np.array_equal(found.train, np.unique(found.train))
    assert found.validation is SIDES.validation


def test_the_seed_draws_and_more_hold_fewer(sites: Examples) -> None:
    def drawn(ratio: float, seed: int, split: Split = SIDES) -> set[int]:
        return set(with_fewer_negatives(sites, split, "no", ratio, seed).train.tolist())

    assert drawn(2, 1) == drawn(2, 1) != drawn(2, 2)
    assert drawn(1, 1) < drawn(3, 1) < drawn(12, 1)
    fold = Split(np.arange(10, 80), np.arange(80, 100), 10, 2)  # without the first protein
    assert drawn(12, 1, fold) - drawn(12, 1) <= set(range(40, 80))


def test_the_other_label_can_be_the_negative_one(sites: Examples) -> None:
    found = with_fewer_negatives(sites, SIDES, "yes", 1, seed=1)
    assert np.array_equal(found.train, SIDES.train)  # the 4 of it are fewer than the 76 others
    assert len(found.left_out) == 0
