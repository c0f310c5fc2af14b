"""Write what sums up a scan: a table of the proteins, and one of the residues around sites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from plmkit.data.fasta import Protein
from plmkit.data.scored_sites import ScoredSites
from plmkit.learning.motifs import AMINO_ACIDS, FLANK, Motif
from plmkit.output.tables import Cell, write_table

SUMMARY_HEADER = (
    "protein",
    "length",
    "modification",
    "candidates",
    "modified",
    "highest_probability",
    "highest_site",
)
ENRICHMENT_HEADER = (
    "modification",
    "position",
    "residue",
    "count_called",
    "share_called",
    "count_others",
    "share_others",
    "difference",
    "log2_odds_ratio",
    "p",
    "p_corrected",
)


def write_summary(path: Path, proteins: Sequence[Protein], scored: Sequence[ScoredSites]) -> None:
    """Write one row for each protein and modification, proteins without a candidate included."""
    write_table(path, SUMMARY_HEADER, _summary(proteins, scored))


def _summary(proteins: Sequence[Protein], scored: Sequence[ScoredSites]) -> Iterator[Sequence[Cell]]:
    bounds = [np.searchsorted(sites.candidates.proteins, np.arange(len(proteins) + 1)).tolist() for sites in scored]
    for number, protein in enumerate(proteins):
        for sites, ends in zip(scored, bounds, strict=True):
            start, stop = ends[number], ends[number + 1]
            beginning = (protein.name, len(protein.sequence), sites.modification, stop - start)
            if start == stop:
                yield *beginning, 0, None, None
                continue
            found = sites.probabilities[start:stop]
            best = int(found.argmax())
            position = int(sites.candidates.positions[start + best])
            site = f"{protein.sequence[position - 1]}{position}"
            yield *beginning, int((found >= sites.threshold).sum()), float(found[best]), site


def write_enrichment(path: Path, motifs: Sequence[Motif]) -> None:
    """Write each residue at each position around sites, 0 the site; only of modifications that could be tested."""
    write_table(path, ENRICHMENT_HEADER, (row for motif in motifs if motif.is_tested for row in _enrichment(motif)))


def _enrichment(motif: Motif) -> Iterator[Sequence[Cell]]:
    shares, difference, log_odds = motif.shares, motif.difference, motif.log_odds
    for place in range(2 * FLANK + 1):
        for column, residue in enumerate(AMINO_ACIDS):
            at = (place, column)
            if np.isnan(motif.p[at]):
                continue
            called, others = motif.counts[:, place, column].tolist()
            yield (
                motif.modification,
                place - FLANK,
                residue,
                called,
                float(shares[0][at]),
                others,
                float(shares[1][at]),
                float(difference[at]),
                float(log_odds[at]),
                f"{motif.p[at]:.3g}",
                f"{motif.corrected[at]:.3g}",
            )
