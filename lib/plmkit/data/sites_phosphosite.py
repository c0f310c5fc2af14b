"""Read the downloads of PhosphoSitePlus: lists of sites of one modification, and of kinases and their substrates.

Some lines about licence and date stand above the header (Hornbeck et al. 2015, Nucleic Acids Research 43:D512,
PubMed 25514926).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plmkit.data.modifications import names_of_suffix
from plmkit.data.opening import text_lines
from plmkit.data.sites import Claim, Names, SiteOptions, Told
from plmkit.errors import UserError, raise_problems

_WINDOW = "SITE_+/-7_AA"
_RESIDUE = re.compile(r"(?P<residue>[A-Z])(?P<position>\d+)(?:-(?P<suffix>\S+))?")


@dataclass(frozen=True)
class _Header:
    """Where the columns are; kinase: of a list of kinases and substrates, which tells no kind of modification."""

    protein: int
    place: int
    window: int | None
    kinase: int | None


def is_phosphosite_header(line: str) -> bool:
    """Say whether a line holds the titles of a download of PhosphoSitePlus."""
    return _header(line) is not None


def read_phosphosite(path: Path, role: str, options: SiteOptions) -> Told:
    """Read the sites; raises UserError for a file without the header, and for rows cut off.

    What is no residue such as S15-p is kept as its position, and is rejected with that reason.
    """
    lines = enumerate(text_lines(path, role), start=1)
    header = next((found for _, line in lines if (found := _header(line)) is not None), None)
    if header is None:
        raise UserError(
            f"{role}: there is no header with the columns ACC_ID and MOD_RSD; give PhosphoSitePlus' own file"
        )
    claims: list[Claim] = []
    problems: list[str] = []
    skipped: Counter[str] = Counter()
    for number, line in lines:
        try:
            claims.extend(_claims(number, line.split("\t"), header, options, skipped))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    raise_problems(role, problems)
    return Told(tuple(claims), skipped=skipped)


def _header(line: str) -> _Header | None:
    titles = [title.strip().upper() for title in line.split("\t")]
    window = titles.index(_WINDOW) if _WINDOW in titles else None
    if "ACC_ID" in titles and "MOD_RSD" in titles:
        return _Header(titles.index("ACC_ID"), titles.index("MOD_RSD"), window, None)
    if {"SUB_ACC_ID", "SUB_MOD_RSD", "KINASE"} <= set(titles):
        return _Header(titles.index("SUB_ACC_ID"), titles.index("SUB_MOD_RSD"), window, titles.index("KINASE"))
    return None


def _claims(line: int, row: list[str], header: _Header, options: SiteOptions, skipped: Counter[str]) -> Iterator[Claim]:
    """Yield what a row says, if anything; raises ValueError, whose text completes 'line 12: ...'."""
    cells = [cell.strip() for cell in row]
    if not any(cells):
        return
    if len(cells) <= max(header.protein, header.place, header.kinase or 0):
        raise ValueError("the row is cut off; download the file again")
    if not cells[header.protein]:
        skipped["rows without an accession passed over"] += 1
        return
    match = _RESIDUE.fullmatch(cells[header.place])
    residue, position, suffix = match.groups() if match else ("", cells[header.place], None)  # rejected later on
    window = cells[header.window] if header.window is not None and header.window < len(cells) else ""
    names = _names(suffix, None if header.kinase is None else cells[header.kinase], options)
    yield Claim(line, cells[header.protein], position, residue, names, window=window.upper())


def _names(suffix: str | None, kinase: str | None, options: SiteOptions) -> Names:
    if kinase:
        by_kinase = f"Phosphorylation by {kinase}"
        if options.by_enzyme:
            return Names(("Phosphorylation", by_kinase))
        return Names(("Phosphorylation",), (by_kinase,))
    return names_of_suffix(suffix) if suffix else Names((options.name or "Phosphorylation",))
