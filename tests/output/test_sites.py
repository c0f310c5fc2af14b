import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.windows import Site
from plmkit.output.sites import scored_sites, write_gff

# GFF3 1.26: "IDs may contain any characters, but must escape any characters not in the set [a-zA-Z0-9.:^*$@!+_?-|]"
ALLOWED_IN_SEQID = re.compile(r"([a-zA-Z0-9.:^*$@!+_?|-]|%[0-9A-F]{2})+")
NAMES = ["sp|P1|A_HUMAN", ">odd;a=b,c&d%20", "é ü", "~tilde~", "a/b", "#c"]
LABELS = ("no", "phospho;x=1", "é,ü & ñ\tø")


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
def proteins() -> Proteins:
    return Proteins(tuple(Protein(name, "MSTYK") for name in NAMES))


def test_gff_reads_back_by_the_specification(tmp_path: Path, proteins: Proteins) -> None:
    candidates = [Site(index, 2, "S", "XMSTY") for index in range(len(NAMES))]
    probabilities = np.array([[0.25, 0.125, 0.625]] * len(NAMES), dtype=np.float32)
    sites = scored_sites(proteins, candidates, probabilities, LABELS, "no", threshold=0.75)
    write_gff(tmp_path / "s.gff3", proteins.records, sites)
    lengths, features = parsed(tmp_path / "s.gff3")
    assert [unquote(seqid) for seqid in lengths] == NAMES
    assert [unquote(feature["seqid"]) for feature in features] == NAMES
    assert [feature["ID"] for feature in features] == [f"site{n}" for n in range(1, len(NAMES) + 1)]
    for feature in features:
        assert (feature["type"], feature["source"]) == ("post_translationally_modified_region", "plmkit")
        assert (feature["start"], feature["end"], feature["score"]) == ("2", "2", "0.750000")
        assert (feature["strand"], feature["phase"], feature["residue"]) == (".", ".", "S")
        assert feature["Name"] == f"S2 {LABELS[2]}"


def test_the_score_is_of_any_modification_and_the_label_the_likeliest_of_them(proteins: Proteins) -> None:
    candidates = [Site(0, 2, "S", "XMSTY"), Site(1, 3, "T", "MSTYK"), Site(1, 4, "Y", "STYKX")]
    probabilities = np.array([[0.5, 0.3, 0.2], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1]], dtype=np.float32)
    sites = scored_sites(proteins, candidates, probabilities, ("a", "no", "b"), "no", threshold=0.5)
    assert [site.score for site in sites] == pytest.approx([0.7, 0.4, 0.2])
    assert [site.label for site in sites] == ["a", "a", "a"]
    assert [site.is_modified for site in sites] == [True, False, False]
    assert [site.protein.name for site in sites] == [NAMES[0], NAMES[1], NAMES[1]]


def test_proteins_without_sites_are_named_all_the_same(tmp_path: Path, proteins: Proteins) -> None:
    write_gff(tmp_path / "s.gff3", proteins.records, [])
    assert parsed(tmp_path / "s.gff3")[1] == []
    assert len(parsed(tmp_path / "s.gff3")[0]) == len(NAMES)
