"""Compare predictions with the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import Examples, Indices
from plmkit.data.splits import groups_of
from plmkit.data.task import Task
from plmkit.learning.metrics import Estimate, difference, estimates, estimates_by_label, prevalence_by_label

Floats = NDArray[np.floating]

TUNED = "fine-tuned model"
HEADLINES = {"classification": "macro_f1", "multilabel": "average_precision", "regression": "spearman"}


@dataclass(frozen=True)
class Part:
    """Examples to judge by: their name, truth (P, K), and group (P,) of each place; places without a label left out.

    kept: which places of the examples these are.
    """

    name: str
    truth: Floats
    groups: Indices
    kept: NDArray[np.bool_]
    examples: int

    @property
    def number_of_groups(self) -> int:
        """How many groups of related examples there are."""
        return len(np.unique(self.groups))


@dataclass(frozen=True)
class Judged:
    """How good one method is on one part."""

    method: str
    part: str
    examples: int
    found: Mapping[str, Estimate]


def part_of(examples: Examples, name: str, chosen: Indices) -> Part:
    """Return some examples as a part to judge by."""
    truth = examples.truth_of(chosen)
    groups = np.repeat(np.array(groups_of(examples))[chosen], examples.sizes[chosen])
    kept: NDArray[np.bool_] = np.logical_not(np.isnan(truth).all(axis=1))
    return Part(name, truth[kept], groups[kept], kept, len(chosen))


def headline(task: Task) -> str:
    """Return the metric by which methods are compared."""
    return "auroc" if task.is_binary else HEADLINES[task.kind]


def judge(task: Task, part: Part, method: str, predicted: Floats, positive: int) -> Judged:
    """Return all metrics of predictions (P, C) for the places of a part."""
    found = estimates(task.kind, part.truth, predicted[part.kept], part.groups, positive)
    return Judged(method, part.name, part.examples, found)


def judge_labels(task: Task, part: Part, method: str, predicted: Floats) -> list[Judged]:
    """Return the metrics of each label alone, where there are several, and of classes and labels their prevalence."""
    by_label = estimates_by_label(task.labels, task.kind, part.truth, predicted[part.kept], part.groups)
    if by_label and task.kind != "regression":
        shares = prevalence_by_label(task.labels, task.kind, part.truth, part.groups)
        by_label = {label: found | {"prevalence": shares[label]} for label, found in by_label.items()}
    return [
        Judged(method, part.name, part.examples, {f"{metric} of {label}": found for metric, found in of_label.items()})
        for label, of_label in by_label.items()
    ]


def compare(
    task: Task, part: Part, names: tuple[str, str], one: Floats, other: Floats, positive: int, comparisons: int = 1
) -> Judged:
    """Return how much better one method is than another by the headline metric, both judged on the same draws.

    comparisons: how many of these are looked at together; see `difference`.
    """
    metric = headline(task)
    found = difference(
        metric,
        task.kind,
        part.truth,
        one[part.kept],
        other[part.kept],
        part.groups,
        positive,
        comparisons=comparisons,
    )
    return Judged(f"{names[0]} minus {names[1]}", part.name, part.examples, {metric: found})
