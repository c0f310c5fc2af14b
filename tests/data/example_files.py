"""Small files of labelled examples, and what is read from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plmkit.data.columns import Columns, Purpose
from plmkit.data.dataset import Example, Examples
from plmkit.data.examples import read_examples
from plmkit.data.labelled import Source, Written, read_written
from plmkit.data.targets import Targets, read_targets
from plmkit.data.task import Kind, Task, Unit

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
ANY = Columns()


def named(**columns: str) -> Columns:
    """Which columns hold what."""
    return Columns(**columns)  # type: ignore[arg-type]  # all but one of the fields are text


def distinct(count: int, length: int = 9) -> list[str]:
    """Sequences of one length, none like another."""
    return [f"{LETTERS[number % 20]}{LETTERS[number // 20]}{'S' * (length - 2)}" for number in range(count)]


def table_of(labels: Sequence[object]) -> str:
    """A table of distinct sequences with these labels."""
    rows = zip(distinct(len(labels)), labels, strict=True)
    return "sequence\tlabel\n" + "".join(f"{sequence}\t{label}\n" for sequence, label in rows)


def written(
    folder: Path,
    content: str,
    unit: Unit = "protein",
    table: str | None = None,
    purpose: Purpose = "learn",
    columns: Columns = ANY,
) -> Written:
    """Read the rows of a file with this content, and of a table that goes with it."""
    (folder / "examples").write_text(content)
    if table is not None:
        (folder / "labels").write_text(table)
    place = None if table is None else folder / "labels"
    return read_written(Source(folder / "examples", "examples", unit, columns, place), purpose)


def targets(
    folder: Path,
    content: str,
    unit: Unit = "protein",
    kind: Kind | None = None,
    known: Task | None = None,
    columns: Columns = ANY,
) -> Targets:
    """Read the labels of a file with this content."""
    return read_targets(written(folder, content, unit, columns=columns), unit, kind, known)


def examples(
    folder: Path,
    content: str,
    unit: Unit = "protein",
    kind: Kind | None = None,
    table: str | None = None,
    columns: Columns = ANY,
) -> Examples:
    """Read examples to learn from."""
    (folder / "examples").write_text(content)
    if table is not None:
        (folder / "labels").write_text(table)
    place = None if table is None else folder / "labels"
    return read_examples(folder / "examples", "examples", unit, kind, columns, place)


def numbers(found: Targets) -> list[list[float | None]]:
    """The truth as lists, None where nothing is known."""
    return [[None if np.isnan(value) else float(value) for value in row] for row in found.truth]


def made(task: Task, items: Sequence[Example], truth: Sequence[Sequence[float]], sizes: Sequence[int]) -> Examples:
    """Examples without a file."""
    values = np.array(truth, dtype=np.float32).reshape(sum(sizes), task.columns)
    return Examples("examples", task, tuple(items), values, np.array(sizes, dtype=np.int64))
