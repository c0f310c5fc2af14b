"""Read labelled examples of any kind, and check them as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from plmkit.data.columns import Columns, Purpose
from plmkit.data.dataset import Example, Examples, pairs_in_one_order
from plmkit.data.labelled import Row, Source, read_written, source_protein
from plmkit.data.targets import Targets, read_targets
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError, raise_problems

_FEWEST_EXAMPLES = 10
_FEWEST_RESIDUES = 100


def read_examples(
    path: Path,
    role: str,
    unit: Unit,
    kind: Kind | None,
    columns: Columns,
    labels: Path | None,
    states: Path | None = None,
) -> Examples:
    """Read labelled examples to learn from; see `plmkit.data.labelled` for the formats. Raises UserError."""
    examples, targets = _read(Source(path, role, unit, columns, labels, states=states), "learn", kind, None)
    _check_size(examples)
    if unit == "window":
        _check_windows(examples, None)
    return _contradictions_checked(examples, targets)


def read_more_examples(
    path: Path,
    role: str,
    task: Task,
    columns: Columns,
    labels: Path | None,
    window_length: int | None,
    states: Path | None = None,
) -> Examples:
    """Read labelled examples from which a tuned model of a task goes on learning. Raises UserError.

    window_length: residues of each of its windows; None: it reads no windows.
    """
    examples, targets = _read(Source(path, role, task.unit, columns, labels, states=states), "learn", None, task)
    if task.unit == "window":
        _check_windows(examples, window_length)
    return _contradictions_checked(examples, targets)


def read_truth(source: Source, task: Task) -> Examples:
    """Read labelled examples to compare predictions with; their labels must be those of a task. Raises UserError."""
    return _read(source, "compare", None, task)[0]


def _read(source: Source, purpose: Purpose, kind: Kind | None, known: Task | None) -> tuple[Examples, Targets]:
    if known is not None and known.kind != "classification":
        source = replace(source, columns=replace(source.columns, likely=known.labels))
    written = read_written(source, purpose)
    targets = read_targets(written, source.unit, kind, known)
    examples = Examples(
        source.role,
        targets.task,
        tuple(_example(row, source.unit) for row in targets.rows),
        targets.truth,
        np.array(targets.sizes, dtype=np.int64),
        written.mended,
        tuple(targets.remarks),
    )
    return examples, targets


def _example(row: Row, unit: Unit) -> Example:
    """Two chains of an example are kept in one order, so that both orders of a pair are one example."""
    sequences, states = row.sequences, row.states
    if unit == "pair":
        sequences, states = pairs_in_one_order(sequences, states)
    group = row.group or source_protein(row.name)
    return Example(row.name, sequences, group, row.sequence_line, row.part, row.weight, states)


def _check_size(examples: Examples) -> None:
    """Refuse what is too little to learn anything from."""
    if examples.unit == "residue":
        if (known := int((~np.isnan(examples.truth)).any(axis=1).sum())) < _FEWEST_RESIDUES:
            raise UserError(
                f"{examples.role}: only {known} residues with a label; {_FEWEST_RESIDUES} are the least, "
                "thousands are better"
            )
        return
    if len(examples) < _FEWEST_EXAMPLES:
        raise UserError(f"{examples.role}: only {len(examples)} examples; ten are the least, hundreds are better")
    if examples.task.kind == "classification" and len(examples.labels) > len(examples) // 2:
        raise UserError(
            f"{examples.role}: {len(examples.labels)} different labels among {len(examples)} examples; classification "
            "needs few labels with many examples each (is this the label column, and are these classes?)"
        )


def check_without_states(examples: Examples) -> None:
    """Raise UserError for one sequence with two classes where only states of structures told them apart."""
    if examples.unit == "residue" or examples.task.kind != "classification":
        return
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for index, item in enumerate(examples.items):
        earlier = first.setdefault(item.sequences, index)
        if examples.truth[earlier, 0] != examples.truth[index, 0]:
            problems.append(
                f"line {item.line}: {item.name!r} and {examples.items[earlier].name!r} differ in the states of their "
                "structures and in their labels alone, and this model reads no states; keep one, or choose SaProt"
            )
    raise_problems(examples.role, problems)


def _contradictions_checked(examples: Examples, targets: Targets) -> Examples:
    """Refuse one sequence with two classes; of other kinds of labels, repeated measurements are only counted.

    One sequence with different states of its structure is two inputs, until the model is known: see
    `check_without_states`.
    """
    if examples.unit == "residue":
        return examples
    first: dict[tuple[str, ...], int] = {}
    problems, repeated = [], 0
    for index, item in enumerate(examples.items):
        earlier = first.setdefault(item.read(with_states=True), index)
        if np.array_equal(examples.truth[earlier], examples.truth[index], equal_nan=True):
            continue
        repeated += 1
        if examples.task.kind == "classification":
            here, there = (examples.labels[int(examples.truth[at, 0])] for at in (index, earlier))
            what = "pair" if examples.unit == "pair" else "sequence"
            problems.append(
                f"line {targets.rows[index].line}: the same {what} is labelled {here!r} here and {there!r} in "
                f"line {targets.rows[earlier].line}; keep one"
            )
    raise_problems(targets.role, problems)
    if not repeated:
        return examples
    remark = f"{examples.role}: {repeated} repeat an earlier sequence with other labels; all are learned from"
    return replace(examples, remarks=(*examples.remarks, remark))


def _check_windows(examples: Examples, known: int | None) -> None:
    """Refuse windows of another length than most, or than a tuned model knows, and windows around nothing."""
    counts = Counter(len(item.sequences[0]) for item in examples.items)
    length = known or counts.most_common(1)[0][0]
    what = f"the model was tuned on windows of {length}" if known else f"most windows have {length}"
    problems = [
        f"line {item.line}: {item.name!r} has {len(item.sequences[0])} residues, {what}; "
        "cut or pad all windows to one length"
        for item in examples.items
        if len(item.sequences[0]) != length
    ]
    problems += [
        f"line {item.line}: {item.name!r} has X in its middle; a window stands around a site, "
        "cut it around one or take it out"
        for item in examples.items
        if len(item.sequences[0]) == length and length % 2 and item.sequences[0][length // 2] == "X"
    ]
    raise_problems(examples.role, problems)
    if length % 2 == 0:
        raise UserError(
            f"{examples.role}: windows of {length} residues have no middle; give windows of odd length, "
            "the site in the middle"
        )
