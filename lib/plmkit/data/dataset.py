"""Labelled examples: proteins or windows joined with their labels, and checked as a whole."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from plmkit.data.fasta import Protein, Proteins, looks_like_fasta, read_fasta
from plmkit.data.residues import ResidueError, clean_residues, clean_window
from plmkit.data.table import Table, read_table
from plmkit.errors import UserError, raise_problems

Unit = Literal["protein", "window"]

_LABEL_IN_HEADER = re.compile(r"(?:^|\s)LABEL=(\S+)")
# The name of a window in the Galaxy training data: protein%start%site.
_WINDOW_NAME = re.compile(r"(?P<protein>.+)%-?\d+%\d+$")
_MOST_LABELS = 100
_FEWEST_EXAMPLES = 10
_MISSING = frozenset({"", "NA", "N/A", "#N/A", "nan", "NaN", "NAN", "NULL", "null", "?", "-"})


@dataclass(frozen=True)
class Example:
    """A sequence with its label; group names what must not be divided between training and validation."""

    name: str
    sequence: str
    label: str
    group: str
    line: int


@dataclass(frozen=True)
class Examples:
    """All examples of one input in their order."""

    role: str
    unit: Unit
    items: tuple[Example, ...]
    mended: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def labels(self) -> tuple[str, ...]:
        """The distinct labels in a fixed order: numbers by value, then words by alphabet."""
        return tuple(sorted({item.label for item in self.items}, key=_label_order))

    @property
    def proteins_are_known(self) -> bool:
        """Whether it was told which examples come from one protein."""
        return any(item.group != item.name for item in self.items)

    @property
    def sequences(self) -> list[str]:
        """The residues of each example."""
        return [item.sequence for item in self.items]

    @property
    def window_length(self) -> int | None:
        """Residues of each window; None when the examples are whole proteins."""
        return len(self.items[0].sequence) if self.unit == "window" else None

    @property
    def centre_residues(self) -> str:
        """The distinct residues in the middle of the windows, by alphabet; empty for whole proteins."""
        if self.unit == "protein":
            return ""
        return "".join(sorted({item.sequence[len(item.sequence) // 2] for item in self.items}))

    def notes(self) -> list[str]:
        """Say what was done to the input, one sentence each."""
        proteins = tuple(Protein(item.name, item.sequence) for item in self.items)
        return Proteins(proteins, self.mended).notes(self.role)


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what; names or numbers from 1. None: the default name, if it is there."""

    sequence: str = "sequence"
    label: str = "label"
    identifier: str | None = None
    group: str | None = None


def read_examples(path: Path, role: str, unit: Unit, columns: Columns, labels: Path | None) -> Examples:
    """Read labelled examples.

    path is a FASTA file with LABEL= in each header, a FASTA file whose labels stand in the table `labels`
    (joined by name), or a table with a column of sequences and one of labels. Raises UserError.
    """
    mended: Counter[str] = Counter()
    if not looks_like_fasta(path, role):
        if labels is not None:
            raise UserError(f"{role}: a separate table of labels goes with FASTA, but this is a table; leave it out")
        items = _from_table(read_table(path, role), unit, columns, mended)
    else:
        if labels is None and columns.group is not None:
            raise UserError(f"{role}: --group-column goes with a table, but this is FASTA; leave it out")
        proteins = read_fasta(path, role, clean_window if unit == "window" else clean_residues)
        mended = proteins.mended
        items = _from_headers(proteins, role) if labels is None else _joined(proteins, role, labels, columns)
    examples = Examples(role, unit, tuple(items), mended)
    _check(examples)
    return examples


def labels_in_headers(proteins: Proteins) -> list[str] | None:
    """Return the LABEL= of each record, or None when not every record has one."""
    found = [_LABEL_IN_HEADER.search(record.header) for record in proteins.records]
    labels = [match.group(1) for match in found if match]
    return labels if len(labels) == len(found) else None


def source_protein(name: str) -> str:
    """Return the protein a window was cut from, if its name is protein%start%site; else the name itself."""
    match = _WINDOW_NAME.match(name)
    return match["protein"] if match else name


def _from_headers(proteins: Proteins, role: str) -> list[Example]:
    items, problems = [], []
    for record in proteins.records:
        if (match := _LABEL_IN_HEADER.search(record.header)) and match.group(1) not in _MISSING:
            items.append(_example(record, match.group(1)))
        else:
            problems.append(f"line {record.line}: no LABEL= in the header of {record.name!r}")
    if not items:
        raise UserError(f"{role}: no header holds LABEL=; write it there or give a table of labels")
    raise_problems(role, problems)
    return items


def _joined(proteins: Proteins, role: str, labels: Path, columns: Columns) -> list[Example]:
    table = read_table(labels, "labels")
    names, label = _identifier_column(table, columns), table.column(columns.label)
    group = _optional_column(table, columns.group, "group")
    label_of: dict[str, str] = {}
    group_of: dict[str, str] = {}
    problems = []
    known = set(proteins.names)
    for row, line in zip(table.rows, table.lines, strict=True):
        name = row[0 if names is None else names]
        if name in label_of:
            problems.append(f"line {line}: {name!r} has a label already; give each name once")
        elif name not in known:
            problems.append(f"line {line}: {name!r} is not among the {role}; take the row out or add the sequence")
        elif row[label] in _MISSING:
            problems.append(f"line {line}: {name!r} has no label ({row[label]!r}); add it or take the row out")
        label_of[name] = row[label]
        if group is not None:
            group_of[name] = row[group]
    raise_problems("labels", problems)
    missing = [
        f"line {p.line}: {p.name!r} has no row among the labels" for p in proteins.records if p.name not in label_of
    ]
    raise_problems(role, missing)
    return [_example(record, label_of[record.name], group_of.get(record.name)) for record in proteins.records]


def _from_table(table: Table, unit: Unit, columns: Columns, mended: Counter[str]) -> list[Example]:
    sequence, label = table.column(columns.sequence), table.column(columns.label)
    identifier = _identifier_column(table, columns)
    group = _optional_column(table, columns.group, "group")
    clean = clean_window if unit == "window" else clean_residues
    items, problems = [], []
    seen: dict[str, int] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        name = f"line_{line}" if identifier is None else row[identifier]
        if name in seen:
            problems.append(
                f"line {line}: the name {name!r} stands already in line {seen[name]}; "
                "take out a repeated row, or name it anew"
            )
        seen.setdefault(name, line)
        if row[label] in _MISSING:
            problems.append(f"line {line}: {name!r} has no label ({row[label]!r}); add it or take the row out")
        try:
            record = Protein(name, clean("".join(row[sequence].split()), mended), "", line)
        except ResidueError as error:
            problems.append(f"line {line}, {name}: {error}")
            continue
        items.append(_example(record, row[label], None if group is None else row[group]))
    raise_problems(table.role, problems)
    return items


def _example(record: Protein, label: str, group: str | None = None) -> Example:
    return Example(record.name, record.sequence, label, group or source_protein(record.name), record.line)


def _identifier_column(table: Table, columns: Columns) -> int | None:
    return _optional_column(table, columns.identifier, "id")


def _optional_column(table: Table, wanted: str | None, default: str) -> int | None:
    if wanted is not None:
        return table.column(wanted)
    return table.column(default) if table.has_column(default) else None


def _label_order(label: str) -> tuple[int, float, str]:
    try:
        number = float(label)
    except ValueError:
        return (1, 0.0, label)
    return (0, number, label) if math.isfinite(number) else (1, 0.0, label)


def _check(examples: Examples) -> None:
    if len(labels := examples.labels) == 1:
        raise UserError(
            f"{examples.role}: all {len(examples)} examples have the label {labels[0]!r}; "
            "classification needs at least two different labels"
        )
    _check_spellings(examples)
    if len(labels) > 2 and all(_is_number(label) for label in labels) and any("." in label for label in labels):
        raise UserError(
            f"{examples.role}: the labels are measured numbers such as {labels[0]!r}; classification needs names of "
            "classes: divide the numbers into classes first"
        )
    if len(labels) > len(examples) // 2 and len(examples) < _FEWEST_EXAMPLES:
        raise UserError(f"{examples.role}: only {len(examples)} examples; ten are the least, hundreds are better")
    if len(labels) > min(_MOST_LABELS, len(examples) // 2):
        raise UserError(
            f"{examples.role}: {len(labels)} different labels among {len(examples)} examples; classification "
            "needs few labels with many examples each (is this the label column, and are these classes?)"
        )
    _check_contradictions(examples)
    if examples.unit == "window":
        _check_windows(examples)


def _check_spellings(examples: Examples) -> None:
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for label in examples.labels:
        spellings[" ".join(label.lower().split())].add(label)
    for same in spellings.values():
        if len(same) > 1:
            names = ", ".join(repr(label) for label in sorted(same))
            raise UserError(f"{examples.role}: {names} are spellings of one label; write it in one way")


def _is_number(label: str) -> bool:
    return _label_order(label)[0] == 0


def _check_contradictions(examples: Examples) -> None:
    first: dict[str, Example] = {}
    problems = []
    for item in examples.items:
        earlier = first.setdefault(item.sequence, item)
        if earlier.label != item.label:
            problems.append(
                f"line {item.line}: the same sequence is labelled {item.label!r} here and {earlier.label!r} in "
                f"line {earlier.line}; keep one"
            )
    raise_problems(examples.role, problems)


def _check_windows(examples: Examples) -> None:
    lengths: defaultdict[int, list[Example]] = defaultdict(list)
    for item in examples.items:
        lengths[len(item.sequence)].append(item)
    usual = max(lengths, key=lambda length: len(lengths[length]))
    problems = [
        f"line {item.line}: {item.name!r} has {length} residues, most windows have {usual}; "
        "cut or pad all windows to one length"
        for length, items in lengths.items()
        if length != usual
        for item in items
    ]
    problems += [
        f"line {item.line}: {item.name!r} has X in its middle; a window stands around a site"
        for item in examples.items
        if len(item.sequence) == usual and usual % 2 and item.sequence[usual // 2] == "X"
    ]
    raise_problems(examples.role, problems)
    if usual % 2 == 0:
        raise UserError(
            f"{examples.role}: windows of {usual} residues have no middle; give windows of odd length, "
            "the site in the middle"
        )
