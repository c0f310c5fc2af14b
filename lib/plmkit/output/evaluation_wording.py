"""Say in sentences what plm evaluate found and how."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from plmkit.data.judged import Judgeable
from plmkit.learning import lost_classes, metrics, paired
from plmkit.learning.evaluation import ALL, Evaluation, Judgement
from plmkit.learning.metrics import HIGHER_IS_BETTER, Estimate
from plmkit.learning.paired import Compared
from plmkit.output.metric_names import readable
from plmkit.output.telling import Record, Telling

LEVEL = 0.05
LOST = "too few examples of some classes, which random draws lose"
_UNITS = {
    "residue": ("residue", "residues"),
    "window": ("window", "windows"),
    "pair": ("pair", "pairs"),
    "protein": ("example", "examples"),
}
_PLURALS = {"protein": "proteins"}


def verdict(evaluation: Evaluation, names: Sequence[str], examples: Judgeable) -> str:
    """Say in one or two sentences how good the method is, or which of two is better."""
    size = sizes(evaluation.whole, examples)
    if len(names) == 1:
        return _of_one(evaluation, size)
    found = evaluation.whole.compared.get(evaluation.headline)
    if evaluation.whole.too_few:
        return f"On {size} the two methods cannot be compared: {evaluation.whole.too_few}."
    if found is None or math.isnan(found.difference.value):
        return f"On {size} the two methods cannot be compared: they have no metric in common that is defined."
    return _of_two(evaluation, names, found, size)


def sizes(judgement: Judgement, examples: Judgeable) -> str:
    """Say how many examples there are, and of how many groups."""
    one, many = _UNITS[examples.unit]
    text = f"{judgement.places:,} {one if judgement.places == 1 else many}"
    if not examples.grouped_by or judgement.groups == judgement.places:
        return text
    if examples.grouped_by == "protein":
        return f"{text} of {judgement.groups:,} protein{'' if judgement.groups == 1 else 's'}"
    return f"{text} in {judgement.groups:,} group{'' if judgement.groups == 1 else 's'} of one {examples.grouped_by}"


def _of_one(evaluation: Evaluation, size: str) -> str:
    metric = evaluation.headline
    found, guessed = evaluation.whole.found[0][metric], evaluation.guessing[metric]
    if math.isnan(found.value):
        return f"On {size} the {readable(metric)} is not defined: two different true labels are needed."
    text = f"On {size}: {readable(metric)} {interval(found)}"
    if math.isnan(guessed):
        guessed = 0.0  # a constant has no correlation with anything
    by_guessing = f"guessing reaches {guessed:.2f}"
    if math.isnan(found.low):
        why = LOST if metric in evaluation.whole.without_interval else evaluation.whole.too_few or "too few examples"
        return f"{text}; {by_guessing}. There is no interval: {why}."
    if found.low > guessed:
        return f"{text}; {by_guessing}, so the predictions are better than guessing."
    if found.high < guessed:
        turned = " A low score seems to stand for what a high one should: look at the sign." if guessed == 0.5 else ""
        return f"{text}; {by_guessing}, so the predictions are worse than guessing.{turned}"
    return f"{text}; {by_guessing}, and it cannot be shown that the predictions are better."


def _of_two(evaluation: Evaluation, names: Sequence[str], found: Compared, size: str) -> str:
    metric = evaluation.headline
    difference, test = found.difference, evaluation.whole.tests[metric]
    first, second, one, other = *names, found.one.value, found.other.value
    is_shown = (difference.low > 0 or difference.high < 0) and test.corrected < LEVEL
    if is_shown and (difference.value > 0) != HIGHER_IS_BETTER[metric]:  # the better one is named first
        first, second, one, other = second, first, other, one
        difference = Estimate(-difference.value, -difference.high, -difference.low)
    values = f"{readable(metric)} {one:.3f} against {other:.3f}"
    if metric in evaluation.whole.without_interval:
        return f"The two methods cannot be compared on {size}: {values}, but there are {LOST}."
    if math.isnan(difference.low) or math.isnan(test.p):
        return f"There are too few examples to compare the two: {values} on {size}."
    of_difference = (
        f"a difference of {difference.value:+.3f} (95 % interval {difference.low:+.3f} to {difference.high:+.3f}), "
        f"{p_text(test.corrected)}"
    )
    if is_shown:
        return f"{_first_upper(first)} is better than {second}: {values}, {of_difference}, on {size}."
    visible = (difference.high - difference.low) / 2
    least = f"with {size} nothing smaller than about {visible:.2g} can be seen"
    if visible == 0:
        least = "both say the same of every example"
    return f"No difference can be shown between {names[0]} and {names[1]}: {values}, {of_difference}; {least}."


def _first_upper(name: str) -> str:
    return name if name != "predictions" and name != "second predictions" else f"The table “{name}”"


def p_text(p: float) -> str:
    """Write a p value with the digits that it bears."""
    if math.isnan(p):
        return "p is not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.0995 else f"p = {p:.2f}"


def interval(found: Estimate) -> str:
    """Return a value with its interval in brackets."""
    if math.isnan(found.value):
        return "not defined"
    # 0.0 is added because -0 is printed otherwise than 0
    value, low, high = (round(number, 2) + 0.0 for number in (found.value, found.low, found.high))
    return f"{value:.2f}" if math.isnan(low) else f"{value:.2f} ({low:.2f} to {high:.2f})"


def withheld(judgements: Iterable[Judgement]) -> str:
    """Say of which metrics intervals are left out because draws lose classes; "" of none."""
    metrics_of = {judgement.name: judgement.without_interval for judgement in judgements if judgement.without_interval}
    if not metrics_of:
        return ""
    metrics_named = ", ".join(readable(name) for name in sorted(set().union(*metrics_of.values())))
    where = "" if list(metrics_of) == [ALL] else f" ({', '.join(metrics_of)})"
    return f"No interval of {metrics_named}{where}: there are {LOST}."


def told_of_methods(evaluation: Evaluation, examples: Judgeable) -> dict[str, Any]:
    """Return what the run record needs to know for the paragraph on methods."""
    judgements = (evaluation.whole, *chain(*evaluation.subsets.values()))
    return {
        "size": sizes(evaluation.whole, examples),
        "grouped_by": examples.grouped_by,
        "methods": len(evaluation.whole.found),
        "loses_classes": any(each.without_interval for each in judgements),
        "permutations": paired.permutations(evaluation.whole.places),
    }


def methods_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return what was done in the terms of the field, with the sources to cite; telling: what was said before it."""
    counts = record["counts"]
    drawn = f" of groups (one {counts['grouped_by']} each)" if counts["grouped_by"] else " of examples"
    text = (
        f"Predictions were compared with the truth by {(telling or Telling()).software(record)} on {counts['size']}. "
        f"Intervals are 95 % percentile intervals of {metrics.RESAMPLES:,} bootstrap draws{drawn} "
        "(doi:10.1017/CBO9780511802843)."
    )
    if counts["loses_classes"]:
        text += (
            " An interval is left out where draws that lose a class would move a bound by more than "
            f"{lost_classes.LEEWAY:g}."
        )
    if counts["methods"] > 1:
        text += " Both methods were judged on the same examples and the same draws." + _tests(counts)
    if any(entry["role"] == "learned-from" for entry in record["inputs"]):
        text += (
            " The identity to the nearest training sequence is that of the best local alignment over at least half of "
            "the sequence, found by MMseqs2 (doi:10.1038/nbt.3988)."
        )
    return text


def _tests(counts: Record) -> str:
    parts = []
    for metric, (name, _, _) in sorted(counts["tests"].items()):
        if name == paired.MCNEMAR:
            parts.append(f"the {readable(metric)} by an exact McNemar test (doi:10.1007/BF02295996)")
        else:
            by = counts["grouped_by"]
            each = f"all predictions of one {by} together" if by else "example by example"
            ranked = ", as ranks within each method" if metric in paired.RANKED else ""
            parts.append(
                f"the {readable(metric)} by a permutation test, which exchanged the methods' predictions{ranked}, "
                f"{each}, {counts['permutations']:,} times (doi:10.1002/sim.2149)"
            )
    if not parts:
        return ""
    holm = f"; p values were corrected for {len(parts)} tests after Holm" if len(parts) > 1 else ""
    return f" Tested was {' and '.join(parts)}{holm}."
