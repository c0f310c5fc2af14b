"""Read what a tuned model is asked about, with the true labels where they are given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples, pairs_in_one_order
from plmkit.data.examples import read_truth
from plmkit.data.fasta import Protein, Proteins
from plmkit.data.labelled import Source, read_written
from plmkit.data.states import joined
from plmkit.data.task import Task
from plmkit.errors import raise_problems

_ROLE = "proteins"


@dataclass(frozen=True)
class Asked:
    """Names, the one or two sequences of each, and their lines; truth: None where it is not given.

    states: of the structure of each sequence, "" for none.
    """

    names: list[str]
    sequences: list[tuple[str, ...]]
    lines: list[int]
    mended: Counter[str]
    truth: Examples | None
    remarks: tuple[str, ...] = ()
    states: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def read(self, with_states: bool) -> list[tuple[str, ...]]:
        """Return what a model reads of each: residues, or residues and states joined."""
        if not with_states:
            return self.sequences
        both = zip(self.sequences, self.states, strict=True)
        return [tuple(map(joined, sequences, states)) for sequences, states in both]

    def count_with_states(self, with_states: bool) -> int:
        """Return of how many states of structures are read."""
        return sum(with_states and any(states) for states in self.states)

    def notes(self, with_states: bool = False) -> list[str]:
        """Say what was done to the input; with_states: whether states of structures are read."""
        if self.truth is not None:
            return self.truth.notes(with_states)
        each = zip(self.names, self.sequences, self.states, strict=True)
        proteins = tuple(Protein(name, "/".join(found), states="".join(states)) for name, found, states in each)
        return Proteins(proteins, self.mended).notes(_ROLE, with_states) + list(self.remarks)


def read_asked(
    path: Path,
    task: Task,
    columns: Columns,
    table: Path | None,
    labelled: bool,
    window_length: int | None,
    states: Path | None = None,
) -> Asked:
    """Read proteins, windows or pairs for a model of a task; raises UserError.

    table: of the pairs, or of the true labels. window_length: residues of each window; None: any length will do.
    states: of the structures, by name.
    """
    source = Source(path, _ROLE, task.unit, columns, table, "pairs" if task.unit == "pair" else "labels", states)
    asked = _with_truth(source, task) if labelled else _without_truth(source, task)
    _check_lengths(asked, window_length)
    return asked


def _with_truth(source: Source, task: Task) -> Asked:
    truth = read_truth(source, task)
    names, lines = [item.name for item in truth.items], [item.line for item in truth.items]
    states = tuple(item.states for item in truth.items)
    return Asked(names, [item.sequences for item in truth.items], lines, truth.mended, truth, states=states)


def _without_truth(source: Source, task: Task) -> Asked:
    written = read_written(source, "ask")
    names, lines = [row.name for row in written.rows], [row.sequence_line for row in written.rows]
    chains = [(row.sequences, row.states) for row in written.rows]
    if task.unit == "pair":
        chains = [pairs_in_one_order(*both) for both in chains]
    sequences, states = [found for found, _ in chains], tuple(found for _, found in chains)
    return Asked(names, sequences, lines, written.mended, None, tuple(written.remarks), states)


def _check_lengths(asked: Asked, length: int | None) -> None:
    if length is None:
        return
    raise_problems(
        _ROLE,
        [
            f"line {line}: {name!r} has {len(sequence)} residues, the model was tuned on windows of {length}; "
            "for whole proteins use plm ptm"
            for name, (sequence, *_), line in zip(asked.names, asked.sequences, asked.lines, strict=True)
            if len(sequence) != length
        ],
    )
