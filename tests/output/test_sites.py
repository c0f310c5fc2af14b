import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

from plmkit.data.fasta import Protein
from plmkit.data.modifications import psi_mod
from plmkit.data.scored_sites import SiteRow
from plmkit.output.sites import HEADER, write_gff, write_sites

# GFF3 1.26: "IDs may contain any characters, but must escape any characters not in the set [a-zA-Z0-9.:^*$@!+_?-|]"
ALLOWED_IN_SEQID = re.compile(r"([a-zA-Z0-9.:^*$@!+_?|-]|%[0-9A-F]{2})+")
NAMES = ["sp|P1|A_HUMAN", ">odd;a=b,c&d%20", "é ü", "~tilde~", "a/b", "#c"]
LABELS = ("phospho;x=1", "é,ü & ñ\tø", "Phosphorylation", "a,b", "x", "1")


def parsed(path: Path) -> tuple[dict[str, int], list[dict[str, str]]]:
    """Read GFF3 by the letter of the specification."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "##gff-version 3"
    assert lines.pop() == ""
    lengths, features = {}, []
    for line in lines[1:]:
        if line.startswith("##sequence-region "):
            _, seqid, start, end = line.split(" ")
            assert start == "1"
            lengths[seqid] = int(end)
            continue
        columns = line.split("\t")
        assert len(columns) == 9
        attributes = dict(pair.split("=") for pair in columns[8].split(";"))
        names = ("seqid", "source", "type", "start", "end", "score", "strand", "phase")
        feature = dict(zip(names, columns, strict=False)) | {key: unquote(value) for key, value in attributes.items()}
        assert ALLOWED_IN_SEQID.fullmatch(feature["seqid"])
        assert 1 <= int(feature["start"]) <= int(feature["end"]) <= lengths[feature["seqid"]]
        features.append(feature)
    return lengths, features


@pytest.fixture
def proteins() -> list[Protein]:
    return [Protein(name, "MSTYK") for name in NAMES]


def rows_of(proteins: Sequence[Protein]) -> list[SiteRow]:
    return [
        SiteRow(protein, 2, "S", "XMSTY", 0, label, 0.75, True, 0.5, "near_terminus")
        for protein, label in zip(proteins, LABELS, strict=True)
    ]


def test_gff_reads_back_by_the_specification(tmp_path: Path, proteins: list[Protein]) -> None:
    write_gff(tmp_path / "s.gff3", proteins, rows_of(proteins))
    lengths, features = parsed(tmp_path / "s.gff3")
    assert [unquote(seqid) for seqid in lengths] == NAMES
    assert [unquote(feature["seqid"]) for feature in features] == NAMES
    assert [feature["ID"] for feature in features] == [f"site{n}" for n in range(1, len(NAMES) + 1)]
    for feature, label in zip(features, LABELS, strict=True):
        assert (feature["type"], feature["source"]) == ("post_translationally_modified_region", "plmkit")
        assert (feature["start"], feature["end"], feature["score"]) == ("2", "2", "0.750000")
        assert (feature["strand"], feature["phase"], feature["residue"]) == (".", ".", "S")
        assert (feature["Name"], feature["modification"]) == (f"S2 {label}", label)
        assert feature["threshold"] == "0.500000"


def test_terms_of_psi_mod_stand_where_the_name_and_the_residue_tell_one(
    tmp_path: Path, proteins: list[Protein]
) -> None:
    write_gff(tmp_path / "s.gff3", proteins, rows_of(proteins))
    told = [feature.get("Ontology_term") for feature in parsed(tmp_path / "s.gff3")[1]]
    assert told == [None, None, "MOD:00046", None, None, None]
    assert psi_mod("Phosphorylation", "S") == "MOD:00046"  # O-phospho-L-serine


def test_proteins_without_sites_are_named_all_the_same(tmp_path: Path, proteins: list[Protein]) -> None:
    write_gff(tmp_path / "s.gff3", proteins, [])
    assert parsed(tmp_path / "s.gff3")[1] == []
    assert len(parsed(tmp_path / "s.gff3")[0]) == len(NAMES)


def test_the_table_tells_all_of_a_site(tmp_path: Path) -> None:
    row = SiteRow(Protein("p", "MSTYK"), 2, "S", "XMSTY", 0, "a mod", 0.25, False, 0.5, "far;x_in_window")
    write_sites(tmp_path / "s.tsv", [row])
    assert (tmp_path / "s.tsv").read_text().splitlines() == [
        "\t".join(HEADER),
        "p\t2\tS\tXMSTY\ta mod\t0.250000\tno\t0.500000\tfar;x_in_window",
    ]
