from pathlib import Path

import pytest

from plmkit.data.sites import SiteOptions, Told
from plmkit.data.sites_phosphosite import read_phosphosite
from plmkit.errors import UserError

# Made rows below the preamble and the header of PhosphoSitePlus' downloads.
PREAMBLE = "110817\nPhosphoSitePlus(R) (PSP) was created by Cell Signaling Technology Inc. It is licensed ...\n\n"
HEADER = (
    "GENE\tPROTEIN\tACC_ID\tHU_CHR_LOC\tMOD_RSD\tSITE_GRP_ID\tORGANISM\tMW_kD\tDOMAIN\tSITE_+/-7_AA\tLT_LIT\tMS_LIT\t"
    "MS_CST\tCST_CAT#\n"
)


def row(accession: str, residue: str, window: str = "") -> str:
    return f"G\tP\t{accession}\t1p1\t{residue}\t1\thuman\t15.4\t\t{window}\t\t1\t\t\n"


PLAIN = SiteOptions()


def read(folder: Path, content: str, options: SiteOptions = PLAIN) -> Told:
    (folder / "s").write_text(content)
    return read_phosphosite(folder / "s", "sites", options)


def test_sites_below_the_preamble_are_read_with_their_windows(tmp_path: Path) -> None:
    told = read(tmp_path, PREAMBLE + HEADER + row("P1", "S15-p", "__AAsKK") + row("P1-2", "K3-m2") + row("P1", "K3-ub"))
    assert [
        (claim.line, claim.protein, claim.position, claim.residue, claim.names.usual[0], claim.window)
        for claim in told.claims
    ] == [
        (5, "P1", "15", "S", "Phosphorylation", "__AASKK"),
        (6, "P1-2", "3", "K", "Methylation", ""),
        (7, "P1", "3", "K", "Ubiquitination", ""),
    ]
    assert told.claims[1].names.others == ("Dimethylation", "m2")


def test_the_list_of_kinases_names_the_enzyme(tmp_path: Path) -> None:
    content = "KINASE\tSUB_ACC_ID\tSUB_MOD_RSD\tSITE_+/-7_AA\nPKACA\tP1\tS9\tAAAsAAA\n"
    (claim,) = read(tmp_path, content).claims
    assert (claim.names.usual, claim.names.others) == (("Phosphorylation",), ("Phosphorylation by PKACA",))
    (claim,) = read(tmp_path, content, SiteOptions(by_enzyme=True)).claims
    assert claim.names.usual == ("Phosphorylation", "Phosphorylation by PKACA")


def test_what_is_no_residue_is_kept_to_be_rejected(tmp_path: Path) -> None:
    (claim,) = read(tmp_path, HEADER + row("P1", "N-term-ac")).claims
    assert (claim.position, claim.residue) == ("N-term-ac", "")


def test_rows_without_an_accession_are_counted(tmp_path: Path) -> None:
    told = read(tmp_path, HEADER + row("", "S1-p") + row("P1", "S1-p"))
    assert (len(told.claims), dict(told.skipped)) == (1, {"rows without an accession passed over": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\n1\t2\n", "sites: there is no header with the columns ACC_ID and MOD_RSD; give PhosphoSitePlus' own"),
        (HEADER + "G\tP\tP1\n", "sites, line 2: the row is cut off; download the file again"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        read(tmp_path, content)
    assert str(raised.value).startswith(message)
