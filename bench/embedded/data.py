"""Read the public data sets which the embedded model is measured on; what they are: README.md of their folder."""

from __future__ import annotations

import csv
import gzip
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(os.environ.get("PLMKIT_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
STATES = "HEC"

Floats = NDArray[np.float64]
Row = dict[str, str]


@dataclass(frozen=True)
class Examples:
    """Proteins with what is to be predicted: (1,) for each protein or (L,) for its residues; NaN where unknown."""

    sequences: list[str]
    truth: list[Floats]

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a truth, all proteins end to end."""
        return ~np.isnan(np.concatenate(self.truth))

    @property
    def targets(self) -> Floats:
        """The truth of the known rows (N,)."""
        return np.concatenate(self.truth)[self.known]

    @property
    def groups(self) -> NDArray[np.int64]:
        """The protein of each known row (N,): rows of one protein are not independent."""
        return np.repeat(np.arange(len(self)), [len(values) for values in self.truth])[self.known]

    def sample(self, count: int | None) -> Examples:
        """Return so many proteins by chance, the same ones each time; None: all."""
        if count is None or count >= len(self):
            return self
        chosen = np.random.default_rng(0).choice(len(self), count, replace=False)
        return Examples([self.sequences[index] for index in chosen], [self.truth[index] for index in chosen])


Parts = dict[str, Examples]


@dataclass(frozen=True)
class Scan:
    """A deep mutational scan: single substitutions ("H24C", from 1) of one protein, with their measured scores."""

    wild_type: str
    mutants: list[str]
    scores: Floats

    @property
    def positions(self) -> NDArray[np.int64]:
        """The mutated position of each mutant, from 0."""
        return np.array([int(mutant[1:-1]) - 1 for mutant in self.mutants])


@dataclass(frozen=True)
class Sites:
    """Windows of 33 residues with the site in the middle, whether it is one, and the protein it lies on."""

    windows: list[str]
    truth: Floats
    proteins: NDArray[np.int64]


def rows_of(path: str, delimiter: str = ",") -> Iterator[Row]:
    """Yield the rows of a table of the data folder."""
    csv.field_size_limit(sys.maxsize)
    with gzip.open(DATA / path, "rt", encoding="utf-8") as handle:
        yield from csv.DictReader(handle, delimiter=delimiter)


def gb1() -> Parts:
    """Fitness of variants with up to four substitutions: up to three are learned from (FLIP, three_vs_rest)."""
    return _parts(rows_of("gb1_flip/three_vs_rest.csv.gz"), lambda row: np.array([float(row["target"])]))


def disorder() -> Parts:
    """CheZOD scores of residues; the test part is the official one of 117 proteins."""

    def scores(row: Row) -> Floats:
        return np.array([float(score or "nan") for score in row["chezod_scores"].split(";")])

    return _parts(rows_of("disorder_chezod/chezod.csv.gz"), scores)


def secondary_structure() -> Parts:
    """Helix, strand or coil of each resolved residue; the test part is NEW364."""

    def states(row: Row) -> Floats:
        pairs = zip(row["labels"], row["mask"], strict=True)
        return np.array([float(STATES.index(label)) if seen == "1" else np.nan for label, seen in pairs])

    return _parts(rows_of("secondary_structure_flip/sampled.csv.gz"), states)


def localisation() -> Parts:
    """One of ten compartments for each protein; two test parts, the hard one without relatives in training."""
    rows = list(rows_of("deeploc1/deeploc1.csv.gz"))
    places = sorted({row["location"] for row in rows})
    return _parts(iter(rows), lambda row: np.array([float(places.index(row["location"]))]))


def dephosphorylation() -> Sites:
    """All dephosphorylation sites on S and T, both sides of the published split: its sides share proteins."""
    rows = list(rows_of("dephosphorylation/dtl_dephos_ST.tsv.gz", "\t"))
    _, proteins = np.unique([row["accession"] for row in rows], return_inverse=True)
    return Sites([row["window33"] for row in rows], np.array([float(row["label"]) for row in rows]), proteins)


def beta_lactamase() -> Scan:
    """BLAT_ECOLX_Stiffler_2015: fitness of the single substitutions of a beta-lactamase."""
    name = "dms_zero_shot/BLAT_ECOLX_Stiffler_2015"
    rows = list(rows_of(f"{name}.csv.gz"))
    wild_type = "".join((DATA / f"{name}.wt.fasta").read_text(encoding="ascii").splitlines()[1:])
    return Scan(wild_type, [row["mutant"] for row in rows], np.array([float(row["DMS_score"]) for row in rows]))


def _parts(rows: Iterator[Row], truth: Callable[[Row], Floats]) -> Parts:
    found: Parts = {}
    for row in rows:
        part = found.setdefault(row["split"], Examples([], []))
        part.sequences.append(row["sequence"])
        part.truth.append(truth(row))
    return found


def limited(parts: Parts, most: dict[str, int], limit: int | None) -> Parts:
    """Take fewer proteins of training and validation to save time; limit: of every part, for a trial."""

    def count(part: str) -> int | None:
        wanted: Sequence[int] = [number for number in (most.get(part), limit) if number is not None]
        return min(wanted, default=None)

    return {part: examples.sample(count(part)) for part, examples in parts.items()}
