"""Probabilities move to other shares of the classes by Bayes' rule."""

import numpy as np
import pytest
from tests.data.example_files import distinct, made

from plmkit.data.dataset import Example
from plmkit.data.splits import Split
from plmkit.data.task import Task
from plmkit.errors import UserError
from plmkit.learning.prevalence import as_in_nature, at_prevalence, learned_and_natural, shares_of, wanted_shares

TWO = Task("window", "classification", ("0", "1"))
THREE = Task("protein", "classification", ("a", "b=c", "d"))


def test_a_probability_follows_from_the_likelihood_ratio() -> None:
    # of equal classes 0.8: the evidence is four to one; of one in a hundred 4 * 1/99 to one
    found = at_prevalence(np.array([[0.2, 0.8]]), (0.5, 0.5), (0.99, 0.01))
    assert found[0, 1] == pytest.approx((4 / 99) / (1 + 4 / 99))


def test_the_same_shares_change_nothing() -> None:
    predicted = np.array([[0.2, 0.5, 0.3], [1, 0, 0]])
    np.testing.assert_allclose(at_prevalence(predicted, (0.1, 0.6, 0.3), (0.1, 0.6, 0.3)), predicted)


def test_draws_of_other_shares_are_predicted_honestly() -> None:
    chance = np.random.default_rng(1)
    truth = (chance.uniform(size=200_000) < 0.02).astype(int)
    seen = chance.normal(2.0 * truth)
    at_half = 1 / (1 + np.exp(-(2 * seen - 2)))  # of two normal distributions 2 apart, equally frequent
    found = at_prevalence(np.stack([1 - at_half, at_half], axis=1), (0.5, 0.5), (0.98, 0.02))[:, 1]
    assert found.mean() == pytest.approx(0.02, abs=0.001)
    strong = found > 0.3
    assert truth[strong].mean() == pytest.approx(found[strong].mean(), abs=0.03)


def test_what_learned_from_fewer_negatives_is_moved_to_all_of_them() -> None:
    items = [Example(f"w{n}", (text,), f"g{n}", n) for n, text in enumerate(distinct(12))]
    examples = made(TWO, items, [[int(n < 2)] for n in range(12)], [1] * 12)
    split = Split(np.arange(4), np.arange(10, 12), 12, 2, left_out=np.arange(4, 10))
    shares = learned_and_natural(examples, split)
    assert shares is not None
    assert (shares[0].tolist(), shares[1].tolist()) == ([0.5, 0.5], [0.8, 0.2])
    predicted = np.array([[0.5, 0.5]])
    np.testing.assert_allclose(as_in_nature(examples, split, predicted), [[0.8, 0.2]], rtol=1e-6)
    assert as_in_nature(examples, Split(np.arange(4), np.arange(10, 12), 12, 2), predicted) is predicted


def test_shares_are_those_of_known_truth_or_equal_when_balanced() -> None:
    truth = np.array([[0], [1], [1], [np.nan], [1]])
    assert shares_of(TWO, truth, balanced=False) == (0.25, 0.75)
    assert shares_of(TWO, truth, balanced=True) == (0.5, 0.5)
    assert shares_of(Task("protein", "regression", ("Tm",)), truth, balanced=False) is None


def test_labels_that_are_not_named_share_the_rest_as_before() -> None:
    assert wanted_shares(TWO, 1, (0.5, 0.5), ["0.1"]) == pytest.approx((0.9, 0.1))
    assert wanted_shares(TWO, 0, (0.5, 0.5), ["0.1"]) == pytest.approx((0.1, 0.9))
    assert wanted_shares(THREE, 2, (0.1, 0.3, 0.6), ["a=0.6"]) == pytest.approx((0.6, 0.4 / 3, 0.8 / 3))
    assert wanted_shares(THREE, 2, (0.1, 0.3, 0.6), ["b=c=0.5", "a=0.1"]) == pytest.approx((0.1, 0.5, 0.4))


@pytest.mark.parametrize(
    ("task", "shares", "given", "said"),
    [
        (TWO, (0.5, 0.5), ["2"], "above 0 and below 1"),
        (TWO, (0.5, 0.5), ["1=much"], "above 0 and below 1"),
        (TWO, (0.5, 0.5), ["1=nan"], "above 0 and below 1"),
        (TWO, (0.5, 0.5), ["yes=0.1"], "'yes' is none of the labels 0, 1"),
        (TWO, (0.5, 0.5), ["1=0.1", "0.2"], "names a label twice"),
        (TWO, (0.5, 0.5), ["0=0.3", "1=0.3"], "must sum up to 1"),
        (THREE, (0.2, 0.3, 0.5), ["0.1"], "say of which label, as in a=0.01"),
        (THREE, (0.2, 0.3, 0.5), ["a=0.6", "d=0.6"], "must sum up to 1"),
        (TWO, None, ["0.1"], "tune it again"),
        (Task("protein", "regression", ("Tm",)), None, ["0.1"], "is for models of classes"),
    ],
)
def test_mistakes_are_told(task: Task, shares: tuple[float, ...] | None, given: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        wanted_shares(task, 1, shares, given)
