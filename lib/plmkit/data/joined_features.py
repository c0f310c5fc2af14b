"""Join features of proteins: GFF3 under one head, and BED or bedGraph with each track once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plmkit.data.joining import Part, Tally
from plmkit.errors import UserError

_VERSION, _REGION, _FASTA = "##gff-version", "##sequence-region", "##FASTA"
_SITE = re.compile(r"(?<=\tID=site)\d+(?=;|$)")  # as output.sites numbers them
_IDENTIFIER = re.compile(r"(?:\t|;)ID=([^;]+)")
_SOURCE = "plmkit"


def joined_gff(parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    """Yield the version, all regions, and then all other lines, in their order.

    The sites of plm ptm are numbered anew, because an ID names one feature in a file; other IDs which two files share
    raise UserError. Source: the Sequence Ontology's GFF3 specification 1.26.
    """
    yield f"{_VERSION} 3"
    yield from _regions(parts, tally)
    identifiers: dict[str, Part] = {}
    before = highest = 0
    for part in parts:
        for number, line in part.numbered():
            if not line.strip() or line.startswith((_VERSION, _REGION)):
                continue
            if line.startswith("#"):
                yield line
                continue
            cells = line.split("\t", maxsplit=2)
            tally.row(part, cells[0], line)
            if cells[1:2] == [_SOURCE] and (site := _SITE.search(line)):
                highest = max(highest, before + int(site[0]))
                yield _SITE.sub(str(before + int(site[0])), line, count=1)
            else:
                _check_identifier(part, number, line, identifiers)
                yield line
        before = highest


def _regions(parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    seen: set[str] = set()
    for part in parts:
        for number, line in part.numbered():
            if line.startswith(_FASTA):
                raise UserError(f"{part.role}, line {number}: sequences in GFF3 cannot be joined; take them out")
            if line.startswith(_REGION):
                tally.named(part, (line.split()[1:2] or [""])[0])
                if line not in seen:
                    seen.add(line)
                    yield line


def _check_identifier(part: Part, number: int, line: str, identifiers: dict[str, Part]) -> None:
    if not (found := _IDENTIFIER.search(line)):
        return
    first = identifiers.setdefault(found[1], part)
    if first is not part:
        raise UserError(
            f"{part.role}, line {number}: the ID {found[1]!r} is that of a feature of {first.short}; give each its own"
        )


def joined_tracks(parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    """Yield what stands beneath no track line, then each track with what all files have in it; other heads once."""
    seen: set[str] = set()
    for track in _tracks(parts):
        if track:
            yield track
        for part in parts:
            for line in _beneath(part, track):
                if not _is_head(line):
                    tally.row(part, line.split("\t", maxsplit=1)[0], line)
                elif line in seen:
                    continue
                else:
                    seen.add(line)
                yield line


def _tracks(parts: Sequence[Part]) -> list[str]:
    """Return the track lines in the order in which they first come; "" stands for none, above them all."""
    return list(dict.fromkeys(["", *(line for part in parts for line in part.lines() if _is_track(line))]))


def _beneath(part: Part, track: str) -> Iterator[str]:
    present = ""
    for line in part.lines():
        if _is_track(line):
            present = line
        elif present == track and line.strip():
            yield line


def _is_track(line: str) -> bool:
    return line.split(maxsplit=1)[:1] == ["track"]


def _is_head(line: str) -> bool:
    return line.startswith("#") or line.split(maxsplit=1)[0] == "browser"
