"""Read predictions of one or two methods with the truth, as examples that can be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plmkit.data.judged_columns import prediction_columns, title_of
from plmkit.data.judged_groups import Indices, are_pairs, groups_of, note_on_shared_proteins
from plmkit.data.judged_keys import Key, Keyed, keyed, of_part
from plmkit.data.judged_matching import LeftOut, common, contradictions
from plmkit.data.judged_task import numbers_of
from plmkit.data.judged_truth import Truth, read_truth, truth_in
from plmkit.data.judged_words import Numbers, Written
from plmkit.data.labelled import source_protein
from plmkit.data.opening import sha256_of
from plmkit.data.table import read_table
from plmkit.data.task import Kind, Unit
from plmkit.errors import UserError


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
    at = [_columns(table, each, truth, truth_asked) for table, each in zip(tables, asked, strict=True)]
    _refuse_itself(asked, at)
    keys, left_out, of_matching = common(tables, at, truth)
    is_label = len(truth.titles) > 1
    written = [
        _written(table, each, columns, keys, is_label) for table, each, columns in zip(tables, asked, at, strict=True)
    ]
    true = Written(
        truth.role,
        tuple(title_of(title, is_label=True) for title in truth.titles),
        [truth.cells[key] for key in keys],
        [truth.lines[key] for key in keys],
    )
    sources = (*tables, *((truth.keyed,) if truth.keyed and truth.keyed not in tables else ()))
    unit = _unit(keys, sources)
    numbers = numbers_of(true, written, truth_asked.kind, truth_asked.positive, unit)
    groups, grouped_by = groups_of(keys, sources, group)
    notes += [*truth.notes, *of_matching, *contradictions(tables[1:], keys, truth)]
    if unit == "pair" and not grouped_by:
        notes += note_on_shared_proteins(keys, sources)
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


def _columns(table: Keyed, asked: Asked, truth: Truth, truth_asked: TruthAsked) -> tuple[int, ...]:
    option = f"{asked.options}prediction-column"
    found = prediction_columns(table, asked.columns, truth, option)
    if (taken := set(found) & table.columns) or (truth.keyed is table and (taken := set(found) & truth.columns)):
        name = table.table.header[min(taken)]
        raise UserError(f"{asked.role}: {option} names {name!r}, which holds names or the truth; name another")
    if (taken := set(found) & truth.columns) and truth_asked.path and _are_same(asked.path, truth_asked.path):
        name = table.table.header[min(taken)]
        raise UserError(
            f"{asked.role}: this is the same file as the truth, and {name!r} is taken for both; name the one column "
            f"with {option} and the other with --label-column"
        )
    return found


def _refuse_itself(asked: Sequence[Asked], at: Sequence[tuple[int, ...]]) -> None:
    """Refuse a second method that is the first one; one table may hold the columns, or thresholds, of two methods."""
    if len(asked) < 2 or at[0] != at[1] or asked[0].threshold != asked[1].threshold:
        return
    if _are_same(asked[0].path, asked[1].path):
        raise UserError(
            f"{asked[1].role}: this is the same file as the {asked[0].role}, and comparing a table with itself shows "
            f"nothing; give that of another method, or another column with {asked[1].options}prediction-column"
        )


def _are_same(one: Path, other: Path) -> bool:
    return one.samefile(other) or (one.stat().st_size == other.stat().st_size and sha256_of(one) == sha256_of(other))


def _written(table: Keyed, asked: Asked, at: tuple[int, ...], keys: Sequence[Key], is_label: bool) -> Written:
    rows = [table.row_of[key] for key in keys]
    header = table.table.header
    titles = tuple(title_of(header[column], is_label) for column in at)
    if len(set(titles)) < len(titles):
        raise UserError(f"{asked.role}: columns of predictions have one title ({', '.join(titles)}); give each its own")
    cells = [tuple(table.table.rows[row][column] for column in at) for row in rows]
    lines = [table.table.lines[row] for row in rows]
    return Written(asked.role, titles, cells, lines, asked.threshold, f"{asked.options}threshold")


def _unit(keys: Sequence[Key], tables: Sequence[Keyed]) -> Unit:
    if tables[0].is_by_residue:
        return "residue"
    if are_pairs(keys, tables):
        return "pair"
    return "window" if any(source_protein(name) != name for name, _ in keys) else "protein"
