import re

import numpy as np
import pytest

from plmkit.data.chains import Chains, as_texts, distinct_letters

PROTEINS = ["MKSTNPSNASY", "N", "NGT", "SSNPTNCSNVN", "TNVS"]
SITES = [(row, at) for row, one in enumerate(PROTEINS) for at, letter in enumerate(one, start=1) if letter in "STY"]


@pytest.mark.parametrize(
    ("position", "window"),
    [(1, "XXXABCD"), (2, "XXABCDE"), (4, "ABCDEFG"), (5, "BCDEFGH"), (7, "DEFGHXX"), (8, "EFGHXXX")],
)
def test_windows_are_padded_at_both_ends(position: int, window: str) -> None:
    chains = Chains.of(["W", "ABCDEFGH", "W"], 3)
    assert as_texts(chains.windows(chains.places(np.array([1]), np.array([position])), 7)) == [window]


def test_windows_are_those_cut_one_by_one() -> None:
    for length in (1, 5, 33):
        chains = Chains.of(PROTEINS, length // 2)
        places = np.flatnonzero(chains.are_candidates("STY"))
        padding = "X" * (length // 2)
        cut = [(padding + PROTEINS[row] + padding)[at - 1 : at - 1 + length] for row, at in SITES]
        assert list(zip(*chains.where(places), strict=True)) == SITES
        assert chains.places(*chains.where(places)).tolist() == places.tolist()
        assert as_texts(chains.windows(places, length)) == cut
    assert [chains.sequence(row) for row in range(len(PROTEINS))] == PROTEINS
    assert as_texts(chains.windows(places[:0], 33)) == []


def test_sequons_are_those_of_the_pattern_and_never_reach_into_the_next_protein() -> None:
    for proteins in (PROTEINS, ["N"], ["NG"], ["N", "G", "S"], ["NG", "S"], ["NNSS"]):
        chains = Chains.of(proteins)
        found = chains.where(np.flatnonzero(chains.in_sequon()))

        wanted = [
            (row, match.start() + 1) for row, one in enumerate(proteins) for match in re.finditer("N(?=[^P][ST])", one)
        ]
        assert list(zip(*found, strict=True)) == wanted


def test_asparagine_counts_in_sequons_alone_and_other_residues_anywhere() -> None:
    #                    1   4   7   10  13
    chains = Chains.of(["NASNPSNGTNPTNNSNAK"])
    by_hand = [1, 7, 13, 18]  # N-A-S, N-G-T, N-N-S, K; not N-P-S, N-P-T, N-S-N, N-A-K
    assert chains.where(np.flatnonzero(chains.are_candidates("NK", sequons=True)))[1].tolist() == by_hand


def test_near_ends_and_unknown_residues_are_seen_as_far_as_the_window_reaches() -> None:
    sequences = ["AASAAXAAAS", "XASAA"]
    chains = Chains.of(sequences, 3)
    places = np.flatnonzero(chains.are_candidates("S"))
    for flank in (1, 2, 3):
        cut = [sequences[p][max(0, i - 1 - flank) : i + flank] for p, i in ((0, 3), (0, 10), (1, 3))]
        assert chains.have_unknown(places, flank).tolist() == ["X" in piece for piece in cut]
        assert chains.reach_beyond(places, flank).tolist() == [len(piece) < 2 * flank + 1 for piece in cut]


def test_letters_that_occur_are_told_once_by_alphabet() -> None:
    assert distinct_letters(Chains.of(["SKTS"]).letters[2:6]) == "KST"
    assert distinct_letters(np.zeros(0, dtype=np.uint8)) == ""
