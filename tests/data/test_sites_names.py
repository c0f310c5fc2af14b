import pytest

from plmkit.data.sites_names import protein_names

NAMES = protein_names(["sp|P04150|GCR_HUMAN", "P04637", "sp|P04637-4|P53_HUMAN", "tr|Q9|A", "sp|Q9|B", "gene7-2"])


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("sp|P04150|GCR_HUMAN", 0),
        ("P04150", 0),
        ("sp|P04150|OLD_NAME", 0),
        ("sp|P04637|P53_HUMAN", 1),
        ("P04637-4", 2),
        ("gene7-2", 5),
        ("P04150-1", None),
        ("P04150-2", None),
        ("GCR_HUMAN", None),
        ("Q9", None),
        ("sp|Q9|B", 4),
    ],
)
def test_a_protein_is_found_by_its_name_or_its_accession(name: str, number: int | None) -> None:
    assert NAMES.find(name) == number


def test_an_isoform_is_never_taken_for_the_canonical_chain() -> None:
    assert NAMES.reason_against("P04150-1") == (
        "isoform 1 of P04150 is not among the proteins, and its positions may not be those of P04150"
    )
    assert NAMES.reason_against("sp|P04637-2|P53_HUMAN").startswith("isoform 2 of P04637 is not")


def test_an_accession_of_two_proteins_is_none() -> None:
    assert NAMES.reason_against("Q9") == "two of the proteins have the accession Q9"


def test_other_names_are_those_of_strangers() -> None:
    assert [NAMES.reason_against(name) for name in ("P99999-2", "A0A024", "gene7-3", "gene7")] == [""] * 4
