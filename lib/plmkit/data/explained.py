"""Read what is to be explained: proteins, windows, sites in whole proteins, or pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plmkit.data.chains import PADDING, Chains, as_texts
from plmkit.data.columns import Columns
from plmkit.data.fasta import Protein, Proteins
from plmkit.data.labelled import Source, read_written
from plmkit.data.task import Task
from plmkit.errors import UserError, raise_problems

ROLE = "proteins"


@dataclass(frozen=True)
class Wanted:
    """An example to be explained: its one sequence, or the two of a pair in the order given, and its line.

    position: of the residue whose prediction is explained, from 1; None: found later, or the whole example.
    first: the number of the first letter; below 1 where a window begins before its protein does.
    """

    name: str
    sequences: tuple[str, ...]
    line: int
    position: int | None = None
    first: int = 1


def read_wanted(
    path: Path, task: Task, columns: Columns, pairs: Path | None, window_length: int | None, position: int | None
) -> tuple[list[Wanted], list[str]]:
    """Return the examples of an input for a model of a task, and notes on it; raises UserError.

    position: of residues, whose prediction is explained; with a model of windows, the site in whole proteins. States
    of structures are not read, and that is said.
    """
    is_cut = task.unit == "window" and position is not None
    source = Source(path, ROLE, "protein" if is_cut else task.unit, columns, pairs, "pairs")
    written = read_written(source, "ask")
    wanted = [Wanted(row.name, row.sequences, row.sequence_line, position) for row in written.rows]
    if not wanted:
        raise UserError(f"{ROLE}: there is none; give at least one")
    raise_problems(ROLE, [*_beyond_the_end(wanted), *([] if is_cut else _of_another_length(wanted, window_length))])
    proteins = tuple(
        Protein(item.name, "/".join(item.sequences), states="".join(row.states))
        for item, row in zip(wanted, written.rows, strict=True)
    )
    notes = Proteins(proteins, written.mended).notes(ROLE) + list(written.remarks)
    if is_cut and window_length is not None and position is not None:
        wanted = _cut(wanted, position, window_length)
    return wanted, notes


def check_letters(wanted: Sequence[Wanted], known: Collection[str]) -> None:
    """Raise UserError for letters which a model does not know, and for proteins without any residue that is known."""
    problems = []
    for item in wanted:
        letters = "".join(item.sequences)
        if strange := sorted(set(letters) - set(known)):
            problems.append(
                f"line {item.line}: {item.name!r} holds {', '.join(strange)}, which the model does not know; "
                f"write {PADDING} for a residue that is not known"
            )
        elif not letters.strip(PADDING):
            problems.append(f"line {item.line}: {item.name!r} holds nothing but {PADDING}; there is nothing to explain")
    raise_problems(ROLE, problems)


def limited(wanted: Sequence[Wanted], most: int, longest: int) -> tuple[list[Wanted], list[str]]:
    """Return the first examples that are not too long, and notes on what is left out; raises UserError if all are."""
    short = [item for item in wanted if max(map(len, item.sequences)) <= longest]
    if not short:
        raise UserError(f"{ROLE}: all are longer than {longest} residues; raise --longest, it takes time")
    notes = []
    if longer := len(wanted) - len(short):
        notes.append(f"{ROLE}: {longer} longer than {longest} residues are left out; --longest explains them too")
    if (left := len(short) - most) > 0:
        notes.append(f"{ROLE}: the first {most} of {len(short)} are explained, {left} are left out; see --most")
    return short[:most], notes


def _beyond_the_end(wanted: Sequence[Wanted]) -> list[str]:
    return [
        f"line {item.line}: {item.name!r} has {len(item.sequences[0])} residues, --position {item.position} is beyond "
        "its end; give one within each protein"
        for item in wanted
        if item.position is not None and item.position > len(item.sequences[0])
    ]


def _of_another_length(wanted: Sequence[Wanted], length: int | None) -> list[str]:
    return [
        f"line {item.line}: {item.name!r} has {len(item.sequences[0])} residues, the model was tuned on windows of "
        f"{length}; for a site in whole proteins give --position"
        for item in wanted
        if length is not None and len(item.sequences[0]) != length
    ]


def _cut(wanted: Sequence[Wanted], position: int, length: int) -> list[Wanted]:
    flank = length // 2
    chains = Chains.of([item.sequences[0] for item in wanted], flank)
    windows = as_texts(chains.windows(chains.starts + position - 1, length))
    return [
        replace(item, sequences=(window,), first=position - flank) for item, window in zip(wanted, windows, strict=True)
    ]
