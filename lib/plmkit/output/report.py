"""The report of a fine-tuning run: one HTML file which reads well without JavaScript or style sheets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.output.templates import render

_NAMES = {
    "accuracy": "accuracy",
    "mcc": "Matthews correlation (MCC)",
    "auroc": "area under the ROC curve",
    "average_precision": "average precision, mean over labels",
}
JUDGED_BY = "auroc"


def write_report(path: Path, record: Mapping[str, Any], curves: Path, confusion: Sequence[Sequence[int]]) -> None:
    """Write the report; a rendering of the run record, the curves (PNG) and the confusion matrix (C, C).

    confusion: rows are true labels, columns predicted ones.
    """
    image = base64.b64encode(curves.read_bytes()).decode()
    text = render(
        "report.html",
        record=record,
        metric_names=_NAMES,
        verdict=verdict(record["metrics"]),
        curves=image,
        confusion=confusion,
    )
    path.write_text(text, encoding="utf-8")


def verdict(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in one sentence whether the tuned model beat the simple baseline on the validation examples."""
    tuned, simple = (_find(rows, method) for method in ("fine-tuned model", "logistic regression"))
    if tuned is None or simple is None:
        return "Too few validation examples to compare the tuned model with a simple baseline."
    compared = f"area under the ROC curve {_interval(tuned)} against {_interval(simple)}"
    if tuned["low"] > simple["high"]:
        return f"On the validation examples the tuned model is better than a logistic regression: {compared}."
    if tuned["high"] < simple["low"]:
        return (
            f"On the validation examples the tuned model is worse than a logistic regression: {compared}. "
            "Use the simple method, or a trained or larger language model."
        )
    return (
        "The validation examples do not show that the tuned model is better than a logistic regression on the "
        f"residues alone: {compared}; the intervals overlap."
    )


def _find(rows: Sequence[Mapping[str, Any]], method: str) -> Mapping[str, Any] | None:
    for row in rows:
        if row["method"] == method and row["metric"] == JUDGED_BY and row["low"] is not None:
            return row
    return None


def _interval(row: Mapping[str, Any]) -> str:
    return f"{row['value']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
