"""Find out to which part of a split proteins and single sites belong, where the input tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from plmkit.data.columns import part_of
from plmkit.data.fasta import Protein, Proteins
from plmkit.errors import raise_problems

_IN_HEADER = re.compile(r"\s(?P<key>SET|split)=(?P<word>\S+)")


def parts_in_headers(proteins: Proteins, role: str) -> tuple[str | None, ...]:
    """Return the part that SET= (as of biotrainer) or split= in each header tells, else None. Raises UserError."""
    problems: list[str] = []
    parts = tuple(_part_in(record, problems) for record in proteins.records)
    raise_problems(role, problems)
    return parts


def _part_in(protein: Protein, problems: list[str]) -> str | None:
    match = _IN_HEADER.search(protein.header)
    if match is None:
        return None
    if (part := part_of(match["word"])) is None:
        problems.append(
            f"line {protein.line}: {match['key']}={match['word']} is none of train, valid and test; "
            "write one of these words"
        )
    return part


def parts_of_sites(told: Iterable[tuple[int, int, str | None]], proteins: int) -> tuple[Mapping[int, str], ...]:
    """Order (protein, position, part) by proteins: the part of each position that has one."""
    parts: tuple[dict[int, str], ...] = tuple({} for _ in range(proteins))
    for protein, position, part in told:
        if part is not None:
            parts[protein][position] = part
    return parts


def parts_of_proteins(headers: Sequence[str | None], sites: Sequence[Mapping[int, str]]) -> tuple[str | None, ...]:
    """Return the part of each protein: its header's, or else that of all its sites."""
    return tuple(
        header or (next(iter(found)) if len(found := set(of.values())) == 1 else None)
        for header, of in zip(headers, sites, strict=True)
    )
