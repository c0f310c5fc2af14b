"""The report of an explanation: one HTML file which reads well without JavaScript or style sheets."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.data.task import Task
from plmkit.learning.explanation import ALIKE, Explanation, mean_agreement, support_of
from plmkit.output.explanation_effect import change_name, effect
from plmkit.output.explanation_verdict import basis, warnings_of
from plmkit.output.methods_of_models import explanation_paragraph
from plmkit.output.templates import render

_TOP = 5
_SHOWN_WIDTH = 800


def write_explanation_report(
    path: Path, record: Mapping[str, Any], task: Task, explanations: Sequence[Explanation], figure: Path
) -> None:
    """Write the report; a rendering of the run record and the explanations, with their figure (PNG)."""
    text = render(
        "explanation.html",
        record=record,
        settings=record["config"],
        verdict=record["counts"]["verdict"],
        methods=explanation_paragraph(record),
        sentences=[basis(task, each) for each in explanations],
        is_sane=(mean_agreement(list(explanations)) or 0.0) <= ALIKE,
        rows=[(row_of(task, each), effect(task, each)) for each in explanations],
        limit=ALIKE,
        is_drawn=any(each.checked < len(each.importance) for each in explanations),
        picture=base64.b64encode(figure.read_bytes()).decode(),
        width=_SHOWN_WIDTH,
        is_regression=task.kind == "regression",
    )
    path.write_text(text, encoding="utf-8")


def explanation_notes(task: Task, explanations: Sequence[Explanation]) -> list[str]:
    """Return what must be known before an explanation is believed."""
    return warnings_of(task, explanations)


def row_of(task: Task, explanation: Explanation) -> dict[str, Any]:
    """Return what the run record keeps of one explanation."""
    strongest, raising = explanation.strongest, explanation.raising
    return {
        "protein": explanation.wanted.name,
        "label": task.labels[explanation.label],
        "is_predicted": explanation.is_predicted,
        "position": explanation.position,
        "value": _rounded(explanation.value),
        "score": _rounded(explanation.score),
        "reach": _rounded(explanation.reach),
        "agreement": _rounded(explanation.agreement),
        "agreement_of_sizes": _rounded(explanation.agreement_of_sizes),
        "agreement_of_signs": _rounded(explanation.agreement_of_signs),
        "differences": [_rounded(each) for each in explanation.differences],
        "residual": _rounded(explanation.residual),
        "steps": explanation.steps,
        "checked": explanation.checked,
        "most_important": _top(explanation),
        "strongest": None if strongest is None else change_name(explanation, strongest),
        "after_strongest": None if strongest is None else _rounded(strongest.value),
        "most_raising": None if raising is None else change_name(explanation, raising),
        "after_most_raising": None if raising is None else _rounded(raising.value),
        "spread": _rounded(explanation.spread),
        "matter": support_of(explanation).count,
        "residues": len(explanation.importance),
    }


def _top(explanation: Explanation) -> list[str]:
    """Name the residues that speak most for the label, the first of them most."""
    found = [
        (float(chain.importance[place]), f"{chain.sequence[place]}{number}" + (f" ({index})" * several))
        for index, chain in enumerate(explanation.chains, start=1)
        for place, number in chain.rows()
        if chain.importance[place] > 0
        for several in [len(explanation.chains) > 1]
    ]
    return [name for _, name in sorted(found, key=lambda item: -item[0])[:_TOP]]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6) + 0.0
