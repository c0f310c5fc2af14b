"""Write published data sets as the tables that plm finetune reads; what they are: README.md of their folder."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.embedded.data import DATA
from Bio.SeqIO.FastaIO import SimpleFastaParser

Row = dict[str, str]

_PTMS = (
    "Phosphorylation_ST",
    "Phosphorylation_Y",
    "Acetylation_K",
    "Ubiquitination_K",
    "Glycosylation_N",
    "Methylation_R",
)


@dataclass(frozen=True)
class Sizes:
    """How many examples of each part are taken, by chance, and how long they may be; the split is as published."""

    train: int
    valid: int
    test: int
    longest: int = 100_000


@dataclass(frozen=True)
class Source:
    """A data set: how its rows are read and which options plm finetune gets."""

    rows: Callable[[], Iterator[Row]]
    options: tuple[str, ...]
    sizes: Sizes


def _read(path: str, delimiter: str = ",") -> Iterator[Row]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as handle:
        yield from csv.DictReader(handle, delimiter=delimiter)


def _gb1() -> Iterator[Row]:
    for row in _read("gb1_flip/three_vs_rest.csv.gz"):
        yield {"sequence": row["sequence"], "label": row["target"], "split": row["split"]}


def _chezod() -> Iterator[Row]:
    for row in _read("disorder_chezod/chezod.csv.gz"):
        yield {"sequence": row["sequence"], "label": row["chezod_scores"], "split": row["split"]}


def _structure() -> Iterator[Row]:
    for row in _read("secondary_structure_flip/sampled.csv.gz"):
        yield {"sequence": row["sequence"], "label": row["labels"], "mask": row["mask"], "split": row["split"]}


def _location() -> Iterator[Row]:
    for row in _read("deeploc1/deeploc1.csv.gz"):
        yield {"sequence": row["sequence"], "label": row["location"], "split": row["split"]}


def _pairs() -> Iterator[Row]:
    """Pairs of yeast proteins; a protein is in one part alone (60, 15, 25 %), mixed pairs are left out."""
    with gzip.open(DATA / "ppi_dscript" / "yeast.fasta.gz", "rt", encoding="utf-8") as handle:
        sequence_of = {header.split()[0]: sequence for header, sequence in SimpleFastaParser(handle)}
    for row in _read("ppi_dscript/yeast_pairs.tsv.gz", "\t"):
        parts = {_part_of(row[which]) for which in "ab"}
        if len(parts) == 1:
            one, other = sequence_of[row["a"]], sequence_of[row["b"]]
            label = "interacts" if float(row["label"]) else "none"
            yield {"sequence": one, "sequence_2": other, "label": label, "split": parts.pop()}


def _part_of(name: str) -> str:
    place = zlib.crc32(name.encode()) % 100
    return "test" if place < 25 else "valid" if place < 40 else "train"


def _dephosphorylation() -> Iterator[Row]:
    """Windows around serines and threonines, the published split left aside: to be divided by protein."""
    for row in _read("dephosphorylation/dtl_dephos_ST.tsv.gz", "\t"):
        yield {"sequence": row["window33"], "label": row["label"], "group": row["accession"], "split": ""}


def _gtn() -> Iterator[Row]:
    """The windows of the Galaxy training on fine-tuning, split as there; a fifth of its training set validates."""
    for part in ("train", "test"):
        path = DATA / "dephosphorylation" / f"gtn_{part}_sequences.fasta.gz"
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            for header, sequence in SimpleFastaParser(handle):
                name, label = header.split(" LABEL=")
                yield {"sequence": sequence, "label": label, "group": name.split("%")[0], "split": part}


def _modifications() -> Iterator[Row]:
    """For each protein, which of six kinds of modification it is known to bear; split by clusters of 30 % identity."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in _read("musitedeep_13ptm/sites.tsv.gz", "\t"):
        found[row["accession"]].add(row["ptm"])
    part_of = {row["accession"]: row["split"] for row in _read("musitedeep_13ptm/proteins.tsv.gz", "\t")}
    with gzip.open(DATA / "musitedeep_13ptm" / "proteins.fasta.gz", "rt", encoding="utf-8") as handle:
        for header, sequence in SimpleFastaParser(handle):
            name = header.split()[0]
            marks = {ptm: str(int(ptm in found[name])) for ptm in _PTMS}
            yield {"sequence": sequence, **marks, "split": part_of[name]}


SOURCES = {
    "gb1": Source(_gb1, ("--task", "regression"), Sizes(1000, 200, 1000)),
    "chezod": Source(_chezod, ("--unit", "residue", "--task", "regression"), Sizes(1060, 114, 117)),
    "structure": Source(_structure, ("--unit", "residue"), Sizes(400, 80, 364, 500)),
    "location": Source(_location, (), Sizes(800, 200, 800, 700)),
    "yeast pairs": Source(_pairs, ("--unit", "pair"), Sizes(1000, 300, 1000, 500)),
    "dephosphorylation": Source(_dephosphorylation, ("--unit", "window", "--folds", "5"), Sizes(2225, 0, 0)),
    "gtn": Source(_gtn, ("--unit", "window"), Sizes(201, 0, 50)),
    "modifications": Source(
        _modifications, ("--task", "multilabel", "--label-column", ",".join(_PTMS)), Sizes(800, 200, 800, 500)
    ),
}


def write_table(name: str, path: Path, share: float) -> Sizes:
    """Write a data set as a table; share: of the usual examples. Return how many there are of each part."""
    source = SOURCES[name]
    rows = [row for row in source.rows() if _longest(row) <= source.sizes.longest]
    chance = np.random.default_rng(0)
    written: dict[str, int] = {}
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t")
        writer.writeheader()
        for part in ("train", "valid", "test"):
            of_part = [row for row in rows if (row["split"] or "train") == part]
            wanted = min(getattr(source.sizes, part), max(20, round(share * getattr(source.sizes, part))))
            chosen = sorted(chance.choice(len(of_part), min(wanted, len(of_part)), replace=False))
            writer.writerows(of_part[index] for index in chosen)
            written[part] = len(chosen)
    return Sizes(written["train"], written["valid"], written["test"], source.sizes.longest)


def _longest(row: Row) -> int:
    return max(len(row["sequence"]), len(row.get("sequence_2", "")))
