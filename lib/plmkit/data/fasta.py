"""Read FASTA: identifiers exactly as given, mistakes with their line, mendings counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from Bio.SeqIO.FastaIO import SimpleFastaParser

from plmkit.data.opening import text_lines
from plmkit.data.residues import ResidueError, clean_residues
from plmkit.data.states import UNKNOWN_STATE, joined, read_both, states_notes
from plmkit.errors import UserError, raise_problems

Cleaner = Callable[[str, Counter[str]], str]


@dataclass(frozen=True)
class Protein:
    """One record: its name (first word of the header), residues, whole header and header's line (from 1).

    states: of its structure, one for each residue; "" where there are none.
    """

    name: str
    sequence: str
    header: str = ""
    line: int = 0
    states: str = ""


@dataclass(frozen=True)
class Proteins:
    """The records of one input in their order, and what was done to make them uniform."""

    records: tuple[Protein, ...]
    mended: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def sequences(self) -> list[str]:
        """The residues of each record."""
        return [record.sequence for record in self.records]

    def read(self, with_states: bool) -> list[str]:
        """Return what a model reads of each record: its residues, or joined with their states."""
        return [joined(record.sequence, record.states) if with_states else record.sequence for record in self.records]

    def count_with_states(self, with_states: bool) -> int:
        """Return of how many records states of structures are read."""
        return sum(with_states and bool(record.states) for record in self.records)

    @property
    def states(self) -> list[str]:
        """The states of each record's structure, as many as residues: unknown ones where there are none."""
        return [record.states or UNKNOWN_STATE * len(record.sequence) for record in self.records]

    @property
    def names(self) -> list[str]:
        """The name of each record."""
        return [record.name for record in self.records]

    def notes(self, role: str, with_states: bool = False) -> list[str]:
        """Say what was done, one sentence for each kind of mending; with_states: whether states are read."""
        notes = [f"{role}: {count} {what}" for what, count in sorted(self.mended.items())]
        notes += states_notes(role, [record.states for record in self.records], with_states)
        repeated = len(self) - len(set(self.sequences))
        if repeated:
            notes.append(f"{role}: {repeated} with the same residues as an earlier one under another name")
        return notes


def read_fasta(path: Path, role: str, clean: Cleaner = clean_residues, may_have_states: bool = True) -> Proteins:
    """Read all proteins of a FASTA file (plain or compressed).

    role names the input in messages ("proteins"). may_have_states: states of a structure, written in turn with the
    residues, are told apart before residues are cleaned. Raises UserError which lists every mistake of the file:
    what is not FASTA, records without a name or residues, characters which are no residues, repeated names.
    """
    mended: Counter[str] = Counter()
    return Proteins(tuple(each_protein(path, role, mended, clean, may_have_states)), mended)


def each_protein(
    path: Path, role: str, mended: Counter[str], clean: Cleaner = clean_residues, may_have_states: bool = True
) -> Iterator[Protein]:
    """Yield the proteins of a FASTA file one by one, so that not all of them are held; see `read_fasta`.

    mended counts what is done to them. The mistakes of the file are raised together, at its end.
    """
    problems: list[str] = []
    first_line: dict[str, int] = {}
    for header, sequence, line in _parse(path, role):
        name = header.split(maxsplit=1)[0] if header.strip() else ""
        if not name:
            problems.append(f"line {line}: the header has no name; write one after '>'")
            continue
        if name in first_line:
            problems.append(
                f"line {line}: the name {name!r} stands already in line {first_line[name]}; "
                "give each record its own (the name is the header's first word)"
            )
            continue
        first_line[name] = line
        try:
            residues, states = read_both(sequence, clean, mended) if may_have_states else (clean(sequence, mended), "")
        except ResidueError as error:
            problems.append(f"line {line}, {name}: {error}")
            continue
        yield Protein(name, residues, header, line, states)
    raise_problems(role, problems)


def looks_like_fasta(path: Path, role: str) -> bool:
    """Say whether the first line that is not blank begins with '>'."""
    for line in text_lines(path, role):
        if line.strip():
            return line.startswith(">")
    raise UserError(f"{role}: the file holds only blank lines; give a file with at least one record")


def _parse(path: Path, role: str) -> Iterator[tuple[str, str, int]]:
    """Yield header, residues and the header's line; Biopython parses, the line numbers are ours."""
    header_lines: list[int] = []
    lines = _noting_headers(text_lines(path, role), header_lines, role)
    for index, (header, sequence) in enumerate(SimpleFastaParser(lines)):
        yield header, "".join(sequence.split()), header_lines[index]
    if not header_lines:
        raise UserError(f"{role}: the file holds only blank lines; give a file with at least one record")


def _noting_headers(lines: Iterator[str], header_lines: list[int], role: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if line.startswith(">"):
            header_lines.append(number)
        elif line.strip() and not header_lines:
            raise UserError(
                f"{role}, line {number}: expected a FASTA header which begins with '>', found {line[:20]!r}; "
                "give a FASTA file"
            )
        yield line + "\n"
