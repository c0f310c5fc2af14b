"""Write scored sites: a table of candidates, and GFF3 of those called modified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

from plmkit.data.fasta import Protein
from plmkit.data.modifications import psi_mod
from plmkit.data.scored_sites import SiteRow
from plmkit.output.tables import write_table

HEADER = (
    "protein",
    "position",
    "residue",
    "window",
    "modification",
    "probability",
    "is_modified",
    "threshold",
    "flags",
)
# Sequence Ontology SO:0001089.
_FEATURE = "post_translationally_modified_region"
_SAFE_IN_NAMES = ".:^*$@!+_?-|"
_SAFE_IN_VALUES = " :+-_.()/[]|"


def write_sites(path: Path, rows: Iterable[SiteRow]) -> None:
    """Write candidates, in their order; nothing but the present one is held."""
    write_table(
        path,
        HEADER,
        (
            (
                row.protein.name,
                row.position,
                row.residue,
                row.window,
                row.modification,
                row.probability,
                "yes" if row.is_modified else "no",
                row.threshold,
                row.flags,
            )
            for row in rows
        ),
    )


def write_gff(path: Path, proteins: Sequence[Protein], rows: Iterable[SiteRow]) -> None:
    """Write sites, those called modified, as GFF3 on their proteins.

    The score is the probability; `Ontology_term` the term of PSI-MOD, where the name and the residue tell one.
    Source: the Sequence Ontology's GFF3 specification 1.26.
    """
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write("##gff-version 3\n")
        handle.writelines(f"##sequence-region {_seqid(p.name)} 1 {len(p.sequence)}\n" for p in proteins)
        handle.writelines(_features(rows))


def _features(rows: Iterable[SiteRow]) -> Iterator[str]:
    term_of = cache(psi_mod)
    for number, row in enumerate(rows, start=1):
        label = quote(row.modification, safe=_SAFE_IN_VALUES)
        attributes = [f"ID=site{number}", f"Name={row.residue}{row.position} {label}"]
        if term := term_of(row.modification, row.residue):
            attributes.append(f"Ontology_term={term}")
        attributes += [f"modification={label}", f"residue={row.residue}", f"threshold={row.threshold:.6f}"]
        columns = (_seqid(row.protein.name), "plmkit", _FEATURE, row.position, row.position)
        yield "\t".join(map(str, [*columns, f"{row.probability:.6f}", ".", ".", ";".join(attributes)])) + "\n"


def _seqid(name: str) -> str:
    return quote(name, safe=_SAFE_IN_NAMES).replace("~", "%7E")  # which quote() always leaves
