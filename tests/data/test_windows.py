import numpy as np
import pytest

from plmkit.data.windows import chains_of, find_candidates, window_at


@pytest.mark.parametrize(
    ("position", "window"),
    [(1, "XXXABCD"), (2, "XXABCDE"), (4, "ABCDEFG"), (5, "BCDEFGH"), (7, "DEFGHXX"), (8, "EFGHXXX")],
)
def test_windows_are_padded_at_both_ends(position: int, window: str) -> None:
    assert window_at("ABCDEFGH", position, 7) == window


@pytest.mark.parametrize(("position", "window"), [(1, "XXXXXKSXXXX"), (2, "XXXXKSXXXXX")])
def test_a_protein_shorter_than_the_window_is_padded_on_both_sides(position: int, window: str) -> None:
    assert window_at("KS", position, 11) == window


def test_a_window_of_one_residue_is_the_site() -> None:
    assert window_at("KS", 2, 1) == "S"


def test_every_candidate_is_found_once_in_order() -> None:
    found = find_candidates(["SKT", "GGG", "YS"], "STY")
    assert list(zip(found.proteins.tolist(), found.positions.tolist(), strict=True)) == [(0, 1), (0, 3), (2, 1), (2, 2)]


def test_asparagine_counts_in_sequons_alone_and_other_residues_anywhere() -> None:
    #           1   4   7   10  13
    sequence = "NASNPSNGTNPTNNSNAK"
    found = find_candidates([sequence], "NK", sequons=True)
    by_hand = [1, 7, 13, 18]  # N-A-S, N-G-T, N-N-S, K; not N-P-S, N-P-T, N-S-N, N-A-K
    assert found.positions.tolist() == by_hand
    assert find_candidates(["AN", "NA", "N"], "N", sequons=True).positions.tolist() == []


def test_letters_around_are_those_of_the_windows() -> None:
    sequences = ["SKTAC", "GG", "YS"]
    candidates = find_candidates(sequences, "STYG")
    around = chains_of(sequences, 4).around(candidates, 3)
    places = zip(candidates.proteins.tolist(), candidates.positions.tolist(), strict=True)
    windows = [window_at(sequences[protein], position, 7) for protein, position in places]
    assert [bytes(row).replace(b"\0", b"X").decode() for row in around] == windows


def test_near_ends_and_unknown_residues_are_seen_as_far_as_the_window_reaches() -> None:
    sequences = ["AASAAXAAAS", "XASAA"]
    chains, candidates = chains_of(sequences, 3), find_candidates(sequences, "S")
    for flank in (1, 2, 3):
        cut = [sequences[p][max(0, i - 1 - flank) : i + flank] for p, i in ((0, 3), (0, 10), (1, 3))]
        assert chains.have_unknown(candidates, flank).tolist() == ["X" in piece for piece in cut]
        assert chains.reach_beyond(candidates, flank).tolist() == [len(piece) < 2 * flank + 1 for piece in cut]


def test_no_candidates_are_no_mistake() -> None:
    found = find_candidates(["GGG"], "S")
    assert len(found) == 0
    assert chains_of(["GGG"], 7).around(found, 7).shape == (0, 15)
    assert found.positions.dtype == np.int32
