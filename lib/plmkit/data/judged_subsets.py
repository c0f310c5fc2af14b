"""Divide the examples that are judged into subsets: values of a column, lengths, likeness to what was learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from plmkit.data.cells import is_number
from plmkit.data.columns import SEQUENCE, required
from plmkit.data.fasta import looks_like_fasta, read_fasta
from plmkit.data.judged import Judgeable
from plmkit.data.judged_keys import Key, Keyed, keyed
from plmkit.data.judged_properties import column_of
from plmkit.data.labelled import source_protein
from plmkit.data.leaks import border
from plmkit.data.residues import ResidueError, clean_window
from plmkit.data.states import read_both
from plmkit.data.table import Table, read_table
from plmkit.errors import UserError, raise_problems

MOST_VALUES = 30
_ROLE = "subsets"
_LENGTH, _IDENTITY = ("length",), ("identity",)


@dataclass(frozen=True)
class Division:
    """Examples (P,) by the value of one property, "" where it is not known; values in the order to show them."""

    name: str
    of: tuple[str, ...]
    values: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DivisionsAsked:
    """By what examples are divided; names of columns, files of sequences, and the edges of bins."""

    column: str | None = None
    table: Path | None = None
    identifier: str | None = None
    length: str | None = None
    length_edges: tuple[float, ...] = ()
    similarity: str | None = None
    similarity_edges: tuple[float, ...] = ()
    proteins: Path | None = None
    learned_from: Path | None = None


def divisions_of(examples: Judgeable, asked: DivisionsAsked) -> list[Division]:
    """Return every division that can be made. Raises UserError for columns and sequences that are missing."""
    extra = [] if asked.table is None else [_third(asked.table, asked.identifier)]
    tables = [*extra, *examples.tables]
    sequences = examples.sequences if asked.proteins is None else read_sequences(asked.proteins, "proteins")
    found = _of_columns(examples.keys, tables, asked.column)
    lengths = _lengths(examples, tables, sequences, asked)
    identities = _identities(examples, tables, sequences, asked)
    return [*found, *(each for each in (lengths, identities) if each is not None)]


def read_sequences(path: Path, role: str) -> dict[str, str]:
    """Return sequences by name, from FASTA or a table. Raises UserError which lists what is no sequence."""
    if looks_like_fasta(path, role):
        return {record.name: record.sequence for record in read_fasta(path, role, clean_window).records}
    table = read_table(path, role)
    at = required(table, None, SEQUENCE, "sequences", f"--{role}, under the title sequence")
    names = keyed(_without_positions(table), None, None, "a column id").row_of if table.has_column("id") else None
    found: dict[str, str] = {}
    problems = []
    for row, (cells, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        try:
            residues, _ = read_both(cells[at], clean_window, Counter())
            found[f"line_{line}" if names is None else cells[table.column("id")]] = residues
        except ResidueError as error:
            problems.append(f"line {table.lines[row]}: {error}")
    raise_problems(role, problems)
    return found


def bins(name: str, values: Sequence[float], edges: Sequence[float], unit: str = "") -> Division:
    """Divide numbers (P,), NaN where unknown, at rising edges; an edge belongs to the bin above it."""
    marks = [f"{edge:g}" for edge in edges]
    titles = [
        f"below {marks[0]}{unit}",
        *(f"{low} to {high}{unit}" for low, high in pairwise(marks)),
    ]
    titles.append(f"{marks[-1]}{unit} and more")
    numbers = np.array(values, dtype=np.float64)
    places = np.searchsorted(np.array(edges), numbers, side="right")
    of = tuple("" if np.isnan(number) else titles[place] for number, place in zip(numbers, places, strict=True))
    present = set(of)
    return Division(name, of, tuple(title for title in titles if title in present), _note_unknown(name, of))


def _third(path: Path, identifier: str | None) -> Keyed:
    table = read_table(path, _ROLE)
    return keyed(table, identifier, None, "--subsets-identifier-column")


def _without_positions(table: Table) -> Table:
    header = tuple("" if name.lower() == "position" else name for name in table.header)
    return Table(table.role, header, table.rows, table.lines)


def _of_columns(keys: Sequence[Key], tables: Sequence[Keyed], wanted: str | None) -> list[Division]:
    if wanted is None:
        return []
    found = []
    for name in [wanted] if any(table.table.has_column(wanted) for table in tables) else wanted.split(","):
        column = column_of(tables, name.strip(), (), keys, "--subset-column")
        assert column is not None
        found.append(_by_value(*column))
    return found


def _by_value(name: str, of: Sequence[str]) -> Division:
    """The values that most examples have, most frequent first; of many others a note says how many they are."""
    times = Counter(cell for cell in of if cell)
    if not times:
        raise UserError(f"--subset-column: column {name!r} has no value for any example that is judged")
    ordered = sorted(times, key=lambda value: (-times[value], value))
    shown = tuple(ordered[:MOST_VALUES])
    notes = _note_unknown(name, of)
    if len(ordered) > MOST_VALUES:
        rest = sum(times[value] for value in ordered[MOST_VALUES:])
        notes += (
            f"{name}: of {len(ordered):,} values the {MOST_VALUES} most frequent are judged one by one; "
            f"{rest:,} examples have another one",
        )
    return Division(name, tuple(of), shown, notes)


def _note_unknown(name: str, of: Sequence[str]) -> tuple[str, ...]:
    count = sum(not cell for cell in of)
    return (f"{name}: not known of {count:,} of {len(of):,} examples, which stand in no such subset",) if count else ()


def _lengths(
    examples: Judgeable, tables: Sequence[Keyed], sequences: dict[str, str], asked: DivisionsAsked
) -> Division | None:
    if not asked.length_edges:
        return None
    column = column_of(tables, asked.length, _LENGTH, examples.keys, "--length-column")
    if column is not None:
        return bins("length", _numbers(*column, "--length-column"), asked.length_edges, " residues")
    of = [sequences.get(_name(key[0], sequences)) for key in examples.keys]
    if not any(of) or (examples.unit == "window" and len({len(sequence) for sequence in of if sequence}) == 1):
        return None
    lengths = [np.nan if sequence is None else float(len(sequence)) for sequence in of]
    return bins("length", lengths, asked.length_edges, " residues")


def _identities(
    examples: Judgeable, tables: Sequence[Keyed], sequences: dict[str, str], asked: DivisionsAsked
) -> Division | None:
    if not asked.similarity_edges:
        return None
    name = "identity to the nearest training protein"
    if asked.learned_from is not None:
        identities = _computed(examples, tables, sequences, asked.learned_from)
        return bins(name, identities, asked.similarity_edges, " %")
    column = column_of(tables, asked.similarity, _IDENTITY, examples.keys, "--similarity-column")
    if column is None:
        return None
    found = np.array(_numbers(*column, "--similarity-column"))
    if np.nanmin(found) < 0 or np.nanmax(found) > 100:
        raise UserError(f"--similarity-column: {column[0]!r} holds numbers that are neither shares nor per cent")
    is_share = np.nanmax(found) <= 1
    return bins(name, (found * 100 if is_share else found).tolist(), asked.similarity_edges, " %")


def _computed(
    examples: Judgeable, tables: Sequence[Keyed], sequences: dict[str, str], learned_from: Path
) -> list[float]:
    """Return per cent of identity to the nearest training sequence, 0 where nothing is alike."""
    known = list(read_sequences(learned_from, "learned-from").values())
    column = None if sequences else column_of(tables, None, SEQUENCE, examples.keys, "--proteins")
    if column is not None:
        of: list[str | None] = [cell or None for cell in column[1]]
    else:
        of = [sequences.get(_name(key[0], sequences)) for key in examples.keys]
    asked = list(dict.fromkeys(sequence for sequence in of if sequence))
    if not asked:
        raise UserError(
            "--learned-from needs the sequences of the proteins that are judged, by the same names: add --proteins"
        )
    identity = dict(zip(asked, border(asked, known).identity.tolist(), strict=True))
    return [np.nan if sequence is None else 100 * identity[sequence] for sequence in of]


def _name(name: str, sequences: dict[str, str]) -> str:
    """Return the name that sequences may have: of a window its own, or that of its protein."""
    return name if name in sequences else source_protein(name)


def _numbers(name: str, cells: Sequence[str], option: str) -> list[float]:
    if strange := next((cell for cell in cells if cell and not is_number(cell)), None):
        raise UserError(f"{option}: column {name!r} holds {strange!r}, which is no number; name another column")
    if not any(cells):
        raise UserError(f"{option}: column {name!r} has no value for any example that is judged")
    return [float(cell) if cell else np.nan for cell in cells]
