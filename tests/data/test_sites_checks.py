import pytest

from plmkit.data.sites import Claim, Names
from plmkit.data.sites_checks import Finding, compare, numbering_hint, scatter_hint

CHAIN = "MKSTYAAKRS"


def claim(position: str, residue: str = "", window: str = "", name: str = "x") -> Claim:
    return Claim(1, "p", position, residue, Names((name,)), window=window)


@pytest.mark.parametrize(
    ("position", "residue", "expected"),
    [
        ("3", "S", Finding(3, "S")),
        ("3.0", "", Finding(3, "S")),
        ("10", "S", Finding(10, "S")),
        ("6", "S", Finding(6, "A", "residue 6 is A, not S", True)),
        ("11", "S", Finding(11, "", "position 11 is beyond the end (10 residues)", True)),
        ("0", "M", Finding(0, "", "positions count from 1, this one is 0", True)),
        ("-3", "", Finding(None, "", "the position '-3' is not a whole number", True)),
        ("3.5", "", Finding(None, "", "the position '3.5' is not a whole number", True)),
        ("?5", "S", Finding(None, "", "the source is not certain of the position (?5)")),
        ("<1", "", Finding(None, "", "the source is not certain of the position (<1)")),
        ("?", "", Finding(None, "", "the source is not certain of the position (?)")),
        (".", "", Finding(None, "", "the source is not certain of the position (.)")),
    ],
)
def test_each_claim_is_compared_with_its_protein(position: str, residue: str, expected: Finding) -> None:
    assert compare(claim(position, residue), CHAIN) == expected


@pytest.mark.parametrize(
    ("window", "fits"),
    [
        ("MKSTY", True),
        ("__MKSTY", False),
        ("_MKSTY_", True),
        ("GKSTG", True),
        ("GGSGG", False),
        ("XXSXX", True),
        ("", True),
    ],
)
def test_at_least_half_of_the_neighbours_must_be_those_of_the_source(window: str, fits: bool) -> None:
    assert compare(claim("3", "S", window), CHAIN).reason == ("" if fits else "the residues around 3 are others")


def test_positions_that_count_from_zero_are_recognised_by_told_residues() -> None:
    chain = "MKS" * 10
    pairs = [(claim(str(position - 1), "S"), chain) for position in range(3, 31, 3)]
    assert numbering_hint(pairs) == (
        "of 10 told residues 0 fit, but 10 if 1 is added to every position: they count from 0; add 1"
    )
    pairs = [(claim(str(position + 1), "S"), chain) for position in range(3, 30, 3)] * 2
    assert numbering_hint(pairs).endswith("but 18 if 1 is taken from every position: subtract 1")


def test_no_numbering_is_blamed_for_single_mistakes() -> None:
    chain = "MKS" * 10
    pairs = [(claim(str(position), "S"), chain) for position in range(3, 31, 3)]
    assert numbering_hint([*pairs, (claim("1", "S"), chain)]) == ""
    assert numbering_hint([(claim("2", "S"), chain)] * 9) == ""
    assert numbering_hint([(claim(position, ""), chain) for position in "123456789"] * 2) == ""


def test_sites_scattered_over_many_residues_betray_positions_that_count_from_zero() -> None:
    chain = "ASCSDSESFSGSHSISKSLS"
    shifted = [(claim(str(position - 1)), chain) for position in range(2, 21, 2)]
    assert scatter_hint(shifted) == (
        "the sites lie on many kinds of residues, but 100% of them on S if 1 is added to every position: they count "
        "from 0; add 1"
    )
    right = [(claim(str(position)), chain) for position in range(2, 21, 2)]
    assert scatter_hint(right) == ""
    assert scatter_hint(shifted[:9]) == ""
    told = [(claim(str(position - 1), "S"), chain) for position in range(2, 21, 2)]
    assert scatter_hint(told) == ""
