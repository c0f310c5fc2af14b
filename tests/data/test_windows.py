import pytest

from plmkit.data.windows import Site, candidate_sites, window_at


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
    assert list(candidate_sites(["SKT", "GGG", "YS"], "STY", 3)) == [
        Site(0, 1, "S", "XSK"),
        Site(0, 3, "T", "KTX"),
        Site(2, 1, "Y", "XYS"),
        Site(2, 2, "S", "YSX"),
    ]
