"""From which probability on a candidate residue is called modified: a number, or a rule that tuned models keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plmkit.errors import UserError
from plmkit.learning.prevalence import at_prevalence
from plmkit.learning.thresholds import RULES
from plmkit.learning.trust import Trust

USUAL_RULE, USUAL_NUMBER = "mcc", 0.5


@dataclass(frozen=True)
class Question:
    """Which modification, what its models (one or several of one task) know of themselves, and how it is moved.

    shares: the shares of (not modified, modified) that probabilities stand for, and those wanted; None: not moved.
    """

    modification: str
    trusts: tuple[Trust, ...]
    shares: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True)
class Call:
    """The threshold of each modification, in their order; rule: None for a number."""

    thresholds: tuple[float, ...]
    rule: str | None
    notes: tuple[str, ...]


def choose_thresholds(asked: str | None, questions: Sequence[Question]) -> Call:
    """Return the thresholds; asked: a number, a rule, or None: by MCC if every model keeps it, else one half.

    Of several models of one task a threshold is the mean of theirs. Raises UserError for a rule that a model lacks, and
    for a rule of precision at another prevalence, for which it was not made.
    """
    if asked is not None and asked not in RULES:
        return Call((float(asked),) * len(questions), None, ())
    rule = asked or USUAL_RULE
    lacking = [question.modification for question in questions if not _keep(question, rule)]
    if lacking and asked is None:
        return Call(
            (USUAL_NUMBER,) * len(questions),
            None,
            (
                f"threshold: {USUAL_NUMBER}, as the tuned model of {lacking[0]!r} keeps none by the rule {rule}; where "
                "modified sites are rare another one may serve better: rank the sites, or give --threshold",
            ),
        )
    if lacking:
        raise UserError(
            f"--threshold {rule}: the tuned model of {lacking[0]!r} keeps no such threshold (older models keep none, "
            "and a rule can be out of reach); give a number, or another rule"
        )
    moved = [question.modification for question in questions if question.shares is not None]
    if moved and rule.startswith("precision"):
        raise UserError(
            f"--threshold {rule}: it holds for the prevalence of the tuning alone; with --prevalence take mcc, a rule "
            "of the false-positive rate (fpr_1, fpr_5, fpr_10) or a number"
        )
    values = tuple(_threshold(question, rule) for question in questions)
    told = ", ".join(f"{q.modification} {value:.3f}" for q, value in zip(questions, values, strict=True))
    notes = [f"threshold: by the rule {rule} on the validation examples: {told}"]
    if moved and rule == USUAL_RULE:
        notes.append("threshold: the one of the highest MCC at the prevalence of the tuning, moved to the one given")
    return Call(values, rule, tuple(notes))


def _keep(question: Question, rule: str) -> bool:
    return all(
        trust.thresholds is not None and rule in trust.thresholds.get(question.modification, {})
        for trust in question.trusts
    )


def _threshold(question: Question, rule: str) -> float:
    found = [trust.thresholds[question.modification][rule].value for trust in question.trusts if trust.thresholds]
    value = float(np.mean(found))
    if question.shares is None:
        return value
    return float(at_prevalence(np.array([[1 - value, value]]), *question.shares)[0, 1])
