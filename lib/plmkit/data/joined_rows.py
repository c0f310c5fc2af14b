"""Join tables under one header, and FASTA records, line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from plmkit.data.joining import Part, Tally
from plmkit.errors import UserError, raise_problems

_TAB = "\t"


def joined_tables(parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    """Yield the header, which all must share to the letter, and the rows of all tables as they are.

    Raises UserError for another header and for rows of tab-separated tables that have more or fewer cells.
    """
    header: list[str] = []
    for part in parts:
        lines = part.numbered()
        own = [next(lines)[1]]
        if own[0].lower().startswith("sep="):  # so Excel names the delimiter
            own += [line for _, line in islice(lines, 1)]
        if not header:
            header = own
            yield from own
        elif own != header:
            raise UserError(_difference(part, parts[0], own[-1], header[-1]))
        yield from _rows(part, lines, header[-1], tally)


def joined_fasta(parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    """Yield all records, headers and residues as they are, with marks."""
    for part in parts:
        for line in part.lines():
            if line.startswith(">"):
                tally.row(part, (line[1:].split() or [""])[0], line)
            elif line.strip():
                tally.content(part, line)
            else:
                continue
            yield line


def _rows(part: Part, lines: Iterator[tuple[int, str]], header: str, tally: Tally) -> Iterator[str]:
    delimiter = _delimiter(header)
    cells = header.count(_TAB)
    problems: list[str] = []
    is_quoted = False  # a cell of CSV may go over several lines
    for number, line in lines:
        if is_quoted:
            tally.content(part, line)
        elif line.strip():
            tally.row(part, line.split(delimiter, maxsplit=1)[0], line)
        else:
            continue
        if delimiter != _TAB:
            is_quoted ^= line.count('"') % 2 == 1
        elif line.count(_TAB) != cells:
            problems.append(f"line {number}: {line.count(_TAB) + 1} cells, but the header has {cells + 1}; was it cut?")
        yield line
    raise_problems(part.role, problems)


def _delimiter(header: str) -> str:
    return max("\t,;", key=header.count)


def _difference(part: Part, first: Part, own: str, header: str) -> str:
    delimiter = _delimiter(header)
    both = zip_longest(*(next(csv.reader([line], delimiter=delimiter), []) for line in (own, header)))
    number, (here, there) = next(
        (pair for pair in enumerate(both, start=1) if pair[1][0] != pair[1][1]), (1, (own, header))
    )
    words = ["missing" if cell is None else repr(cell[:60]) for cell in (here, there)]
    return (
        f"{part.role}: its header is not that of {first.short}: column {number} is {words[0]}, there {words[1]}; "
        "join results of one tool with the same settings"
    )
