"""The report of plm evaluate: one HTML file which reads well without JavaScript or style sheets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.learning.evaluation import Evaluation
from plmkit.learning.metrics import HIGHER_IS_BETTER
from plmkit.output import evaluation_wording as words
from plmkit.output.judgement_panels import LONGEST_NAME
from plmkit.output.metric_names import readable
from plmkit.output.templates import render

_WIDEST_IMAGE = 800  # as wide as the text
_SHRUNK = 1.5  # figures are drawn for paper, at more dots an inch than a screen has
_MOST_LABELS_SHOWN = 40
_UNITS_OF_KIND = {"classification": "Class", "multilabel": "Label", "regression": "Quantity"}


def write_evaluation_report(
    path: Path,
    record: Mapping[str, Any],
    evaluation: Evaluation,
    names: Sequence[str],
    kind: str,
    labels: Mapping[str, int],
    verdict: str,
    methods: str,
    figures: Mapping[str, Path],
) -> None:
    """Write the report. labels: how many places each label has; figures: PNG files by caption."""
    metrics = list(dict.fromkeys(name for found in evaluation.whole.found for name in found))
    shown = sorted(labels, key=lambda label: -labels[label])[:_MOST_LABELS_SHOWN]
    text = render(
        "evaluation.html",
        record=record,
        evaluation=evaluation,
        names=names,
        metrics=metrics,
        metrics_of_labels=list(dict.fromkeys(name for by in evaluation.labels for of in by.values() for name in of)),
        labels={label: labels[label] for label in shown},
        labels_left_out=len(labels) - len(shown),
        what=_UNITS_OF_KIND[kind],
        lower=[readable(name) for name in metrics if not HIGHER_IS_BETTER.get(name, True)],
        verdict=verdict,
        methods=methods,
        figures={caption: _image(figure) for caption, figure in figures.items()},
        readable=readable,
        interval=words.interval,
        difference=_difference,
        withheld=words.withheld,
        p_text=words.p_text,
        longest=LONGEST_NAME,
    )
    path.write_text(text, encoding="utf-8")


def _difference(found: Any) -> str:
    if found.value != found.value:
        return "not defined"
    value, low, high = (round(number, 3) + 0.0 for number in (found.value, found.low, found.high))
    return f"{value:+.3f}" if low != low else f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


def _image(path: Path) -> dict[str, Any]:
    """Return a PNG as text, and how many pixels wide to show it; its width stands in bytes 16 to 19."""
    content = path.read_bytes()
    width = int.from_bytes(content[16:20])
    return {"text": base64.b64encode(content).decode(), "width": min(_WIDEST_IMAGE, round(width / _SHRUNK))}
