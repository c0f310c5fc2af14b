import pytest

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.sites_parts import parts_in_headers, parts_of_proteins, parts_of_sites
from plmkit.errors import UserError


def proteins(*headers: str) -> Proteins:
    return Proteins(tuple(Protein(header.split()[0], "MK", header, 3) for header in headers))


def test_headers_tell_parts_in_two_ways() -> None:
    given = proteins("a SET=train", "b split=val TARGET=x", "c", "d OFFSET=4", "e SET=test_b")
    assert parts_in_headers(given, "proteins") == ("train", "valid", None, None, "test_b")


def test_a_strange_part_is_told() -> None:
    with pytest.raises(UserError, match="proteins, line 3: split=fold1 is none of train, valid and test; write one"):
        parts_in_headers(proteins("a split=fold1"), "proteins")


def test_a_protein_has_the_part_of_its_header_or_that_of_all_its_sites() -> None:
    sites = parts_of_sites([(0, 5, "train"), (0, 6, "train"), (1, 5, "train"), (1, 9, "test"), (2, 1, None)], 4)
    assert [dict(of) for of in sites] == [{5: "train", 6: "train"}, {5: "train", 9: "test"}, {}, {}]
    assert parts_of_proteins([None] * 4, sites) == ("train", None, None, None)
    assert parts_of_proteins(["test", "valid", "train", None], sites) == ("test", "valid", "train", None)
