import numpy as np
import pytest
from scipy.stats import spearmanr

from plmkit.data.explained import Wanted
from plmkit.learning.explanation import Chain, Explanation, Floats, Strongest, spearman, strongest_of, support_of

NONE = np.full((2, 4), np.nan)


def explanation(*importance: list[float], randomised: Floats | None = None) -> Explanation:
    chains = tuple(
        Chain("A" * len(row), 1, np.array(row), np.zeros((1, len(row))) if randomised is None else randomised)
        for row in importance
    )
    return Explanation(Wanted("p", ("A",), 1), 0, True, None, 1.0, 0.7, chains)


def test_the_rank_correlation_is_that_of_scipy() -> None:
    generator = np.random.default_rng(1)
    for _ in range(5):
        one, other = generator.integers(0, 6, (2, 30)).astype(float)
        assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)
    assert np.isnan(spearman(np.ones(4), np.arange(4.0)))


def test_a_random_model_that_looks_the_other_way_is_no_less_alike() -> None:
    found = explanation([1.0, 2.0, 3.0, np.nan], randomised=np.array([[-1.0, -2.0, -3.0, 9.0]]))
    assert found.agreement_of_signs == pytest.approx(1)
    assert found.agreement_of_sizes == pytest.approx(1)


def test_agreement_is_the_larger_of_both_and_may_be_undefined() -> None:
    found = explanation([-2.0, -1.0, 0.5, 3.0], randomised=np.array([[1.0, 2.0, 3.0, 4.0]]))
    assert found.agreement_of_signs == pytest.approx(1)
    assert found.agreement_of_sizes == pytest.approx(spearmanr([2, 1, 0.5, 3], [1, 2, 3, 4]).statistic)
    assert found.agreement == pytest.approx(1)
    assert explanation([1.0, 1.0]).agreement is None


def test_residues_not_asked_of_randomised_models_are_not_compared() -> None:
    found = explanation([1.0, -9.0, 2.0, 3.0], randomised=np.array([[4.0, np.nan, 5.0, 6.0]]))
    assert found.checked == 3
    assert found.agreement == pytest.approx(1)


def test_the_strongest_substitution_takes_most_whichever_rises_more() -> None:
    changes = np.full((2, 3, 20), np.nan)
    changes[0, 1, :3] = [5.0, -1.0, -2.0]
    changes[1, 2, 19] = -3.0
    found = strongest_of(list(changes))
    assert found is not None
    assert (found.chain, found.place, found.to, found.change) == (1, 2, "Y", -3.0)
    first = strongest_of([changes[0], None])
    assert first is not None
    assert (first.place, first.to) == (1, "D")
    assert strongest_of([np.abs(changes[0]), None]) is None


def test_support_is_what_matters_at_least_half_as_much_as_the_first() -> None:
    found = support_of(explanation([1.0, 0.0, -9.0], [0.5, 0.49]))
    assert (found.places, found.count, found.of) == (((0, 0), (1, 0)), 2, 5)
    assert support_of(explanation([-1.0, 0.0])).places == ()


def test_padding_has_no_rows_and_numbers_are_those_of_the_protein() -> None:
    chain = Chain("XXACXDX", -1, np.zeros(7), np.zeros((1, 7)))
    assert list(chain.rows()) == [(2, 1), (3, 2), (4, 3), (5, 4)]


def test_the_residual_is_what_attributions_lack() -> None:
    chains = tuple(Chain("AC", 1, np.array(row), np.zeros((1, 2)), start=-1.0) for row in ([1.0, 0.9], [1.5, 0.8]))
    found = Explanation(Wanted("p", ("AC", "AC"), 1), 0, True, None, 1.0, 0.7, chains)
    assert found.residual == pytest.approx(-0.3)
    assert found.reach == 2


def test_the_strongest_change_upward_is_found_likewise_and_hiding_names_no_residue() -> None:
    by_residue = np.full((2, 20), np.nan)
    by_residue[0, 3], by_residue[1, 4], by_residue[1, 5] = -2.0, 0.5, 1.5
    down, up = strongest_of([by_residue]), strongest_of([by_residue], is_raising=True)
    assert (down, up) == (Strongest(0, 0, "E", -2.0), Strongest(0, 1, "G", 1.5))
    hiding = [np.array([[0.25], [np.nan], [-1.0]]), np.array([[0.75], [-0.5]])]
    assert strongest_of(hiding) == Strongest(0, 2, None, -1.0)
    assert strongest_of(hiding, is_raising=True) == Strongest(1, 0, None, 0.75)
    assert strongest_of([np.array([[-0.5], [0.0]])], is_raising=True) is None


def test_what_pads_a_window_is_neither_named_nor_lost() -> None:
    chain = Chain("XXACX", -1, np.array([3.0, -0.5, 1.0, 0.25, 0.125]), np.zeros((1, 5)), start=0.0)
    found = Explanation(Wanted("p", ("XXACX",), 1), 0, True, None, 3.875, 0.7, (chain,))
    assert support_of(found).places == ((0, 2),)
    assert found.beyond == 3.0 - 0.5 + 0.125
