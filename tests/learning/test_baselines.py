import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from plmkit.data.task import Task
from plmkit.learning.baselines import LETTERS, composition, constant, describe, linear_model, one_hot, surroundings

CLASSES = Task("window", "classification", ("a", "b"))


def test_one_hot_by_hand() -> None:
    encoded = one_hot(["AC", "XJ", "YU"]).reshape(3, 2, 21)
    assert encoded.sum(axis=2).tolist() == [[1, 1]] * 3
    letters = [["".join(LETTERS[i] for i in np.flatnonzero(row)) for row in window] for window in encoded]
    assert letters == [["A", "C"], ["X", "X"], ["Y", "X"]]


def test_composition_by_hand() -> None:
    (shares,) = composition(["AACX"])
    assert [shares[LETTERS.index(letter)] for letter in "ACXD"] == [0.5, 0.25, 0.25, 0]


def test_the_surroundings_of_a_residue_by_hand() -> None:
    found = surroundings(["ACD", "W"], around=1).toarray().reshape(4, 3, 22)
    letters = [[(LETTERS + "-")[int(np.flatnonzero(place)[0])] for place in residue] for residue in found]
    assert ["".join(residue) for residue in letters] == ["-AC", "ACD", "CD-", "-W-"]
    assert found.sum() == 12


def test_both_orders_of_a_pair_are_described_alike() -> None:
    one, other, another = describe("pair", [("AAC", "WW"), ("WW", "AAC"), ("AAC", "AAC")])
    assert np.array_equal(one, other)
    assert not np.array_equal(one, another)


def test_the_constant_answers_are_shares_and_means_of_what_is_known() -> None:
    nan = np.nan
    assert constant(CLASSES, np.array([[0.0], [1], [1], [nan]]), 2).tolist() == [[1 / 3, 2 / 3]] * 2
    labels = Task("protein", "multilabel", ("a", "b"))
    assert constant(labels, np.array([[1.0, 0], [0, nan], [1, 1]]), 1).tolist() == [[2 / 3, 0.5]]
    assert constant(Task("protein", "regression", ("x",)), np.array([[1.0], [4], [nan]]), 1).tolist() == [[2.5]]


def test_the_linear_model_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    windows = ["".join(generator.choice(list("ACDE"), 5)) for _ in range(60)]
    truth = np.array([window[2] in "AC" for window in windows], dtype=float)
    sequences = [(window,) for window in windows]
    found = linear_model(CLASSES, sequences, truth[:, None], sequences)
    expected = LogisticRegression(C=0.1, tol=1e-8, max_iter=5000).fit(one_hot(windows), truth)
    np.testing.assert_allclose(found, expected.predict_proba(one_hot(windows)), atol=1e-2)
    assert (found.argmax(axis=1) == truth).all()
    measured = linear_model(Task("window", "regression", ("x",)), sequences, truth[:, None], sequences)
    np.testing.assert_allclose(measured[:, 0], Ridge(alpha=1.0).fit(one_hot(windows), truth).predict(one_hot(windows)))


@pytest.mark.parametrize("unit", ["protein", "residue", "pair"])
def test_places_without_a_label_are_not_learned_from(unit: str) -> None:
    task = Task(unit, "multilabel", ("a", "b"))  # type: ignore[arg-type]
    generator = np.random.default_rng(2)
    texts = ["".join(generator.choice(list("ACDEFG"), 9)) for _ in range(30)]
    sequences = [(text, text[::-1]) if unit == "pair" else (text,) for text in texts]
    places = 30 * 9 if unit == "residue" else 30
    truth = (generator.random((places, 2)) > 0.5).astype(float)
    truth[::3, 1] = np.nan
    other = np.where(np.isnan(truth), np.nan, truth)
    other[1::3, 0] = truth[1::3, 0]
    found = linear_model(task, sequences, truth, sequences)
    assert found.shape == (places, 2)
    assert ((found > 0) & (found < 1)).all()
    one_sided = truth.copy()
    one_sided[:, 1] = np.where(np.isnan(truth[:, 1]), np.nan, 1.0)
    assert linear_model(task, sequences, one_sided, sequences)[:, 1].tolist() == [1.0] * places
