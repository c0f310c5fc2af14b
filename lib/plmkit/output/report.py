"""The report of a fine-tuning run: one HTML file which reads well without JavaScript or style sheets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.learning.finetuning import DIFFERENCE, SIMPLE, TUNED
from plmkit.output.templates import render

_NAMES = {
    "accuracy": "accuracy",
    "mcc": "Matthews correlation (MCC)",
    "auroc": "area under the ROC curve",
    "average_precision": "average precision",
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
    difference = _find(rows, DIFFERENCE)
    tuned, simple = _find(rows, TUNED), _find(rows, SIMPLE)
    if difference is None or difference["low"] is None or tuned is None or simple is None:
        return "Too few validation examples to compare the tuned model with a simple baseline."
    compared = (
        f"area under the ROC curve {tuned['value']:.3f} against {simple['value']:.3f}, a difference of "
        f"{difference['value']:+.3f} (95 % interval {difference['low']:+.3f} to {difference['high']:+.3f})"
    )
    if difference["low"] > 0:
        return f"On the validation examples the tuned model is better than a logistic regression: {compared}."
    if difference["high"] < 0:
        return (
            f"On the validation examples the tuned model is worse than a logistic regression: {compared}. "
            "Use the simple method, or a trained or larger language model."
        )
    return (
        "The validation examples do not show that the tuned model is better than a logistic regression on the "
        f"residues alone: {compared}."
    )


def _find(rows: Sequence[Mapping[str, Any]], method: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if row["method"] == method and row["metric"] == JUDGED_BY), None)
