"""Say in one sentence how good a tuned model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plmkit.learning.judging import TUNED

NAMES = {
    "accuracy": "accuracy",
    "mcc": "Matthews correlation (MCC)",
    "macro_f1": "F1, mean over labels",
    "micro_f1": "F1, all labels together",
    "auroc": "area under the ROC curve",
    "average_precision": "average precision",
    "f1": "F1",
    "spearman": "Spearman correlation",
    "pearson": "Pearson correlation",
    "r2": "explained variance (R²)",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "loss": "validation loss",
}
_PLACES = {"validation": "On the validation examples", "cross-validation": "In cross-validation"}

Row = Mapping[str, Any]


def readable(metric: str) -> str:
    """Return the name of a metric as people say it."""
    name, of, label = metric.partition(" of ")
    return NAMES.get(name, name) + of + label


def part_of_row(row: Row) -> str:
    """Return the name of the part that a row of metrics is about."""
    name: str = row["examples"].rpartition(" (")[0]
    return name


def judged_part(counts: Mapping[str, Any]) -> str:
    """Return the part that tells most: the first test set, else the cross-validation, else validation."""
    shown: str = counts["shown"]
    return "cross-validation" if shown == "validation" and "cross-validation" in counts["groups"] else shown


def headline_text(rows: Sequence[Row], metric: str, part: str) -> str:
    """Return the tuned model's headline metric with its interval, on one part."""
    found = _find(rows, TUNED, metric, part)
    if found is None or found["value"] is None:
        return f"{part}: {readable(metric)} is not defined"
    interval = "" if found["low"] is None else f" ({found['low']:.2f} to {found['high']:.2f})"
    return f"{found['examples']}: {readable(metric)} {found['value']:.2f}{interval}"


def verdict_of(record: Mapping[str, Any]) -> str:
    """Say in one sentence what a run record tells of its tuned model."""
    counts = record["counts"]
    return verdict(record["metrics"], counts["headline"], judged_part(counts), counts["simple"])


def verdict(rows: Sequence[Row], metric: str, part: str, simple: str) -> str:
    """Say in one sentence whether the tuned model beat the simple method on a part of the examples."""
    difference = _find(rows, f"{TUNED} minus {simple}", metric, part)
    tuned, floor = _find(rows, TUNED, metric, part), _find(rows, simple, metric, part)
    if difference is None or difference["low"] is None or tuned is None or floor is None:
        return f"Too few {part} examples to compare the tuned model with a simple method."
    compared = (
        f"{readable(metric)} {tuned['value']:.3f} against {floor['value']:.3f}, a difference of "
        f"{difference['value']:+.3f} (95 % interval {difference['low']:+.3f} to {difference['high']:+.3f})"
    )
    on = _PLACES.get(part, f"On the {part} examples")
    other = f"a {simple} on the residues alone"
    if difference["low"] > 0:
        return f"{on} the tuned model is better than {other}: {compared}."
    if difference["high"] < 0:
        return (
            f"{on} the tuned model is worse than {other}: {compared}. "
            "Use the simple method, or a larger language model, or more examples."
        )
    return f"{on} it cannot be shown that the tuned model is better than {other}: {compared}."


def _find(rows: Sequence[Row], method: str, metric: str, part: str) -> Row | None:
    return next(
        (row for row in rows if row["method"] == method and row["metric"] == metric and part_of_row(row) == part), None
    )
