"""Write scored sites: a table of all candidates, and GFF3 of those called modified."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.windows import Site
from plmkit.output.tables import write_table

HEADER = ("protein", "position", "residue", "window", "modification", "score", "is_modified")
# Sequence Ontology SO:0001089.
_FEATURE = "post_translationally_modified_region"
_SAFE_IN_NAMES = ".:^*$@!+_?-|"
_SAFE_IN_VALUES = " :+-_.()/[]|"


@dataclass(frozen=True)
class ScoredSite:
    """A candidate residue; position from 1; score: the probability that it is modified, by
    whatever modification; label: the likeliest modification."""

    protein: Protein
    position: int
    residue: str
    window: str
    score: float
    label: str
    is_modified: bool


def scored_sites(
    proteins: Proteins,
    candidates: Sequence[Site],
    probabilities: NDArray[np.float32],
    labels: Sequence[str],
    negative: str,
    threshold: float,
) -> list[ScoredSite]:
    """Join candidates with their probabilities (sites, C).

    The score is one minus the probability of the negative label; the label is the likeliest of the others.
    """
    column = labels.index(negative)
    others = np.delete(np.arange(len(labels)), column)
    likeliest = others[probabilities[:, others].argmax(axis=1)]
    return [
        ScoredSite(
            protein=proteins.records[site.protein],
            position=site.position,
            residue=site.residue,
            window=site.window,
            score=float(score),
            label=labels[best],
            is_modified=bool(score >= threshold),
        )
        for site, score, best in zip(candidates, 1 - probabilities[:, column], likeliest, strict=True)
    ]


def write_sites(path: Path, sites: Iterable[ScoredSite]) -> None:
    """Write every candidate residue, protein by protein."""
    write_table(
        path,
        HEADER,
        (
            [
                s.protein.name,
                s.position,
                s.residue,
                s.window,
                s.label,
                s.score,
                "yes" if s.is_modified else "no",
            ]
            for s in sites
        ),
    )


def write_gff(path: Path, proteins: Sequence[Protein], sites: Iterable[ScoredSite]) -> None:
    """Write the sites called modified as GFF3 on their proteins.

    Source: the Sequence Ontology's GFF3 specification 1.26.
    """
    lines = ["##gff-version 3"]
    lines += [f"##sequence-region {_seqid(p.name)} 1 {len(p.sequence)}" for p in proteins]
    lines += [_feature(number, site) for number, site in enumerate((s for s in sites if s.is_modified), start=1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _feature(number: int, site: ScoredSite) -> str:
    name = f"{site.residue}{site.position} {site.label}"
    attributes = f"ID=site{number};Name={quote(name, safe=_SAFE_IN_VALUES)};residue={site.residue}"
    columns = [_seqid(site.protein.name), "plmkit", _FEATURE, site.position, site.position]
    return "\t".join(map(str, [*columns, f"{site.score:.6f}", ".", ".", attributes]))


def _seqid(name: str) -> str:
    return quote(name, safe=_SAFE_IN_NAMES).replace("~", "%7E")  # which quote() always leaves
