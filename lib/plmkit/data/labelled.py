"""Read labelled examples as they are written: who, which sequence, which cells of labels; nothing is interpreted.

FASTA with the label in each header (LABEL= as in the Galaxy training, TARGET= SET= MASK= as in biotrainer), FASTA with
a table of labels, or a table with sequences, such as those of SaprotHub, FLIP and ProteinGym.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from plmkit.data import columns as wanted
from plmkit.data.columns import Columns as Columns  # whoever reads also says which columns
from plmkit.data.columns import Places, Purpose, label_of, part_in, part_of, places_in, weight_of
from plmkit.data.fasta import Cleaner, Protein, Proteins, looks_like_fasta, read_fasta
from plmkit.data.residues import ResidueError, clean_residues, clean_window
from plmkit.data.states import read_both
from plmkit.data.structure_states import with_structure_states
from plmkit.data.table import MISSING_CELLS, Table, read_table
from plmkit.data.task import Unit
from plmkit.errors import UserError, raise_problems

_IN_HEADER = re.compile(r"(?:^|\s)(LABEL|TARGET|SET|MASK|VALIDATION)=(\S+)")
# The name of a window in the Galaxy training data: protein%start%site.
_WINDOW_NAME = re.compile(r"(?P<protein>.+)%-?\d+%\d+$")
_BREAKS = re.compile(r"[\t\r\n]")


@dataclass(frozen=True)
class Source:
    """Where examples come from. table: what goes with FASTA, labels by name or pairs of names.

    states: states of the structures, by name.
    """

    path: Path
    role: str
    unit: Unit
    columns: Columns
    table: Path | None = None
    table_role: str = "labels"
    states: Path | None = None


@dataclass(frozen=True)
class Row:
    """One example as written; cells: one for each column of labels.

    line: where its labels stand; sequence_line: where its sequence stands, of pairs by name the line of the pair.
    states: of the structure of each sequence, "" for none.
    """

    name: str
    sequences: tuple[str, ...]
    cells: tuple[str, ...]
    line: int
    sequence_line: int
    group: str | None = None
    part: str | None = None
    weight: float = 1.0
    mask: str | None = None
    states: tuple[str, ...] = ()


@dataclass
class Written:
    """All rows of an input. labels_in: the role of the input that holds the labels, for messages."""

    role: str
    labels_in: str
    columns: tuple[str, ...]
    rows: list[Row]
    mended: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)


def read_written(source: Source, purpose: Purpose) -> Written:
    """Read all rows; raises UserError which lists every mistake of the input.

    purpose: to "ask" needs no labels, and rows have no cells; to "compare" needs neither parts nor weights.
    """
    path, role = source.path, source.role
    if not looks_like_fasta(path, role):
        if source.table is not None:
            raise UserError(
                f"{role}: a separate table of {source.table_role} goes with FASTA, but this is a table; leave it out"
            )
        return _with_states(_from_table(read_table(path, role), source, purpose), source)
    proteins = with_structure_states(read_fasta(path, role, cleaner_of(source.unit)), source.states, role)
    if source.table is not None:
        return _with_table(proteins, source, purpose)
    if source.unit == "pair":
        raise UserError(
            f"{role}: pairs need a table which names the two proteins of each; give it as --{_option(role)}"
        )
    for option in ("sequence", "label", "identifier", "partner", "group", "split", "weight", "mask"):
        if getattr(source.columns, option) is not None:
            raise UserError(f"{role}: --{option}-column goes with a table, but this is FASTA; leave it out")
    if purpose != "ask":
        return _from_headers(proteins, role)
    rows = [
        Row(record.name, (record.sequence,), (), record.line, record.line, states=(record.states,))
        for record in proteins.records
    ]
    return Written(role, role, (), rows, proteins.mended)


def _with_states(written: Written, source: Source) -> Written:
    """Give the rows of a table of sequences the states that a file tells of their names."""
    if source.states is None:
        return written
    if source.unit == "pair":
        raise UserError(
            f"{written.role}: --structure-states goes with names of proteins, but this table holds the sequences of "
            "pairs; write their states in turn with the residues, as MdEvVp, or give FASTA and a table of pairs"
        )
    records = tuple(
        Protein(row.name, row.sequences[0], line=row.sequence_line, states=row.states[0]) for row in written.rows
    )
    found = with_structure_states(Proteins(records, written.mended), source.states, written.role)
    rows = [replace(row, states=(record.states,)) for row, record in zip(written.rows, found.records, strict=True)]
    return replace(written, rows=rows, mended=found.mended)


def source_protein(name: str) -> str:
    """Return the protein a window was cut from, if its name is protein%start%site; else the name itself."""
    match = _WINDOW_NAME.match(name)
    return match["protein"] if match else name


def _option(role: str) -> str:
    return "labels" if role == "examples" else "pairs"


def cleaner_of(unit: Unit) -> Cleaner:
    """Return how sequences of such examples are made uniform."""
    return clean_window if unit == "window" else clean_residues


def _from_headers(proteins: Proteins, role: str) -> Written:
    rows, problems = [], []
    given = [dict(_IN_HEADER.findall(record.header)) for record in proteins.records]
    if not any("LABEL" in fields or "TARGET" in fields for fields in given):
        raise UserError(f"{role}: no header holds LABEL=; write it there or give a table of labels")
    for record, fields in zip(proteins.records, given, strict=True):
        try:
            rows.append(_row_of_header(record, fields))
        except ValueError as error:
            problems.append(f"line {record.line}: {error}")
    raise_problems(role, problems)
    return Written(role, role, ("label",), rows, proteins.mended)


def _row_of_header(record: Protein, fields: dict[str, str]) -> Row:
    """Return a row; raises ValueError, whose text completes 'line 12: ...'."""
    cell = fields.get("LABEL") or fields.get("TARGET")
    if cell is None:
        raise ValueError(f"no LABEL= in the header of {record.name!r}; write it there or take the record out")
    if cell.startswith(('"', "'")):
        raise ValueError(f"the label of {record.name!r} begins with {cell[0]}; write one word, without quotation marks")
    part = None
    if "SET" in fields and (part := part_of(fields["SET"])) is None:
        raise ValueError(f"SET={fields['SET']} is none of train, valid and test; write one of these words")
    if fields.get("VALIDATION", "").lower() == "true":
        part = "valid"
    return Row(
        record.name,
        (record.sequence,),
        (cell,),
        record.line,
        record.line,
        part=part,
        mask=fields.get("MASK"),
        states=(record.states,),
    )


def _from_table(table: Table, source: Source, purpose: Purpose) -> Written:
    """Rows of a table that holds the sequences."""
    columns, is_pair = source.columns, source.unit == "pair"
    sequence_at = [wanted.required(table, columns.sequence, wanted.SEQUENCE, "sequences", "--sequence-column")]
    if is_pair:
        sequence_at.append(
            wanted.required(table, columns.partner, wanted.PARTNER, "second sequences", "--partner-column")
        )
    written = Written(table.role, table.role, (), [])
    places = places_in(table, columns, written.remarks, purpose)
    written.columns = tuple(label_of(table.header[index]) for index in places.labels)
    names = _names_of_pairs(table, columns, sequence_at) if is_pair else _names(table, columns)
    problems = _names_that_cannot_be(names, table.lines)
    clean = cleaner_of(source.unit)
    for name, cells, line in zip(names, table.rows, table.lines, strict=True):
        try:
            texts = ["".join(cells[at].split()) for at in sequence_at]
            chains = [read_both(text, clean, written.mended) for text in texts]
            written.rows.append(_row(name, chains, cells, (line, line), places))
        except ResidueError as error:
            problems.append(f"line {line}, {name}: {error}")
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    raise_problems(table.role, problems)
    return written


def _names(table: Table, columns: Columns, usual: tuple[str, ...] = ("id",)) -> list[str]:
    at = wanted.optional(table, columns.identifier, usual)
    return [f"line_{line}" for line in table.lines] if at is None else [row[at] for row in table.rows]


def _names_of_pairs(table: Table, columns: Columns, sequence_at: list[int]) -> list[str]:
    """Return "first/second", if columns of usual names tell both and no two rows have the same; else other names."""
    first = _beside(sequence_at, table, wanted.FIRST_NAME)
    second = _beside(sequence_at, table, wanted.SECOND_NAME)
    if columns.identifier is None and first is not None and second is not None:
        names = [f"{row[first]}/{row[second]}" for row in table.rows]
        if len(set(names)) == len(names):
            return names
    return _names(table, columns, ())


def _beside(taken: list[int], table: Table, usual: tuple[str, ...]) -> int | None:
    found = (wanted.optional(table, None, (title,)) for title in usual)
    return next((at for at in found if at is not None and at not in taken), None)


def _names_that_cannot_be(names: list[str], lines: tuple[int, ...]) -> list[str]:
    problems = []
    first: dict[str, int] = {}
    for name, line in zip(names, lines, strict=True):
        if not name:
            problems.append(f"line {line}: no name; write one, or name another --identifier-column")
        elif _BREAKS.search(name):
            problems.append(f"line {line}: the name {name!r} holds a tab or a line break; take it out")
        elif name in first:
            problems.append(
                f"line {line}: the name {name!r} stands already in line {first[name]}; "
                "take out a repeated row, or name it anew"
            )
        first.setdefault(name, line)
    return problems


def _with_table(proteins: Proteins, source: Source, purpose: Purpose) -> Written:
    """Rows of a table that names proteins of a FASTA file."""
    role, table_role = source.role, source.table_role
    if source.columns.sequence is not None:
        raise UserError(f"{role}: --sequence-column goes with a table of sequences, but this is FASTA; leave it out")
    assert source.table is not None
    if looks_like_fasta(source.table, table_role):
        raise UserError(f"{table_role}: this is FASTA; give a table with a row for each name, below a header line")
    table = read_table(source.table, table_role)
    written = Written(role, table_role, (), [], proteins.mended)
    places = places_in(table, source.columns, written.remarks, purpose)
    written.columns = tuple(label_of(table.header[index]) for index in places.labels)
    join = _join_pairs if source.unit == "pair" else _join
    join(written, proteins, table, source.columns, places)
    return written


def _join(written: Written, proteins: Proteins, table: Table, columns: Columns, places: Places) -> None:
    """Add a row for each protein, whose labels stand beside its name."""
    name_at = wanted.optional(table, columns.identifier, ("id",)) or 0
    record_of = {record.name: record for record in proteins.records}
    found: dict[str, Row] = {}
    problems = []
    for cells, line in zip(table.rows, table.lines, strict=True):
        name = cells[name_at]
        if name in found:
            problems.append(f"line {line}: {name!r} has a label already; give each name once")
        elif name not in record_of:
            problems.append(
                f"line {line}: {name!r} is not among the {written.role}; take the row out or add the sequence"
            )
        else:
            try:
                record = record_of[name]
                chain = record.sequence, record.states
                found[name] = _row(name, [chain], cells, (line, record.line), places)
            except ValueError as error:
                problems.append(f"line {line}: {error}")
    raise_problems(table.role, problems)
    missing = [
        f"line {record.line}: {record.name!r} has no row among the labels; add one or take the record out"
        for record in proteins.records
        if record.name not in found
    ]
    raise_problems(written.role, missing)
    written.rows = [found[record.name] for record in proteins.records]


def _join_pairs(written: Written, proteins: Proteins, table: Table, columns: Columns, places: Places) -> None:
    """Add a row for each two names; a protein may occur in many pairs, or in none."""
    name_at = (
        wanted.required(table, columns.identifier, wanted.FIRST_NAME, "first proteins", "--identifier-column"),
        wanted.required(table, columns.partner, wanted.SECOND_NAME, "second proteins", "--partner-column"),
    )
    record_of = {record.name: record for record in proteins.records}
    problems = []
    for cells, line in zip(table.rows, table.lines, strict=True):
        names = [cells[at] for at in name_at]
        if unknown := [name for name in names if name not in record_of]:
            problems.append(
                f"line {line}: {unknown[0]!r} is not among the {written.role}; take the row out or add the sequence"
            )
            continue
        try:
            chains = [(record_of[name].sequence, record_of[name].states) for name in names]
            written.rows.append(_row("/".join(names), chains, cells, (line, line), places))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    raise_problems(table.role, problems)
    used = {row[at] for row in table.rows for at in name_at}
    if idle := len(record_of.keys() - used):
        written.remarks.append(f"{written.role}: {idle} of {len(record_of)} stand in no pair")


def _row(
    name: str, chains: Sequence[tuple[str, str]], cells: tuple[str, ...], lines: tuple[int, int], places: Places
) -> Row:
    """Return a row; raises ValueError, whose text completes 'line 12: ...'.

    chains: residues and states of each; lines: of its labels, of its sequence.
    """
    weight = 1.0 if places.weight is None else weight_of(cells[places.weight])
    if weight is None and places.weight is not None:
        raise ValueError(f"the weight {cells[places.weight]!r} is no number above 0; mend it or take the row out")
    group = None if places.group is None or cells[places.group] in MISSING_CELLS else cells[places.group]
    return Row(
        name,
        tuple(residues for residues, _ in chains),
        tuple(cells[at] for at in places.labels),
        *lines,
        group=group,
        part=part_in(cells, places),
        weight=weight or 1.0,
        mask=None if places.mask is None else cells[places.mask],
        states=tuple(states for _, states in chains),
    )
