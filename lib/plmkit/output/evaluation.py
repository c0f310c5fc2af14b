"""Write what plm evaluate found: tables of metrics, of differences and of what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmkit.data.judged_matching import LeftOut
from plmkit.learning.evaluation import Evaluation, Judgement
from plmkit.learning.metrics import Estimate
from plmkit.learning.paired import Compared
from plmkit.output.metrics_table import metric_rows
from plmkit.output.tables import Cell, write_table

Row = dict[str, Any]

GUESSING = "guessing"
COMPARISON_HEADER = (
    "examples", "metric", "first", "second", "difference", "low", "high", "test", "p", "p_corrected",
)  # fmt: skip
LEFT_OUT_HEADER = ("id", "position", "input", "reason")


def rows_of(evaluation: Evaluation, names: Sequence[str]) -> list[Row]:
    """Return one row for each metric: of all examples, guessing, the differences, each label, each subset."""
    whole = evaluation.whole
    rows = _of_judgement(whole, names, whole.name)
    guessed = {name: Estimate(value, float("nan"), float("nan")) for name, value in evaluation.guessing.items()}
    rows += metric_rows(GUESSING, whole.name, whole.places, guessed)
    for name, by_label in zip(names, evaluation.labels, strict=True):
        for label, found in by_label.items():
            of_label = {f"{metric} of {label}": estimate for metric, estimate in found.items()}
            rows += metric_rows(name, whole.name, whole.places, of_label)
    for division, subsets in evaluation.subsets.items():
        for subset in subsets:
            rows += _of_judgement(subset, names, f"{division}: {subset.name}")
    return rows


def _of_judgement(judgement: Judgement, names: Sequence[str], examples: str) -> list[Row]:
    rows = []
    for name, found in zip(names, judgement.found, strict=True):
        rows += metric_rows(name, examples, judgement.places, found)
    if judgement.compared:
        differences = {metric: found.difference for metric, found in judgement.compared.items()}
        rows += metric_rows(f"{names[0]} minus {names[1]}", examples, judgement.places, differences)
    return rows


def write_comparison(path: Path, evaluation: Evaluation) -> None:
    """Write how two methods differ on all examples and on each subset, with the tests that were made."""
    rows = [_comparison_row(evaluation.whole, "all", *item) for item in evaluation.whole.compared.items()]
    for division, subsets in evaluation.subsets.items():
        for subset in subsets:
            rows += [_comparison_row(subset, f"{division}: {subset.name}", *item) for item in subset.compared.items()]
    write_table(path, COMPARISON_HEADER, rows)


def _comparison_row(judgement: Judgement, examples: str, metric: str, found: Compared) -> list[Cell]:
    test = judgement.tests.get(metric)
    difference = found.difference
    tested: list[Cell] = [None, None, None] if test is None else [test.name, test.p, test.corrected]
    numbers = [found.one.value, found.other.value, difference.value, difference.low, difference.high]
    return [f"{examples} ({judgement.places})", metric, *numbers, *tested]


def write_left_out(path: Path, left_out: Sequence[LeftOut]) -> None:
    """Write which examples could not be judged, and why."""
    rows = ([each.key[0], each.key[1] or None, each.where, each.why] for each in left_out)
    write_table(path, LEFT_OUT_HEADER, rows)


def counts_of(evaluation: Evaluation, rows: Sequence[int], left_out: int) -> Mapping[str, Any]:
    """Return the numbers of examples of all kinds, for the run record. rows: of each table of predictions."""
    subsets = [subset for each in evaluation.subsets.values() for subset in each]
    return {
        "examples": evaluation.whole.places,
        "groups": evaluation.whole.groups,
        "left_out": left_out,
        "predictions": list(rows),
        "subsets": len(subsets),
        "subsets_too_small": sum(bool(subset.too_few) for subset in subsets),
        "subsets_that_lose_classes": sum(bool(subset.without_interval) for subset in subsets),
        "headline": evaluation.headline,
        "tests": {name: [test.name, round(test.p, 6), round(test.corrected, 6)] for name, test in _defined(evaluation)},
    }


def _defined(evaluation: Evaluation) -> list[tuple[str, Any]]:
    return [(name, test) for name, test in evaluation.whole.tests.items() if test.p == test.p]
