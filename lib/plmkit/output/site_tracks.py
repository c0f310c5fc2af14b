"""Write sites called modified where other programs look for them: on a track, or in the sequences themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from plmkit.data.fasta import Protein
from plmkit.data.scored_sites import ScoredSites, SiteRow
from plmkit.output.maps import PALETTE
from plmkit.output.tracks import sequence_name

MARK = "#"
_COLOURS = tuple(",".join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5)) for colour in PALETTE)


def write_bed(path: Path, rows: Iterable[SiteRow]) -> None:
    """Write sites as BED with nine columns, positions from 0, a colour for each modification (after eight, again).

    The score is the probability times 1000. Source: GA4GH, BED v1.
    """
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(_line(row) for row in rows)


def _line(row: SiteRow) -> str:
    start, end = row.position - 1, row.position
    label = "_".join(f"{row.residue}{row.position} {row.modification}".split())
    score, colour = round(1000 * row.probability), _COLOURS[row.number % len(_COLOURS)]
    return f"{sequence_name(row.protein.name)}\t{start}\t{end}\t{label}\t{score}\t.\t{start}\t{end}\t{colour}\n"


def write_marked(path: Path, proteins: Sequence[Protein], called: Sequence[ScoredSites]) -> None:
    """Write all proteins as FASTA, with # after each residue of the called sites; headers as given.

    called: of all modifications, the sites that are called modified alone.
    Source of the form: MusiteDeep, Wang et al. 2020, doi:10.1093/nar/gkaa275.
    """
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(_marked(proteins, called))


def _marked(proteins: Sequence[Protein], called: Sequence[ScoredSites]) -> Iterator[str]:
    for number, protein in enumerate(proteins):
        positions = np.unique(
            np.concatenate([sites.of_protein(number).candidates.positions for sites in called])
        ).tolist()
        pieces = [
            protein.sequence[start:stop]
            for start, stop in zip([0, *positions], [*positions, len(protein.sequence)], strict=True)
        ]
        yield f">{protein.header or protein.name}\n{MARK.join(pieces)}\n"
