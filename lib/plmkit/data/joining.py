"""What is joined: files of one kind, told by content, and a tally that finds what was given twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Literal

from plmkit.data.opening import text_lines
from plmkit.errors import UserError, raise_problems

Kind = Literal["table", "gff3", "track", "fasta"]
ROLE = "tables"
_NAMES: dict[Kind, str] = {
    "table": "a table with a header line",
    "gff3": "GFF3",
    "track": "BED or bedGraph",
    "fasta": "FASTA",
}
_COLUMNS_OF_BED = range(3, 13)


@dataclass(frozen=True)
class Part:
    """One of the files; number: from 1, in the order given; name: what Galaxy calls it, or ""."""

    number: int
    name: str
    path: Path

    @property
    def short(self) -> str:
        """Which one it is, in a sentence that has named the role."""
        return f"number {self.number}" + (f" ({self.name})" if self.name else "")

    @property
    def role(self) -> str:
        """Which one it is, at the beginning of a message."""
        return f"{ROLE}, {self.short}"

    @property
    def is_empty(self) -> bool:
        """Whether it has no bytes at all, as BED of a chunk without sites."""
        return self.path.is_file() and self.path.stat().st_size == 0

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Return the lines with their numbers, from the first one on that is not blank. Raises UserError."""
        lines = enumerate(text_lines(self.path, self.role), start=1)
        for number, line in lines:
            if line.strip():
                return chain([(number, line)], lines)
        raise UserError(f"{self.role}: the file holds only blank lines; give a file with a header or a record")

    def lines(self) -> Iterator[str]:
        """Return the same without numbers."""
        return (line for _, line in self.numbered())


def kind_of(parts: Sequence[Part]) -> Kind:
    """Return which kind all files are of; without any: a track, which may be empty. Raises UserError."""
    kinds = [_kind(part) for part in parts]
    others = [
        f"{part.short}: this is {_NAMES[kind]}, {parts[0].short} is {_NAMES[kinds[0]]}; join files of one kind"
        for part, kind in zip(parts, kinds, strict=True)
        if kind != kinds[0]
    ]
    raise_problems(ROLE, others)
    return kinds[0] if kinds else "track"


def _kind(part: Part) -> Kind:
    first = next(part.lines())
    if first.startswith(">"):
        return "fasta"
    if first.split()[0] == "##gff-version" and first.split()[1:2] and first.split()[1].split(".")[0] == "3":
        return "gff3"
    if first.startswith(("##", "{", "[", "<")):
        known = ", ".join(_NAMES.values())
        raise UserError(f"{part.role}: begins with {first[:20]!r}, as none of what can be joined does: {known}")
    return "track" if first.split()[0] in ("track", "browser") or _is_interval(first) else "table"


def _is_interval(line: str) -> bool:
    """Say whether a line is one of BED or bedGraph; a header with numbers as names, as of vectors, begins with id."""
    cells = line.split("\t")
    if len(cells) not in _COLUMNS_OF_BED or cells[0] == "id" or not (cells[1].isdecimal() and cells[2].isdecimal()):
        return False
    return int(cells[1]) <= int(cells[2])


class Tally:
    """Counts the rows of each file and finds names and whole files that come twice."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self.rows = {part.number: 0 for part in parts}
        self._content = {part.number: blake2b(digest_size=16) for part in parts}
        self._first_in: dict[str, Part] = {}
        self._repeated: dict[str, Part] = {}

    def row(self, part: Part, name: str, line: str) -> None:
        """Count a row, a feature or a record of a name."""
        self.rows[part.number] += 1
        self.named(part, name)
        self.content(part, line)

    def named(self, part: Part, name: str) -> None:
        """Note that a file speaks of a protein."""
        if self._first_in.setdefault(name, part) is not part:
            self._repeated.setdefault(name, part)

    def content(self, part: Part, line: str) -> None:
        """Note a line that belongs to a row."""
        self._content[part.number].update(line.encode() + b"\n")

    def check(self) -> None:
        """Raise UserError if two files hold the same rows: a chunk was given twice."""
        first: dict[bytes, Part] = {}
        problems = []
        for part in self._parts:
            if not self.rows[part.number]:
                continue
            same = first.setdefault(self._content[part.number].digest(), part)
            if same is not part:
                problems.append(f"{part.short}: holds the same rows as {same.short}; give each chunk once")
        raise_problems(ROLE, problems)

    def notes(self) -> list[str]:
        """Say which names come in several files: chunks of one proteome share none."""
        if not self._repeated:
            return []
        name, part = next(iter(self._repeated.items()))
        return [
            f"{ROLE}: {len(self._repeated)} names stand in more than one of them, such as {name!r} in "
            f"{self._first_in[name].short} and {part.short}; chunks of one proteome share no protein"
        ]
