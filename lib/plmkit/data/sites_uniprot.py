"""Read the table that UniProt gives for download, with its columns of modifications.

A cell holds features such as: MOD_RES 5; /note="N6-acetyllysine; by EP300"; /evidence="ECO:0000269|PubMed:1"
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from plmkit.data.columns import SEQUENCE, optional, required
from plmkit.data.fasta import Protein, Proteins
from plmkit.data.modifications import names_of_note, residue_of_note
from plmkit.data.residues import ResidueError, clean_residues
from plmkit.data.sites import Claim, SiteOptions, Told
from plmkit.data.sites_evidence import NOT_EXPERIMENTAL, is_experimental
from plmkit.data.table import MISSING_CELLS, Table, read_table
from plmkit.errors import UserError, raise_problems

# The titles of columns that hold modifications, and the word each feature in them begins with.
FEATURES = {"modified residue": "MOD_RES", "glycosylation": "CARBOHYD", "lipidation": "LIPID", "cross-link": "CROSSLNK"}
RANGES = "annotations of several residues (cross-links within a chain) passed over"
_ENTRY = ("Entry", "accession")
_KEYS = "|".join(FEATURES.values())
# The place of a feature may name an isoform (P04637-2:7) or be uncertain (?5, <1).
_FEATURE = re.compile(
    rf'(?:^|;)\s*(?:{_KEYS})\s+(?P<place>[^;\s]+)(?P<qualifiers>(?:\s*;?\s*/\w+="(?:[^"]|"")*")*)\s*(?=;|$)'
)
_QUALIFIER = re.compile(r'/(?P<key>\w+)="(?P<text>(?:[^"]|"")*)"')


def read_uniprot(path: Path, role: str, options: SiteOptions) -> Told:
    """Read the features of each row, and the chains, if there is a column "Sequence".

    Raises UserError for a table without such columns, cells that cannot be read, and names that occur twice.
    """
    table = read_table(path, role)
    entry = required(table, options.columns.protein, _ENTRY, "accessions", "--protein-column")
    places = [index for index, title in enumerate(table.header) if title.lower() in FEATURES]
    if not places:
        raise UserError(
            f"{role}: there is none of the columns 'Modified residue', 'Glycosylation', 'Lipidation', 'Cross-link'; "
            "add them (UniProt: Customize columns, PTM / Processing) and download the table again"
        )
    skipped: Counter[str] = Counter()
    claims: list[Claim] = []
    problems: list[str] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        for index in places:
            try:
                claims.extend(_claims(row[index], row[entry], line, options, skipped))
            except ValueError as error:
                problems.append(f"line {line}, column {table.header[index]!r}: {error}")
    raise_problems(role, problems)
    return Told(tuple(claims), _chains_of(table, entry), skipped)


def read_chains(path: Path, role: str) -> Proteins:
    """Read proteins from a table with a column "Sequence". Raises UserError."""
    table = read_table(path, role)
    entry = required(table, None, (*_ENTRY, "id"), "accessions", "a usual title ('Entry')")
    if (chains := _chains_of(table, entry)) is None:
        raise UserError(f"{role}: this is neither FASTA nor a table with a column 'Sequence'; give one of them")
    return chains


def _chains_of(table: Table, names: int) -> Proteins | None:
    """Return the proteins of a table with a column of sequences, None without one. Raises UserError."""
    if (sequences := optional(table, None, SEQUENCE[:1])) is None:
        return None
    mended: Counter[str] = Counter()
    records: dict[str, Protein] = {}
    problems = []
    for line, row in zip(table.lines, table.rows, strict=True):
        name = row[names]
        if not name or name in records:
            problems.append(f"line {line}: the name {name!r} is empty or stands already above; give each row its own")
            continue
        try:
            records[name] = Protein(name, clean_residues(row[sequences], mended), name, line)
        except ResidueError as error:
            problems.append(f"line {line}, {name}: {error}")
    raise_problems(table.role, problems)
    return Proteins(tuple(records.values()), mended)


def _claims(cell: str, entry: str, line: int, options: SiteOptions, skipped: Counter[str]) -> Iterator[Claim]:
    """Yield what a cell says; raises ValueError, whose text says what cannot be read."""
    if cell in MISSING_CELLS:
        return
    for place, qualifiers in _features(cell):
        first, dots, last = place.partition("..")
        if dots and first != last:
            skipped[RANGES] += 1
            continue
        if options.evidence == "experimental" and not is_experimental(qualifiers.get("evidence", "")):
            skipped[NOT_EXPERIMENTAL] += 1
            continue
        note = qualifiers.get("note", "")
        if not note:
            skipped["annotations that do not say which modification they are passed over"] += 1
            continue
        isoform, colon, position = first.rpartition(":")
        yield Claim(
            line,
            isoform if colon else entry,
            position,
            residue_of_note(note),
            names_of_note(note, options.by_enzyme),
        )


def _features(cell: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place and the qualifiers of each feature; raises ValueError for text that is none."""
    end = 0
    for match in _FEATURE.finditer(cell):
        if cell[end : match.start()].strip("; "):
            break
        end = match.end()
        yield match["place"], {found["key"]: found["text"] for found in _QUALIFIER.finditer(match["qualifiers"])}
    if rest := cell[end:].strip("; "):
        raise ValueError(
            f'{rest[:30]!r} is no feature of UniProt, such as MOD_RES 5; /note="Phosphoserine"; '
            "download the table again as TSV"
        )
