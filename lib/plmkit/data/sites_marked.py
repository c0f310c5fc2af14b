"""Read FASTA in which a sign behind a residue tells its state: # is modified, @ is known not to be.

MusiteDeep writes # alone (Wang et al. 2020, doi:10.1093/nar/gkaa275), PhosphoLingo both
(https://github.com/jasperzuallaert/PhosphoLingo, README).
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from plmkit.data.fasta import read_fasta
from plmkit.data.residues import ResidueError, clean_residues, refuse_states
from plmkit.data.sites import UNNAMED, Claim, Names, SiteOptions, Told
from plmkit.data.sites_parts import parts_in_headers

_MODIFIED, _NOT_MODIFIED = "#", "@"
_MARK = re.compile(f"[{_MODIFIED}{_NOT_MODIFIED}]")

Marks = dict[int, bool]


def read_marked(path: Path, role: str, options: SiteOptions) -> Told:
    """Read proteins, the marks of their residues, and the parts that headers tell.

    Raises UserError for a mark before the first residue, two marks in a row, and what `read_fasta` refuses.
    """
    marks_of: list[Marks] = []

    def clean(sequence: str, done: Counter[str]) -> str:
        refuse_states(sequence)  # its # is no mark
        marks = _marks_of(sequence)
        residues = clean_residues(_MARK.sub("", sequence), done)
        marks_of.append(marks)  # last, so that only records which are kept have marks
        return residues

    proteins = read_fasta(path, role, clean, may_have_states=False)
    names = Names((options.name or UNNAMED,))
    claims = tuple(
        Claim(record.line, record.name, str(position), record.sequence[position - 1], names, is_modified, part)
        for record, marks, part in zip(proteins.records, marks_of, parts_in_headers(proteins, role), strict=True)
        for position, is_modified in marks.items()
    )
    return Told(claims, proteins)


def _marks_of(sequence: str) -> Marks:
    """Return the marked positions (from 1). Raises ResidueError."""
    marks: Marks = {}
    for count, match in enumerate(_MARK.finditer(sequence)):
        position = match.start() - count
        if position == 0:
            raise ResidueError(f"the mark {match[0]!r} stands before the first residue; write it behind its residue")
        if position in marks:
            raise ResidueError(f"two marks behind residue {position}; keep one")
        if not sequence[match.start() - 1].isalpha():
            raise ResidueError(f"the mark {match[0]!r} after {position} characters stands behind no residue")
        marks[position] = match[0] == _MODIFIED
    return marks
