"""Write published modification sites as `plm sites` and `plm finetune` read them; what they are: README.md there."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.embedded.data import DATA
from Bio.SeqIO.FastaIO import SimpleFastaParser

DEPHOSPHORYLATION, MUSITEDEEP = DATA / "dephosphorylation", DATA / "musitedeep_13ptm"


@dataclass(frozen=True)
class Sizes:
    """How many proteins with sites of each modification are taken of each part, by chance."""

    train: int
    valid: int
    test: int
    longest: int = 1500


def tutorial_windows(path: Path) -> None:
    """Write the windows of the Galaxy training on fine-tuning, with the parts they have there."""
    with path.open("w", encoding="ascii") as handle:
        for part in ("train", "test"):
            for header, window in _fasta(DEPHOSPHORYLATION / f"gtn_{part}_sequences.fasta.gz"):
                handle.write(f">{header} SET={part}\n{window}\n")


def dephosphorylation(proteins: Path, sites: Path, residues: str) -> None:
    """Write the whole proteins and the sites, of S and T or of Y, of the dephosphorylation set."""
    chosen = [
        row for row in _rows(DEPHOSPHORYLATION / "dtl_dephos_fullseq_sites.tsv.gz") if row["residue_set"] == residues
    ]
    _write(sites, chosen)
    names = {row["accession"] for row in chosen}
    records = _fasta(DEPHOSPHORYLATION / "dtl_dephos_fullseq_proteins.fasta.gz")
    _write_fasta(proteins, {header.split()[0]: chain for header, chain in records}, names)


def modifications(proteins: Path, sites: Path, wanted: Iterable[str], sizes: Sizes) -> dict[str, int]:
    """Write proteins with sites of the wanted modifications, divided by clusters; return how many of each part."""
    part_of = {
        row["accession"]: row["split"]
        for row in _rows(MUSITEDEEP / "proteins.tsv.gz")
        if int(row["length"]) <= sizes.longest
    }
    rows = [
        row for row in _rows(MUSITEDEEP / "sites.tsv.gz") if row["ptm"] in set(wanted) and row["accession"] in part_of
    ]
    chosen = _chosen(rows, part_of, sizes)
    _write(sites, [{**row, "split": part_of[row["accession"]]} for row in rows if row["accession"] in chosen])
    chains = {header.split()[0]: chain for header, chain in _fasta(MUSITEDEEP / "proteins.fasta.gz")}
    _write_fasta(proteins, chains, chosen)
    return {part: sum(part_of[name] == part for name in chosen) for part in ("train", "valid", "test")}


def motif_auroc(sequences: Mapping[str, str], sites: Mapping[str, set[int]]) -> tuple[float, int]:
    """Return what N-X-S/T (X not P) alone gives among all N, and how many there are."""
    from sklearn.metrics import roc_auc_score

    truth, motif = [], []
    for name, positions in sites.items():
        chain = sequences[name] + "--"
        for place, residue in enumerate(sequences[name]):
            if residue == "N":
                truth.append(place + 1 in positions)
                motif.append(chain[place + 1] not in "P-" and chain[place + 2] in "ST")
    return float(roc_auc_score(truth, motif)), len(truth)


def read_back(proteins: Path, sites: Path, part: str) -> tuple[dict[str, str], dict[str, set[int]]]:
    """Return chains and sites of one part of what `modifications` wrote."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    with sites.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if row["split"] == part:
                found[row["accession"]].add(int(row["position"]))
    with proteins.open(encoding="ascii") as handle:
        return dict(SimpleFastaParser(handle)), found


def _chosen(rows: Iterable[dict[str, str]], part_of: Mapping[str, str], sizes: Sizes) -> set[str]:
    proteins: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        proteins[row["ptm"], part_of[row["accession"]]].add(row["accession"])
    chance = np.random.default_rng(0)
    chosen: set[str] = set()
    for (_, part), names in sorted(proteins.items()):
        count = min(len(names), getattr(sizes, part))
        chosen.update(chance.choice(sorted(names), count, replace=False).tolist())
    return chosen


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        yield from csv.DictReader(handle, delimiter="\t")


def _fasta(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        yield from SimpleFastaParser(handle)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


def _write_fasta(path: Path, chains: Mapping[str, str], names: Iterable[str]) -> None:
    path.write_text("".join(f">{name}\n{chains[name]}\n" for name in sorted(names)), encoding="ascii")
