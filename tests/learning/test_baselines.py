import numpy as np
from sklearn.linear_model import LogisticRegression

from plmkit.learning.baselines import LETTERS, composition, logistic_regression, majority, one_hot


def test_one_hot_by_hand() -> None:
    encoded = one_hot(["AC", "XJ", "YU"]).reshape(3, 2, 21)
    assert encoded.sum(axis=2).tolist() == [[1, 1]] * 3
    letters = [["".join(LETTERS[i] for i in np.flatnonzero(row)) for row in window] for window in encoded]
    assert letters == [["A", "C"], ["X", "X"], ["Y", "X"]]


def test_composition_by_hand() -> None:
    shares = composition(["AACX", "YYYYY", "AB"])
    expected = np.zeros((3, 21))
    expected[0, [0, 1, 20]] = 0.5, 0.25, 0.25
    expected[1, LETTERS.index("Y")] = 1
    expected[2, 0] = 0.5  # B is none of the letters
    assert shares.tolist() == expected.tolist()


def test_the_majority_answers_with_the_shares_of_training() -> None:
    assert majority(np.array([0, 1, 1, 1]), 3, 2).tolist() == [[0.25, 0.75, 0.0]] * 2


def test_windows_are_learned_by_position() -> None:
    windows = ["PAS", "PGS", "PCS", "APS", "GPS", "CPS"] * 5
    truth = np.array([1, 1, 1, 0, 0, 0] * 5)
    probabilities = logistic_regression(windows, truth, ["PDS", "DPS"], "window")
    assert probabilities[0, 1] > 0.6
    assert probabilities[1, 1] < 0.4
    expected = LogisticRegression(C=0.1, max_iter=5000).fit(one_hot(windows), truth).predict_proba(one_hot(["PDS"]))
    np.testing.assert_allclose(probabilities[:1], expected)


def test_proteins_are_learned_by_composition_alone() -> None:
    proteins = ["WWWA", "WAWC", "GGGA", "GAGC"] * 5
    truth = np.array([1, 1, 0, 0] * 5)
    probabilities = logistic_regression(proteins, truth, ["WWA", "AWW", "GGA"], "protein")
    np.testing.assert_allclose(probabilities[0], probabilities[1])
    assert probabilities[0, 1] > 0.5 > probabilities[2, 1]
