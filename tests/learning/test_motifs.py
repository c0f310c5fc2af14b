import random

import numpy as np
import pytest
from scipy.stats import fisher_exact

from plmkit.data.candidates import find_candidates
from plmkit.data.chains import Chains
from plmkit.data.scored_sites import ScoredSites, rounded
from plmkit.learning.motifs import AMINO_ACIDS, FLANK, Motif, fisher, motif_of


@pytest.fixture(scope="module")
def proteins() -> list[str]:
    generator = random.Random(1)
    return ["".join(generator.choices(AMINO_ACIDS, k=60)) for _ in range(60)]


def motif(proteins: list[str], threshold: float) -> Motif:
    """Called are the sites before a proline."""
    chains = Chains.of(proteins, FLANK)
    candidates = find_candidates(chains, "ST")
    follows = chains.letters[candidates.places(chains) + 1] == ord("P")
    flags = np.zeros(len(candidates), dtype=np.uint8)
    return motif_of(ScoredSites("m", candidates, rounded(follows.astype(float)), threshold, flags, 15), chains)


def test_counts_are_those_of_a_count_by_hand(proteins: list[str]) -> None:
    found = motif(proteins, 0.5)
    sites = [(s, i) for s in proteins for i, letter in enumerate(s) if letter in "ST"]
    called = [(s, i) for s, i in sites if s[i + 1 : i + 2] == "P"]
    assert (found.called, found.others) == (len(called), len(sites) - len(called))
    for place in (-7, -1, 0, 1, 7):
        letters = [s[i + place] for s, i in called if 0 <= i + place < len(s)]
        assert found.counts[0, place + FLANK].tolist() == [letters.count(a) for a in AMINO_ACIDS]
        assert found.totals[0, place + FLANK] == len(letters)


def test_the_letter_that_decides_stands_out_and_no_other(proteins: list[str]) -> None:
    found = motif(proteins, 0.5)
    place, column = FLANK + 1, AMINO_ACIDS.index("P")
    assert found.difference[place, column] == pytest.approx(1.0)
    assert found.corrected[place, column] < 1e-20
    elsewhere = np.delete(found.corrected, place, axis=0)
    assert np.nanmin(elsewhere) > 0.05


def test_p_is_that_of_fishers_test_with_the_smaller_tail_doubled() -> None:
    counts = np.array([[[8, 3, 0, 0]], [[20, 60, 5, 0]]])
    totals = np.array([[30], [140]])
    found = fisher(counts, totals)[0]
    for column in range(3):
        table = [[c, t - c] for c, t in zip(counts[:, 0, column], totals[:, 0], strict=True)]
        tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
        assert found[column] == pytest.approx(min(1, 2 * min(tails)))
    assert np.isnan(found[3])


def test_the_odds_ratio_is_that_of_the_table() -> None:
    counts, totals = np.array([[[8]], [[20]]]), np.array([[30], [140]])
    nothing = np.array([[np.nan]])
    found = Motif("m", 30, 140, counts, totals, nothing, nothing)
    assert found.log_odds[0, 0] == pytest.approx(np.log2((8.5 / 22.5) / (20.5 / 120.5)))
    assert found.difference[0, 0] == pytest.approx(8 / 30 - 20 / 140)


@pytest.mark.parametrize("threshold", [0.0, 2.0])
def test_nothing_is_tested_where_all_or_none_are_called(proteins: list[str], threshold: float) -> None:
    found = motif(proteins, threshold)
    assert not found.is_tested
    assert np.isnan(found.p).all()
