"""Join predictions with the truth by name and position; count and list what cannot be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from plmkit.data.cells import MISSING
from plmkit.data.columns import optional
from plmkit.data.judged_columns import prediction_columns, title_of
from plmkit.data.judged_keys import Key, Keyed, is_missing, keyed, of_part
from plmkit.data.judged_task import numbers_of
from plmkit.data.judged_truth import USUAL, Truth, read_truth, truth_in
from plmkit.data.judged_words import Numbers, Written
from plmkit.data.labelled import source_protein
from plmkit.data.table import Table, read_table
from plmkit.data.task import Kind, Unit
from plmkit.errors import UserError

Indices = NDArray[np.int64]

NO_TRUTH, UNKNOWN = "no truth", "the truth is unknown"
NO_PREDICTION, EMPTY = "no prediction", "the prediction is empty"
_GROUP = ("group", "cluster")


@dataclass(frozen=True)
class Asked:
    """One table of predictions: its file, role in messages, columns, threshold, and the beginning of its options."""

    path: Path
    role: str
    identifier: str | None = None
    position: str | None = None
    columns: str | None = None
    threshold: float | None = None
    options: str = "--"


@dataclass(frozen=True)
class TruthAsked:
    """Where the truth stands; path None: in the first table of predictions."""

    path: Path | None = None
    identifier: str | None = None
    label: str | None = None
    kind: Kind | None = None
    positive: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """An example that is not judged: which one, in which input, and why."""

    key: Key
    where: str
    why: str


@dataclass(frozen=True)
class Judgeable:
    """Examples (P,) that have a truth and a prediction of each method.

    groups: (P,), equal for places that are drawn together, which `grouped_by` says in words; "" if each stands alone.
    tables: those of the predictions and of the truth, to look up what else they tell. rows: of each table.
    """

    keys: tuple[Key, ...]
    numbers: Numbers
    groups: Indices
    grouped_by: str
    left_out: tuple[LeftOut, ...]
    tables: tuple[Keyed, ...]
    rows: tuple[int, ...]
    sequences: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def unit(self) -> Unit:
        """What an example is."""
        return self.numbers.task.unit


def read_judgeable(
    asked: Sequence[Asked], truth_asked: TruthAsked, part: str = "all", group: str | None = None
) -> Judgeable:
    """Read predictions of one or two methods, and the truth.

    Raises UserError for columns that cannot be told, names that stand twice, and where nothing matches.
    """
    notes: list[str] = []
    tables = [_read(each, part, notes) for each in asked]
    if len({table.is_by_residue for table in tables}) > 1:
        one, other = ("of residues" if table.is_by_residue else "without positions" for table in tables)
        raise UserError(
            f"{asked[1].role}: its rows are {other}, those of the first table {one}; they cannot be matched"
        )
    truth = _truth(tables[0], truth_asked)
    notes += truth.notes
    at = [_columns(table, each, truth) for table, each in zip(tables, asked, strict=True)]
    keys, left_out = _common(tables, asked, at, truth)
    notes += _counted(left_out)
    written = [_written(table, each, columns, keys) for table, each, columns in zip(tables, asked, at, strict=True)]
    true = Written(
        truth.role,
        tuple(map(title_of, truth.titles)),
        [truth.cells[key] for key in keys],
        [truth.lines[key] for key in keys],
    )
    numbers = numbers_of(true, written, truth_asked.kind, truth_asked.positive, _unit(tables[0], keys))
    sources = (*tables, *((truth.keyed,) if truth.keyed and truth.keyed not in tables else ()))
    groups, grouped_by = _groups(keys, sources, group)
    notes += _contradictions(tables[1:], asked[1:], keys, truth)
    rows = (*(len(table.table.rows) for table in tables), len(truth.cells))
    return Judgeable(
        tuple(keys),
        numbers,
        groups,
        grouped_by,
        tuple(left_out),
        sources,
        rows,
        truth.sequences,
        (*notes, *numbers.notes),
    )


def _read(asked: Asked, part: str, notes: list[str]) -> Keyed:
    table, said = of_part(read_table(asked.path, asked.role), part)
    notes += said
    return keyed(table, asked.identifier, asked.position, f"{asked.options}identifier-column")


def _truth(predictions: Keyed, asked: TruthAsked) -> Truth:
    if asked.path is None:
        return truth_in(predictions, asked.label)
    return read_truth(asked.path, predictions, asked.identifier, asked.label)


def _columns(table: Keyed, asked: Asked, truth: Truth) -> tuple[int, ...]:
    option = f"{asked.options}prediction-column"
    found = prediction_columns(table, asked.columns, truth, option)
    if (taken := set(found) & table.columns) or (truth.keyed is table and (taken := set(found) & truth.columns)):
        name = table.table.header[min(taken)]
        raise UserError(f"{asked.role}: {option} names {name!r}, which holds names or the truth; name another")
    return found


def _common(
    tables: Sequence[Keyed], asked: Sequence[Asked], at: Sequence[tuple[int, ...]], truth: Truth
) -> tuple[list[Key], list[LeftOut]]:
    """Return the examples that everything is known of, in the order of the first table, and the others."""
    left_out: list[LeftOut] = []
    every: dict[Key, None] = {}
    for table in tables:
        every |= dict.fromkeys(table.row_of)
    every |= dict.fromkeys(truth.cells)
    keys = []
    for key in every:
        reasons = list(_amiss(key, tables, asked, at, truth))
        left_out += reasons
        if not reasons:
            keys.append(key)
    if not any(key in truth.cells for key in tables[0].row_of):
        raise _strangers(truth.role, next(iter(truth.cells)), asked[0].role, next(iter(tables[0].row_of)))
    if len(tables) > 1 and not any(key in tables[1].row_of for key in tables[0].row_of):
        raise _strangers(asked[1].role, next(iter(tables[1].row_of)), asked[0].role, next(iter(tables[0].row_of)))
    if not keys:
        mostly = Counter(f"{each.where}: {each.why}" for each in left_out).most_common(1)[0][0]
        raise UserError(f"{asked[0].role}: no example has both a prediction and a known truth (mostly {mostly})")
    return keys, left_out


def _amiss(
    key: Key, tables: Sequence[Keyed], asked: Sequence[Asked], at: Sequence[tuple[int, ...]], truth: Truth
) -> list[LeftOut]:
    """Return why an example cannot be judged, once for each input that is to blame."""
    reasons = []
    cells = truth.cells.get(key)
    if cells is None:
        reasons.append(LeftOut(key, truth.role, NO_TRUTH))
    elif not any(cells):
        reasons.append(LeftOut(key, truth.role, UNKNOWN))
    for table, each, columns in zip(tables, asked, at, strict=True):
        row = table.row_of.get(key)
        if row is None:
            reasons.append(LeftOut(key, each.role, NO_PREDICTION))
        elif any(is_missing(table.table.rows[row][column]) for column in columns):
            reasons.append(LeftOut(key, each.role, EMPTY))
    return reasons


def _strangers(role: str, name: Key, other: str, other_name: Key) -> UserError:
    def shown(key: Key) -> str:
        return repr(key[0]) + (f" position {key[1]}" if key[1] else "")

    return UserError(
        f"{role}: none of its names (such as {shown(name)}) is among the {other} (such as {shown(other_name)}); choose "
        "the right columns of names, or the right file"
    )


def _counted(left_out: Sequence[LeftOut]) -> list[str]:
    times = Counter((each.where, each.why) for each in left_out)
    return [
        f"{where}: {count:,} {'example is' if count == 1 else 'examples are'} not judged, because "
        f"{'there is ' * why.startswith('no ')}{why}"
        for (where, why), count in times.items()
    ]


def _written(table: Keyed, asked: Asked, at: tuple[int, ...], keys: Sequence[Key]) -> Written:
    rows = [table.row_of[key] for key in keys]
    header = table.table.header
    titles = tuple(title_of(header[column]) for column in at)
    if len(set(titles)) < len(titles):
        raise UserError(f"{asked.role}: columns of predictions have one title ({', '.join(titles)}); give each its own")
    cells = [tuple(table.table.rows[row][column] for column in at) for row in rows]
    lines = [table.table.lines[row] for row in rows]
    return Written(asked.role, titles, cells, lines, asked.threshold, f"{asked.options}threshold")


def _unit(predictions: Keyed, keys: Sequence[Key]) -> Unit:
    if predictions.is_by_residue:
        return "residue"
    if len(predictions.columns) > 1:
        return "pair"
    return "window" if any(source_protein(name) != name for name, _ in keys) else "protein"


def _groups(keys: Sequence[Key], tables: Sequence[Keyed], wanted: str | None) -> tuple[Indices, str]:
    """Number the groups: places of one protein, or of one value of a column, stand together."""
    proteins = _numbers([source_protein(name) for name, _ in keys])
    is_shared = len(np.unique(proteins)) < len(keys)
    found = column_of(tables, wanted, _GROUP, keys, "--group-column")
    if found is None:
        return proteins, "protein" if is_shared else ""
    name, cells = found
    alone = [cell or f"\0{row}" for row, cell in enumerate(cells)]
    return _linked(proteins, _numbers(alone)), f"{name} and protein" if is_shared else name


def _numbers(words: Sequence[str]) -> Indices:
    number: dict[str, int] = {}
    return np.array([number.setdefault(word, len(number)) for word in words], dtype=np.int64)


def _linked(one: Indices, other: Indices) -> Indices:
    """Number the sets of places which either grouping links."""
    shape = (int(one.max()) + 1, int(other.max()) + 1)
    links = sparse.coo_array((np.ones(len(one)), (one, other + shape[0])), shape=(sum(shape), sum(shape)))
    _, component = csgraph.connected_components(links, directed=False)
    return _numbers(list(map(str, component[one].tolist())))


def column_of(
    tables: Sequence[Keyed], wanted: str | None, usual: tuple[str, ...], keys: Sequence[Key], option: str
) -> tuple[str, list[str]] | None:
    """Return title and cells ("" where empty) of a column which one of the tables has; None if none has a usual one.

    Raises UserError if the wanted one is in no table.
    """
    for table in tables:
        at = _column_in(table.table, wanted, usual)
        if at is not None:
            rows = (table.cells(key) for key in keys)
            cells = ["" if row is None or row[at] in MISSING else row[at] for row in rows]
            return table.table.header[at], cells
    if wanted is None:
        return None
    names = ", ".join(repr(name) for table in tables for name in table.table.header)
    raise UserError(f"{option} {wanted}: there is no such column; the columns are {names}")


def _column_in(table: Table, wanted: str | None, usual: tuple[str, ...]) -> int | None:
    if wanted is None:
        return optional(table, None, usual)
    is_number = wanted.startswith("@") or wanted.isdecimal()
    return table.column(wanted) if is_number or table.has_column(wanted) else None


def _contradictions(tables: Sequence[Keyed], asked: Sequence[Asked], keys: Sequence[Key], truth: Truth) -> list[str]:
    """Say where the second table holds another truth than the one that is used."""
    notes = []
    for table, each in zip(tables, asked, strict=True):
        at = optional(table.table, None, USUAL)
        if at is None or len(truth.titles) > 1:
            continue
        cells = [table.table.rows[table.row_of[key]][at] for key in keys]
        other = sum(cell not in MISSING and cell != truth.cells[key][0] for cell, key in zip(cells, keys, strict=True))
        if other:
            name = table.table.header[at]
            notes.append(f"{each.role}: its column {name!r} says otherwise than the truth of {other:,} examples")
    return notes
