"""Read modification sites from GFF3: of UniProt, of plm ptm, or of any program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from plmkit.data.modifications import letter_of, names_of_note, residue_of_note
from plmkit.data.opening import text_lines
from plmkit.data.sites import Claim, SiteOptions, Told
from plmkit.data.sites_evidence import NOT_EXPERIMENTAL, is_experimental
from plmkit.data.sites_uniprot import FEATURES, RANGES
from plmkit.errors import UserError, raise_problems

# UniProt's words; that of the Sequence Ontology (SO:0001089) and what programs make of it.
TYPES = FEATURES.keys() | {
    "modified amino acid feature",
    "post translationally modified region",
    "post translationally modified site",
    "ptm",
}
_COLUMNS = 9
_MODIFICATION = ("modification", "note", "name")
_TYPES_SHOWN = 5
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def read_gff(path: Path, role: str, options: SiteOptions) -> Told:
    """Read the features that are modifications; those of other types, and of several residues, are counted.

    The modification is what the attribute modification, Note or Name says, else the type. Raises UserError for lines
    that are not GFF3, and for a file without any modification.
    """
    skipped: Counter[str] = Counter()
    other_types: Counter[str] = Counter()
    claims: list[Claim] = []
    problems: list[str] = []
    for line, columns in _rows(path, role, problems):
        if _plain(columns[2]) in TYPES:
            claims.extend(_claims(line, columns, options, skipped))
        else:
            other_types[columns[2]] += 1
    raise_problems(role, problems)
    shown = ", ".join(sorted(other_types)[:_TYPES_SHOWN])
    if other_types and not claims and not skipped:
        raise UserError(
            f"{role}: no feature is a modification; their types are {shown}; "
            "expected 'Modified residue', 'Glycosylation', 'Lipidation', 'Cross-link' or "
            "'post_translationally_modified_region'"
        )
    if other_types:
        skipped[f"features of other types passed over ({shown}{' ...' if len(other_types) > _TYPES_SHOWN else ''})"] = (
            other_types.total()
        )
    return Told(tuple(claims), skipped=skipped)


def _rows(path: Path, role: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    for number, text in enumerate(text_lines(path, role), start=1):
        if text.startswith("##FASTA"):
            return
        if not text.strip() or text.startswith("#"):
            continue
        columns = text.split("\t")
        if len(columns) < _COLUMNS:
            problems.append(f"line {number}: {len(columns)} columns with tabs between, but GFF3 has {_COLUMNS}")
            continue
        yield number, columns


def _unescaped(text: str) -> str:
    """Return a text with its %3B and alike written out, as GFF3 has them."""
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace"), text)


def _plain(kind: str) -> str:
    return _unescaped(kind).replace("_", " ").lower()


def _claims(line: int, columns: list[str], options: SiteOptions, skipped: Counter[str]) -> Iterator[Claim]:
    start, end = columns[3].strip(), columns[4].strip()
    if start != end:
        skipped[RANGES] += 1
        return
    attributes = _attributes(columns[8])
    evidence = f"{attributes.get('evidence', '')} {attributes.get('ontology_term', '')}"
    if options.evidence == "experimental" and not is_experimental(evidence):
        skipped[NOT_EXPERIMENTAL] += 1
        return
    note = next((attributes[key] for key in _MODIFICATION if attributes.get(key)), _unescaped(columns[2]))
    # only UniProt's descriptions name the residue that they are about
    implied = residue_of_note(note) if _plain(columns[2]) in FEATURES else ""
    letter = letter_of(attributes.get("residue", "")) or implied
    yield Claim(line, _unescaped(columns[0]), start, letter, names_of_note(note, options.by_enzyme))


def _attributes(text: str) -> dict[str, str]:
    """Return attributes by their names in lower case; ; and = within a value are written %3B and %3D."""
    pairs = (piece.strip().partition("=") for piece in text.split(";"))
    return {key.lower(): _unescaped(value) for key, _, value in pairs if key}
