"""The report of a fine-tuning run: one HTML file which reads well without JavaScript or style sheets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.learning.judging import TUNED
from plmkit.learning.metrics import HIGHER_IS_BETTER
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.output import thresholds, wording
from plmkit.output.methods import methods_paragraph
from plmkit.output.metric_names import readable
from plmkit.output.templates import render
from plmkit.output.verdict import Row, part_of_row, verdict_of

_MOST_LABELS_SHOWN = 40
_DIFFERENCE = f"{TUNED} minus "
_OF_CURVE = "training examples"  # rows of the learning curve, which has a figure of its own
_WIDEST_IMAGE = 800  # as wide as the text
_SHRUNK = 1.5  # figures are drawn for paper, at more dots an inch than a screen has


@dataclass(frozen=True)
class Table:
    """How good all methods are on one part: a row for each method, a column for each metric.

    differences: how much better the tuned model is than some of the methods, by the metric that compares them.
    """

    part: str
    metrics: Sequence[str]
    rows: Mapping[str, Mapping[str, Row]]
    differences: Mapping[str, Row]

    @property
    def compared_by(self) -> str:
        """The metric of the differences; "" where there are none."""
        return next((row["metric"] for row in self.differences.values()), "")


@dataclass(frozen=True)
class Labels:
    """Some labels, most frequent first, with a row for each metric of each; left_out: how many more there are.

    beside: the same of each method that the model is compared with by label.
    """

    counts: Sequence[Mapping[str, Any]]
    metrics: Sequence[str]
    rows: Mapping[str, Mapping[str, Row]]
    beside: Mapping[str, Mapping[str, Mapping[str, Row]]]
    left_out: int


def write_report(path: Path, record: Mapping[str, Any], figures: Mapping[str, Path]) -> None:
    """Write the report; a rendering of the run record with figures (PNG): curves, figure, perhaps a learning_curve."""
    text = render(
        "report.html",
        record=record,
        words=wording,
        verdict=verdict_of(record),
        tables=tables(record["metrics"]),
        labels=labels(record, record["counts"]["shown"]),
        parts=["training", "validation", *(part for part in record["counts"]["parts"] if part.startswith("test"))],
        lower=[readable(name) for name in _metrics_of_task(record) if not HIGHER_IS_BETTER[name]],
        thresholds=thresholds,
        readable=readable,
        cell=cell,
        is_embedded=record["model"]["name"] == EMBEDDED_FOLDER.name,
        methods=methods_paragraph(record),
        figures={name: _image(drawn) for name, drawn in figures.items()},
    )
    path.write_text(text, encoding="utf-8")


def tables(rows: Sequence[Row]) -> list[Table]:
    """Return a table for each part: test sets first, then the cross-validation, then validation."""
    whole = [row for row in rows if " of " not in row["metric"] and _OF_CURVE not in row["method"]]
    places = {"cross-validation": 1, "validation": 2}
    parts = sorted(dict.fromkeys(map(part_of_row, whole)), key=lambda part: places.get(part, 0))
    return [_table(part, [row for row in whole if part_of_row(row) == part]) for part in parts]


def _table(part: str, rows: Sequence[Row]) -> Table:
    methods: dict[str, dict[str, Row]] = {}
    differences = {
        row["method"].removeprefix(_DIFFERENCE): row for row in rows if row["method"].startswith(_DIFFERENCE)
    }
    alone = [row for row in rows if not row["method"].startswith(_DIFFERENCE)]
    for method in sorted(dict.fromkeys(row["method"] for row in alone), key=_order):
        methods[method] = {row["metric"]: row for row in alone if row["method"] == method}
    return Table(part, list(dict.fromkeys(row["metric"] for row in alone)), methods, differences)


def _order(method: str) -> int:
    """The tuned model first, then its runs, then what it is compared with."""
    return 0 if method == TUNED else 1 if method.startswith(TUNED) else 2


def labels(record: Mapping[str, Any], part: str) -> Labels:
    """Return how often each label occurs, and how good the tuned model is at it on one part."""
    counts = record["counts"]
    by_method: dict[str, dict[str, dict[str, Row]]] = {}
    for row in record["metrics"]:
        metric, of, label = row["metric"].partition(" of ")
        if of and part_of_row(row) == part:
            by_method.setdefault(row["method"], {}).setdefault(label, {})[metric] = row
    found = by_method.pop(TUNED, {})
    every = sorted(counts["labels"], key=lambda label: -sum(label[name] for name in counts["parts"]))
    shown = every[:_MOST_LABELS_SHOWN]
    metrics = list(dict.fromkeys(metric for rows in found.values() for metric in rows))
    return Labels(shown, metrics, found, by_method, len(every) - len(shown))


def cell(row: Row | None, is_difference: bool = False) -> str:
    """Return a value with its interval in brackets; "" where there is no row."""
    if row is None:
        return ""
    if row["value"] is None:
        return "not defined"
    numbers = [
        _rounded(number, is_difference) for number in (row["value"], row["low"], row["high"]) if number is not None
    ]
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]} ({numbers[1]} to {numbers[2]})"


def _rounded(number: float, is_difference: bool) -> str:
    # 0.0 is added because -0 is printed otherwise than 0
    return format(round(number, 2) + 0.0, "+.2f" if is_difference else ".2f")


def _metrics_of_task(record: Mapping[str, Any]) -> list[str]:
    return [name for name in HIGHER_IS_BETTER if any(row["metric"] == name for row in record["metrics"])]


def _image(path: Path) -> dict[str, Any]:
    """Return a PNG as text, and how many pixels wide to show it; its width stands in bytes 16 to 19."""
    content = path.read_bytes()
    width = int.from_bytes(content[16:20])
    return {"text": base64.b64encode(content).decode(), "width": min(_WIDEST_IMAGE, round(width / _SHRUNK))}
