from pathlib import Path

import pytest

from plmkit.data.sites import SiteOptions, Told
from plmkit.data.sites_uniprot import RANGES, read_chains, read_uniprot
from plmkit.errors import UserError

EXPERIMENT = '/evidence="ECO:0000269|PubMed:1"'

PLAIN = SiteOptions()


def read(folder: Path, content: str, options: SiteOptions = PLAIN) -> Told:
    (folder / "u.tsv").write_text(content)
    return read_uniprot(folder / "u.tsv", "sites", options)


def test_features_of_all_columns_are_read(tmp_path: Path) -> None:
    modified = f'MOD_RES 5; /note="N6-acetyllysine; by EP300"; {EXPERIMENT}; MOD_RES 9; /note="Phosphoserine"'
    glycans = 'CARBOHYD 64; /note="N-linked (GlcNAc...) asparagine"; /evidence="ECO:0000255"'
    links = 'CROSSLNK 7; /note="Glycyl lysine isopeptide (Lys-Gly) (interchain with G-Cter in SUMO2); alternate"'
    told = read(
        tmp_path, f"Entry\tGene\tModified residue\tGlycosylation\tCross-link\nP1\tx\t{modified}\t{glycans}\t{links}\n"
    )
    assert [(claim.protein, claim.position, claim.residue, claim.names.usual) for claim in told.claims] == [
        ("P1", "5", "K", ("Acetylation",)),
        ("P1", "9", "S", ("Phosphorylation",)),
        ("P1", "64", "N", ("N-glycosylation",)),
        ("P1", "7", "K", ("SUMOylation",)),
    ]
    assert told.proteins is None


def test_ranges_and_unnamed_features_are_counted_and_isoforms_and_doubts_kept_as_written(tmp_path: Path) -> None:
    cell = (
        'CROSSLNK 3..6; /note="Isoglutamyl cysteine thioester (Cys-Gln)"; CROSSLNK 8; /evidence="ECO:0000250"; '
        'CROSSLNK P1-2:4; /note="Tryptophylquinone"; CROSSLNK ?9; /note="x"; CROSSLNK 5..5; /note="y"'
    )
    told = read(tmp_path, f"Entry\tCross-link\nP1\t{cell}\nP2\t\n")
    assert [(claim.protein, claim.position) for claim in told.claims] == [("P1-2", "4"), ("P1", "?9"), ("P1", "5")]
    assert dict(told.skipped) == {
        RANGES: 1,
        "annotations that do not say which modification they are passed over": 1,
    }


def test_what_was_not_seen_in_an_experiment_is_left_out_on_request(tmp_path: Path) -> None:
    codes = ["0000269|PubMed:1", "0000250|UniProtKB:Q1", "0007744|PubMed:2, ECO:0000305", "0000255", "0000303|Ref.1"]
    cell = "; ".join(
        f'MOD_RES {number}; /note="Phosphoserine"; /evidence="ECO:{code}"' for number, code in enumerate(codes, 1)
    )
    content = f'Entry\tModified residue\nP1\t{cell}; MOD_RES 9; /note="Phosphoserine"\n'
    told = read(tmp_path, content, SiteOptions(evidence="experimental"))
    assert [claim.position for claim in told.claims] == ["1", "3"]
    assert dict(told.skipped) == {"annotations without experimental evidence passed over": 4}
    assert len(read(tmp_path, content).claims) == 6


def test_each_enzyme_makes_a_name_on_request(tmp_path: Path) -> None:
    content = 'Entry\tModified residue\nP1\tMOD_RES 4; /note="Phosphoserine; by PKA, CK2 and autocatalysis; in vitro"\n'
    (plain,) = read(tmp_path, content).claims
    assert plain.names.usual == ("Phosphorylation",)
    (named,) = read(tmp_path, content, SiteOptions(by_enzyme=True)).claims
    assert named.names.usual == (
        "Phosphorylation",
        "Phosphorylation by PKA",
        "Phosphorylation by CK2",
        "Phosphorylation by autocatalysis",
    )


def test_the_column_of_sequences_holds_the_proteins(tmp_path: Path) -> None:
    content = 'Entry\tSequence\tLipidation\nP1\tMGCS\tLIPID 3; /note="S-palmitoyl cysteine"\nP2\tmks\t\n'
    told = read(tmp_path, content)
    assert told.proteins is not None
    assert list(zip(told.proteins.names, told.proteins.sequences, strict=True)) == [("P1", "MGCS"), ("P2", "MKS")]
    assert read_chains(tmp_path / "u.tsv", "proteins") == told.proteins


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Entry\tGene\nP1\tx\n", "sites: there is none of the columns 'Modified residue', 'Glycosylation', "),
        (
            "Entry\tModified residue\nP1\tMOD_RES 5 5 Phosphoserine.\n",
            "sites, line 2, column 'Modified residue': 'MOD_RES 5 5 Phosphoserine.' is no feature of UniProt",
        ),
        (
            'Entry\tModified residue\nP1\tMOD_RES 5; /note="Phosphoserine"; hello\n',
            "sites, line 2, column 'Modified residue': 'hello' is no feature of UniProt",
        ),
        (
            "Entry\tSequence\tLipidation\nP1\tMK\t\nP1\tMK\t\nP3\tM-K\t\n",
            "sites, line 3: the name 'P1' is empty or stands already above; give each row its own; line 4, P3: '-' at",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        read(tmp_path, content)
    assert str(raised.value).startswith(message)


def test_a_table_without_sequences_holds_no_proteins(tmp_path: Path) -> None:
    (tmp_path / "u.tsv").write_text("Entry\tGene\nP1\tx\n")
    with pytest.raises(UserError, match="proteins: this is neither FASTA nor a table with a column 'Sequence'"):
        read_chains(tmp_path / "u.tsv", "proteins")
