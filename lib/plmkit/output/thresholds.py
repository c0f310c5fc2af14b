"""The thresholds of a tuned model, with what each gave on the parts that were put aside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import Examples
from plmkit.data.splits import Split
from plmkit.learning.answers import Answers, answers_at, truth_of_labels
from plmkit.learning.thresholds import RULES, Thresholds

Floats = NDArray[np.floating]

CELLS = ("found (sensitivity)", "wrongly called (false-positive rate)", "right among called (precision)", "MCC")
_MOST_LABELS_SHOWN = 10
_BOUNDS = {"fpr": "false-positive rate of at most {percent} %", "precision": "precision of at least {percent} %"}


def threshold_rows(
    thresholds: Thresholds | None, positive: int, predicted: Mapping[str, Floats], examples: Examples, split: Split
) -> list[dict[str, Any]]:
    """Return a row for each rule of each label that has thresholds, and for answers by probability 0.5 (rule "half").

    predicted: (P, C) calibrated probabilities of all places, by part. Of a row, `threshold` is None where the rule is
    out of reach, and `parts` says what it gives on validation and each test set, unchanged.
    """
    parts = {"validation": split.validation, **split.tests}
    known = {
        part: truth_of_labels(examples.task, positive, examples.truth_of(chosen), predicted[part])
        for part, chosen in parts.items()
    }
    rows: list[dict[str, Any]] = []
    for label, found in (thresholds or {}).items():
        values: dict[str, float | None] = {"half": 0.5}
        values |= {rule: found[rule].value if rule in found else None for rule in RULES}
        for rule, value in values.items():
            given = {} if value is None else {part: _given(answers_at(*of[label], value)) for part, of in known.items()}
            rows.append({"label": label, "rule": rule, "threshold": value, "parts": given})
    return rows


def rule_in_words(rule: str) -> str:
    """Return what a rule asks for, as people say it."""
    kind, _, percent = rule.partition("_")
    return {"mcc": "highest MCC", "half": "probability of one half"}.get(rule) or _BOUNDS[kind].format(percent=percent)


def shown_rows(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the rows that a report has room for: those of the first labels."""
    labels = list(dict.fromkeys(row["label"] for row in rows))[:_MOST_LABELS_SHOWN]
    return [row for row in rows if row["label"] in labels]


def in_words(given: Mapping[str, Any]) -> list[str]:
    """Return what a threshold gives on one part, as cells: found, wrongly called, right among those called, MCC."""
    called = given["true_positives"] + given["false_positives"]
    return [
        _of(given["true_positives"], given["positives"]),
        _of(given["false_positives"], given["negatives"]),
        _of(given["true_positives"], called),
        f"{given['mcc']:.2f}",
    ]


def _of(count: int, among: int) -> str:
    return f"{100 * count / among:.1f} % ({count:,} of {among:,})" if among else "none"


def _given(answers: Answers) -> dict[str, float | int | None]:
    """Return counts and measures; None where one is not defined."""
    measures = {
        "sensitivity": answers.sensitivity,
        "false_positive_rate": answers.false_positive_rate,
        "precision": answers.precision,
        "mcc": answers.mcc,
    }
    return {
        "positives": answers.positives,
        "negatives": answers.negatives,
        "true_positives": int(answers.true),
        "false_positives": int(answers.false),
    } | {name: None if math.isnan(value) else round(float(value), 6) for name, value in measures.items()}
