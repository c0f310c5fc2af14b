from pathlib import Path

import pytest

from plmkit.data.sites import SiteOptions, Told
from plmkit.data.sites_gff import read_gff
from plmkit.data.sites_uniprot import RANGES
from plmkit.errors import UserError

# The lines of UniProt's KRAS (P01116) that are of use here, as downloaded in 2019.
KRAS = """##gff-version 3
##sequence-region P01116 1 189
P01116\tUniProtKB\tChain\t1\t186\t.\t.\t.\tID=PRO_0000082641;Note=GTPase KRas
P01116\tUniProtKB\tModified residue\t2\t2\t.\t.\t.\tNote=N-acetylthreonine%3B in GTPase KRas%2C N-terminally \
processed;Ontology_term=ECO:0000269;evidence=ECO:0000269|Ref.17
P01116\tUniProtKB\tModified residue\t104\t104\t.\t.\t.\tNote=N6-acetyllysine;Ontology_term=ECO:0000269;evidence=\
ECO:0000269|PubMed:22711838;Dbxref=PMID:22711838
P01116\tUniProtKB\tLipidation\t180\t180\t.\t.\t.\tNote=S-palmitoyl cysteine;evidence=ECO:0000250\t
P01116\tUniProtKB\tCross-link\t170\t170\t.\t.\t.\tNote=Glycyl lysine isopeptide (Lys-Gly) (interchain with G-Cter in \
ubiquitin);evidence=ECO:0000305|PubMed:30442762
P01116\tUniProtKB\tCross-link\t3\t9\t.\t.\t.\tNote=somewhere
"""

PLAIN = SiteOptions()


def read(folder: Path, content: str, options: SiteOptions = PLAIN) -> Told:
    (folder / "s.gff").write_text(content)
    return read_gff(folder / "s.gff", "sites", options)


def test_modifications_of_uniprot_are_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    told = read(tmp_path, KRAS)
    assert [(claim.line, claim.position, claim.residue, claim.names.usual[0]) for claim in told.claims] == [
        (4, "2", "T", "N-terminal acetylation"),
        (5, "104", "K", "Acetylation"),
        (6, "180", "C", "Palmitoylation"),
        (7, "170", "K", "Ubiquitination"),
    ]
    assert dict(told.skipped) == {RANGES: 1, "features of other types passed over (Chain)": 1}


def test_only_experiments_are_taken_on_request(tmp_path: Path) -> None:
    told = read(tmp_path, KRAS, SiteOptions(evidence="experimental"))
    assert [claim.position for claim in told.claims] == ["2", "104"]
    assert told.skipped["annotations without experimental evidence passed over"] == 2


def test_sites_of_other_programs_are_read_by_their_attributes(tmp_path: Path) -> None:
    kind = "post_translationally_modified_region"
    told = read(
        tmp_path,
        f"my%20protein\tplm\t{kind}\t7\t7\t0.9\t.\t.\tID=site1;Name=S7 x;modification=Dephosphorylation;residue=S\n"
        f"b\tx\t{kind}\t1\t1\t.\t.\t.\tName=target of serine kinases\n##FASTA\n>b\nMK\n",
    )
    assert [(claim.protein, claim.residue, claim.names.usual[0]) for claim in told.claims] == [
        ("my protein", "S", "Dephosphorylation"),
        ("b", "", "target of serine kinases"),
    ]


def test_lines_that_are_no_features_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sites, line 2: 3 columns with tabs between, but GFF3 has 9"):
        read(tmp_path, "##gff-version 3\na\tb\tc\n")


def test_a_file_without_modifications_is_refused_with_its_types(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sites: no feature is a modification; their types are CDS, gene; expected 'M"):
        read(tmp_path, "c\tx\tgene\t1\t9\t.\t+\t.\tID=g\nc\tx\tCDS\t1\t9\t.\t+\t0\tID=c\n")
