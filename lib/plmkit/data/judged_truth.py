"""Read the true labels of named examples: a column of the predictions, a table of their own, or FASTA headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plmkit.data.cells import MISSING, masked_words
from plmkit.data.columns import PARTNER, SEQUENCE, Columns, label_of, optional
from plmkit.data.fasta import looks_like_fasta
from plmkit.data.judged_keys import NAMES, POSITIONS, Key, Keyed, keyed, several
from plmkit.data.labelled import Row, Source, read_written, source_protein
from plmkit.data.table import Table, read_table
from plmkit.errors import UserError

ROLE = "truth"
USUAL = ("label", "labels", "target", "truth", "true", "true_label", "y_true", "DMS_score")
OF_SEVERAL = "true_"  # plm predict: the truth of several quantities
_OPTION = "--truth-identifier-column"
# what names examples or is what they are made of, and so never their label
_NO_LABELS = frozenset((*SEQUENCE, *PARTNER, *NAMES, *POSITIONS, "id_1", "id_2", "name_1", "name_2"))


@dataclass(frozen=True)
class Truth:
    """The true labels: titles of their columns, and the cells and the line of each example; "" is unknown.

    keyed: the table which they stand in; None: FASTA. sequences: by name, where the input holds them.
    """

    role: str
    titles: tuple[str, ...]
    cells: dict[Key, tuple[str, ...]]
    lines: dict[Key, int]
    columns: frozenset[int] = frozenset()
    keyed: Keyed | None = None
    sequences: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def truth_in(predictions: Keyed, label: str | None) -> Truth:
    """Take the truth from the table of predictions. Raises UserError if it has no such column."""
    at = label_columns(predictions.table, label, predictions.columns, is_alone=False)
    return _of_rows(predictions, at)


def read_truth(path: Path, predictions: Keyed, identifier: str | None, label: str | None) -> Truth:
    """Read the truth from a file of its own, for predictions of examples or of residues."""
    if looks_like_fasta(path, ROLE):
        return _from_fasta(path, predictions, identifier, label)
    table = read_table(path, ROLE)
    found = keyed(table, identifier, None, _OPTION) if predictions.is_by_residue else _by_name(table, identifier)
    at = label_columns(table, label, found.columns, is_alone=True)
    if predictions.is_by_residue and not found.is_by_residue:
        return _of_strings(found, at)
    return _of_rows(found, at)


def label_columns(table: Table, wanted: str | None, taken: frozenset[int], is_alone: bool) -> tuple[int, ...]:
    """Return the columns of labels: the wanted ones, those of usual names, or in a table of its own the only other.

    taken: those of the names of examples. Raises UserError if it cannot be told, or if names are wanted as labels.
    """
    if wanted is not None:
        found = several(table, wanted, "--label-column")
        if wrong := taken & set(found):
            name = table.header[min(wrong)]
            raise UserError(f"{table.role}: --label-column names {name!r}, which names the examples; name another")
        return found
    if (usual := optional(table, None, USUAL)) is not None:
        return (usual,)
    of_truth = tuple(at for at, name in enumerate(table.header) if name.startswith(OF_SEVERAL))
    if named := of_truth or tuple(at for at, name in enumerate(table.header) if label_of(name) != name):
        return named
    others = [at for at, name in enumerate(table.header) if at not in taken and name.lower() not in _NO_LABELS]
    if is_alone and len(others) == 1:
        return (others[0],)
    names = ", ".join(map(repr, table.header))
    remedy = "name it with --label-column" if is_alone else "name it with --label-column, or give it as --truth"
    raise UserError(f"{table.role}: which column holds the true labels? {remedy}; the columns are {names}")


def _by_name(table: Table, identifier: str | None) -> Keyed:
    """Tell rows apart by names alone; a column of positions would make residues of them."""
    header = tuple("" if name.lower() == "position" else name for name in table.header)
    hidden = Table(table.role, header, table.rows, table.lines)
    return Keyed(table, (found := keyed(hidden, identifier, None, _OPTION)).row_of, found.columns, False)


def _of_rows(found: Keyed, at: Sequence[int]) -> Truth:
    cells, lines = {}, {}
    for key, row in found.row_of.items():
        cells[key] = tuple("" if (cell := found.table.rows[row][each]) in MISSING else cell for each in at)
        lines[key] = found.table.lines[row]
    titles = tuple(found.table.header[each] for each in at)
    return Truth(found.table.role, titles, cells, lines, frozenset(at), found)


def _of_strings(found: Keyed, at: Sequence[int]) -> Truth:
    """One cell holds the labels of all residues of a protein."""
    mask_at = optional(found.table, None, ("mask",))
    rows = []
    for (name, _), row in found.row_of.items():
        written, line = found.table.rows[row], found.table.lines[row]
        mask = None if mask_at is None else written[mask_at]
        rows.append(Row(name, (), tuple(written[each] for each in at), line, line, mask=mask))
    cells, lines = _taken_apart(rows, len(at))
    return Truth(ROLE, tuple(found.table.header[each] for each in at), cells, lines, frozenset(at), found)


def _from_fasta(path: Path, predictions: Keyed, identifier: str | None, label: str | None) -> Truth:
    if identifier is not None or label is not None:
        option = _OPTION if identifier is not None else "--label-column"
        raise UserError(f"{ROLE}: {option} goes with a table, but this is FASTA; leave it out")
    is_of_windows = any(source_protein(name) != name for name, _ in predictions.row_of)
    written = read_written(Source(path, ROLE, "window" if is_of_windows else "protein", Columns()), "compare")
    sequences = {row.name: row.sequences[0] for row in written.rows}
    notes = tuple(f"{ROLE}: {count} {what}" for what, count in sorted(written.mended.items()))
    if predictions.is_by_residue:
        cells, lines = _taken_apart(written.rows, 1)
    else:
        cells = {(row.name, 0): ("" if row.cells[0] in MISSING else row.cells[0],) for row in written.rows}
        lines = {(row.name, 0): row.line for row in written.rows}
    return Truth(ROLE, ("label",), cells, lines, sequences=sequences, notes=notes)


def _taken_apart(rows: Sequence[Row], columns: int) -> tuple[dict[Key, tuple[str, ...]], dict[Key, int]]:
    cells: dict[Key, tuple[str, ...]] = {}
    lines: dict[Key, int] = {}
    for row in rows:
        words = [masked_words(row, column, "residue") for column in range(columns)]
        for position in range(max(map(len, words))):
            key = (row.name, position + 1)
            cells[key] = tuple(each[position] if position < len(each) else "" for each in words)
            lines[key] = row.line
    return cells, lines
