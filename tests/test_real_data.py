"""Hold the shipped human phosphorylation sites against themselves and against independent tables."""

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

import pytest

SHIPPED = Path(__file__).parents[1] / "test-data" / "human_phosphosites"
INDEPENDENT = Path(os.environ.get("PLMKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))
HELD_OUT = {"P04637", "Q13541", "P26678", "P37840"}
REACH = 16  # residues on each side of the site: windows of 33
LABEL_WORDS = {0: "unmodified", 1: "phosphorylated"}
INDEPENDENT_PROTEINS = (
    "musitedeep_13ptm/proteins.fasta.gz",
    "corpus_uniprot/corpus_uniprot.fasta.gz",
    "dephosphorylation/dtl_dephos_fullseq_proteins.fasta.gz",
    "musitedeep_phospho/Y_train.annotated.fasta.gz",
)
needs_independent_data = pytest.mark.skipif(
    not INDEPENDENT.is_dir(),
    reason=f"no independent data in {INDEPENDENT}; set PLMKIT_DATA to compare with it",
)


class Site(NamedTuple):
    accession: str
    position: int
    residue: str
    label: int


def read_fasta(lines: TextIO) -> Iterator[tuple[str, str]]:
    name, parts = "", list[str]()
    for line in lines:
        if line.startswith(">"):
            if name:
                yield name, "".join(parts)
            name, parts = line[1:].strip(), []
        else:
            parts.append(line.strip())
    if name:
        yield name, "".join(parts)


def shipped_fasta(file_name: str) -> list[tuple[str, str]]:
    with (SHIPPED / file_name).open() as lines:
        return list(read_fasta(lines))


def shipped_proteins() -> dict[str, tuple[str, str]]:
    """Return accession -> (identifier as in `sp|P04637|P53_HUMAN`, sequence)."""
    identifiers = [(header.split()[0], sequence) for header, sequence in shipped_fasta("proteins.fasta")]
    return {identifier.split("|")[1]: (identifier, sequence) for identifier, sequence in identifiers}


def shipped_sites() -> list[Site]:
    with (SHIPPED / "sites.tsv").open() as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [Site(r["accession"], int(r["position"]), r["residue"], int(r["label"])) for r in rows]


def window(site: Site) -> tuple[str, str]:
    """Return the name and the padded sequence of the window round a site."""
    identifier, sequence = shipped_proteins()[site.accession]
    padded = "X" * REACH + sequence + "X" * REACH
    first = site.position - REACH  # 1-based; not above 0 where the window begins before the protein
    return f"{identifier}%{first}%{site.position}", padded[site.position - 1 : site.position + 2 * REACH]


def windows_of(*, held_out: bool) -> list[tuple[str, str, int]]:
    sites = [site for site in shipped_sites() if (site.accession in HELD_OUT) == held_out]
    return [(*window(site), site.label) for site in sites]


def independent_proteins(wanted: set[str]) -> Iterator[tuple[str, str]]:
    for file_name in INDEPENDENT_PROTEINS:
        with gzip.open(INDEPENDENT / file_name, "rt") as lines:
            for header, sequence in read_fasta(lines):
                identifier = header.split()[0]
                accession = identifier.split("|")[1] if "|" in identifier else identifier
                if accession in wanted:
                    yield accession, sequence.replace("#", "")  # '#' marks a site in these files


def independent_sites(wanted: set[str]) -> set[tuple[str, int]]:
    with gzip.open(INDEPENDENT / "musitedeep_13ptm" / "sites.tsv.gz", "rt") as lines:
        rows = (line.split("\t") for line in lines if line.startswith("Phosphorylation"))
        return {(accession, int(position)) for _, accession, position, _ in rows if accession in wanted}


def test_every_site_is_the_residue_it_says() -> None:
    proteins = shipped_proteins()
    for site in shipped_sites():
        assert site.residue in "STY", site
        assert proteins[site.accession][1][site.position - 1] == site.residue, site


def test_no_site_is_listed_twice() -> None:
    places = [(site.accession, site.position) for site in shipped_sites()]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("accession", "position", "surroundings"),
    [
        ("P04637", 15, "EPPLSQETF"),  # ATM, S/T-Q
        ("P16104", 140, "ATQASQEYX"),  # gamma-H2AX: S139 without the initiator methionine
        ("P68431", 11, "TARKSTGGK"),  # Aurora B, S10 without the initiator methionine
        ("P26678", 16, "IRRASTIEM"),  # protein kinase A
        ("P25963", 32, "DRHDSGLDS"),  # IKK, the DSGxxS degron
        ("P62753", 235, "RRRLSSLRA"),  # S6 kinase
        ("P06493", 15, "GEGTYGVVY"),  # Wee1
        ("Q92934", 75, "SRHSSYPAG"),  # the binding motif of 14-3-3
    ],
)
def test_numbering_agrees_with_motifs_known_from_the_literature(
    accession: str, position: int, surroundings: str
) -> None:
    site = Site(accession, position, surroundings[4], 1)
    assert site in shipped_sites()
    assert window(site)[1][REACH - 4 : REACH + 5] == surroundings


def test_window_before_the_first_residue_is_padded() -> None:
    by_name = dict(shipped_fasta("heldout_windows.fasta"))
    assert by_name["sp|P26678|PPLA_HUMAN%0%16 LABEL=1"] == "XMEKVQYLTRSAIRRASTIEMPQQARQKLQNLF"


@pytest.mark.parametrize("held_out", [False, True])
def test_window_files_follow_from_proteins_and_sites(*, held_out: bool) -> None:
    expected = [(f"{name} LABEL={label}", sequence) for name, sequence, label in windows_of(held_out=held_out)]
    assert shipped_fasta("heldout_windows.fasta" if held_out else "train_windows.fasta") == expected


def test_window_table_holds_the_training_windows() -> None:
    with (SHIPPED / "train_windows.tsv").open() as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    assert rows[0] == ["id", "protein", "sequence", "label"]
    training = windows_of(held_out=False)
    assert rows[1:] == [[n, n.split("|")[1], sequence, LABEL_WORDS[label]] for n, sequence, label in training]


def test_no_protein_is_in_both_window_files() -> None:
    training, held_out = (
        {header.split("|")[1] for header, _ in shipped_fasta(file_name)}
        for file_name in ("train_windows.fasta", "heldout_windows.fasta")
    )
    assert held_out == HELD_OUT
    assert training | held_out == set(shipped_proteins())
    assert not training & held_out


@pytest.mark.parametrize("held_out", [False, True])
def test_classes_are_between_one_to_one_and_one_to_two(*, held_out: bool) -> None:
    labels = [label for _, _, label in windows_of(held_out=held_out)]
    assert 1 <= labels.count(0) / labels.count(1) <= 2


def test_scan_file_holds_held_out_proteins_in_full() -> None:
    scanned = shipped_fasta("scan.fasta")
    assert [header.split("|")[1] for header, _ in scanned] == ["P04637", "Q13541"]
    assert set(scanned) <= set(shipped_fasta("proteins.fasta"))


@needs_independent_data
def test_sequences_equal_those_of_independent_tables() -> None:
    shipped = {accession: sequence for accession, (_, sequence) in shipped_proteins().items()}
    compared = set()
    for accession, sequence in independent_proteins(set(shipped)):
        assert shipped[accession] == sequence, accession
        compared.add(accession)
    assert len(compared) >= 8


@needs_independent_data
def test_labels_agree_with_an_independent_site_table() -> None:
    known = independent_sites(set(shipped_proteins()))
    covered = {accession for accession, _ in known}
    compared = [site for site in shipped_sites() if site.accession in covered]
    disagreeing = [s for s in compared if ((s.accession, s.position) in known) != (s.label == 1)]
    assert disagreeing == []
    assert len({site.accession for site in compared}) >= 8
