"""Judge one or two methods on all examples, class by class and subset by subset, and test them against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from plmkit.data.judged_words import Method, Numbers
from plmkit.data.task import Task
from plmkit.learning import paired
from plmkit.learning.judging import headline as usual_headline
from plmkit.learning.lost_classes import carried_by_lost_classes
from plmkit.learning.metrics import METRICS, Estimate, estimates, estimates_by_label, value
from plmkit.learning.paired import Compared, PairedTest

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Found = Mapping[str, Estimate]

FEWEST = 10  # examples; fewer tell nothing
OF_ANSWERS = ("accuracy", "mcc", "macro_f1", "micro_f1", "f1")
OF_RANKS = ("auroc", "average_precision")
_NOT_DEFINED = Estimate(float("nan"), float("nan"), float("nan"))
_ALONE_HEADLINE = {"classification": "macro_f1", "multilabel": "macro_f1"}
ALL = "all"


@dataclass(frozen=True)
class Judgement:
    """How good the methods are on some examples, each in turn.

    places, groups: how many there are. too_few: why there are no numbers, or of all examples no intervals; "" where
    there are. without_interval: metrics whose interval would come from draws that lose a class. compared, tests: of two
    methods, by metric.
    """

    name: str
    places: int
    groups: int
    found: tuple[Found, ...]
    too_few: str = ""
    without_interval: frozenset[str] = frozenset()
    compared: Mapping[str, Compared] = field(default_factory=dict)
    tests: Mapping[str, PairedTest] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """What was found: on all examples, of each label, on each subset by division; and what guessing reaches.

    headline: the metric that methods are compared by.
    """

    headline: str
    whole: Judgement
    labels: tuple[Mapping[str, Found], ...]
    subsets: Mapping[str, Sequence[Judgement]]
    guessing: Mapping[str, float]


def metrics_of(task: Task, method: Method) -> tuple[str, ...]:
    """Return the metrics that the predictions of a method can be judged by."""
    every = METRICS[task.kind]
    if task.kind == "regression" or method.are_probabilities:
        return every
    if not method.has_ranks:
        return tuple(name for name in every if name in OF_ANSWERS)
    return tuple(name for name in every if name in OF_RANKS or (method.has_answers and name in OF_ANSWERS))


def headline_of(task: Task, names: Sequence[str]) -> str:
    """Return the metric that tells most: the usual one of the task, or of answers alone MCC or the mean F1."""
    usual = usual_headline(task)
    if usual in names:
        return usual
    if task.is_binary and "mcc" in names:
        return "mcc"
    return _ALONE_HEADLINE[task.kind] if _ALONE_HEADLINE[task.kind] in names else names[-1]


def evaluate(
    numbers: Numbers, groups: Integers, divisions: Mapping[str, Mapping[str, Integers]], seed: int
) -> Evaluation:
    """Judge every method. divisions: by name, the places of each subset."""
    common = _common_metrics(numbers)
    whole = _judged(ALL, numbers, groups, np.arange(len(groups)), seed, is_whole=True)
    labels = tuple(_labels(numbers, method, groups, seed) for method in numbers.methods)
    subsets = {
        division: [_judged(name, numbers, groups, places, seed) for name, places in values.items()]
        for division, values in divisions.items()
    }
    return Evaluation(headline_of(numbers.task, common), whole, labels, subsets, guessing(numbers))


def guessing(numbers: Numbers) -> dict[str, float]:
    """Return what a method reaches that always says the most frequent label, the labels' shares, or the mean."""
    task, truth = numbers.task, numbers.truth
    if task.kind == "classification":
        shares = np.bincount(truth[:, 0].astype(np.int64), minlength=len(task.labels)) / len(truth)
    else:
        known = ~np.isnan(truth)
        shares = np.where(known, truth, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    constant = np.tile(shares, (len(truth), 1))
    names = dict.fromkeys(name for method in numbers.methods for name in metrics_of(task, method))
    return {name: value(name, task.kind, truth, constant, numbers.positive) for name in names}


def _common_metrics(numbers: Numbers) -> list[str]:
    known = [metrics_of(numbers.task, method) for method in numbers.methods]
    return [name for name in known[0] if all(name in names for names in known)]


def _judged(
    name: str, numbers: Numbers, groups: Integers, places: Integers, seed: int, is_whole: bool = False
) -> Judgement:
    truth, of = numbers.truth[places], groups[places]
    count = len(np.unique(of))
    why = too_few(numbers.task, truth, of)
    if why and is_whole:
        found = tuple(_without_intervals(numbers, method) for method in numbers.methods)
        return Judgement(name, len(places), count, found, why)
    if why:
        empty = tuple(dict.fromkeys(metrics_of(numbers.task, method), _NOT_DEFINED) for method in numbers.methods)
        return Judgement(name, len(places), count, empty, why)
    lost = _lost(numbers, truth, of, places, seed)
    if len(numbers.methods) == 1 or not (common := _common_metrics(numbers)):
        found = tuple(_of_method(numbers, method, truth, of, places, seed) for method in numbers.methods)
        return Judgement(name, len(places), count, tuple(_bare(each, lost) for each in found), without_interval=lost)
    pair = (numbers.methods[0].values[places], numbers.methods[1].values[places])
    both = paired.compared(common, numbers.task.kind, truth, pair, of, numbers.positive, seed)
    tests = _tests(numbers, truth, pair, of, common, seed) if is_whole else {}
    shared = ({name: both[name].one for name in common}, {name: both[name].other for name in common})
    found = tuple(
        _completed(numbers, method, known, truth, of, places, seed)
        for method, known in zip(numbers.methods, shared, strict=True)
    )
    return Judgement(
        name,
        len(places),
        count,
        tuple(_bare(each, lost) for each in found),
        without_interval=lost,
        compared={metric: _without_bounds(each) if metric in lost else each for metric, each in both.items()},
        tests=tests,
    )


def _lost(numbers: Numbers, truth: Floats, groups: Integers, places: Integers, seed: int) -> frozenset[str]:
    """Return the metrics of any method whose interval would come from draws that lose a class."""
    found = (
        carried_by_lost_classes(numbers.task.kind, truth, method.values[places], groups, seed)
        & set(metrics_of(numbers.task, method))
        for method in numbers.methods
    )
    return frozenset().union(*found)


def _bare(found: Found, lost: frozenset[str]) -> Found:
    return {name: _without_bound(each) if name in lost else each for name, each in found.items()}


def _without_bound(found: Estimate) -> Estimate:
    return replace(found, low=float("nan"), high=float("nan"))


def _without_bounds(found: Compared) -> Compared:
    return Compared(*map(_without_bound, (found.one, found.other, found.difference)))


def _without_intervals(numbers: Numbers, method: Method) -> Found:
    """Return the metrics of all examples, where these are too few to say how far they hold for others."""
    names = metrics_of(numbers.task, method)
    found = {name: value(name, numbers.task.kind, numbers.truth, method.values, numbers.positive) for name in names}
    return {name: Estimate(number, float("nan"), float("nan")) for name, number in found.items()}


def _completed(
    numbers: Numbers, method: Method, known: Found, truth: Floats, groups: Integers, places: Integers, seed: int
) -> Found:
    """Return all metrics of a method; those that the methods have in common are known already."""
    names = metrics_of(numbers.task, method)
    if all(name in known for name in names):
        return {name: known[name] for name in names}
    return _of_method(numbers, method, truth, groups, places, seed)


def too_few(task: Task, truth: Floats, groups: Integers) -> str:
    """Return why examples (P, K) are too few to say anything of; "" where they are enough."""
    if len(truth) < FEWEST:
        return f"too few: {len(truth)} of at least {FEWEST}"
    if len(np.unique(groups)) == 1:
        return "too few: all are related"
    different = max(len(np.unique(column[~np.isnan(column)])) for column in truth.T)
    if different > 1:
        return ""
    return "all values are equal" if task.kind == "regression" else "one class only"


def _of_method(
    numbers: Numbers, method: Method, truth: Floats, groups: Integers, places: Integers, seed: int
) -> dict[str, Estimate]:
    found = estimates(numbers.task.kind, truth, method.values[places], groups, numbers.positive, seed)
    return {name: found[name] for name in metrics_of(numbers.task, method)}


def _labels(numbers: Numbers, method: Method, groups: Integers, seed: int) -> dict[str, Found]:
    task = numbers.task
    found = estimates_by_label(task.labels, task.kind, numbers.truth, method.values, groups, seed)
    rare = {label for label, count in zip(task.labels, occurrences(numbers).tolist(), strict=True) if count < FEWEST}
    found = {label: dict.fromkeys(of, _NOT_DEFINED) if label in rare else of for label, of in found.items()}
    if task.kind == "regression" or method.are_probabilities:
        return dict(found)
    kept = (*(OF_RANKS if method.has_ranks else ()), *(OF_ANSWERS if method.has_answers else ()))
    return {label: {name: of[name] for name in of if name in kept} for label, of in found.items()}


def occurrences(numbers: Numbers) -> Integers:
    """Return how many examples bear each class or label, or of how many each quantity is known, (C,)."""
    task, truth = numbers.task, numbers.truth
    if task.kind == "classification":
        return np.bincount(truth[:, 0].astype(np.int64), minlength=len(task.labels))
    counts: Integers = (~np.isnan(truth) if task.kind == "regression" else truth == 1).sum(axis=0)
    return counts


def _tests(
    numbers: Numbers, truth: Floats, pair: tuple[Floats, Floats], groups: Integers, common: Sequence[str], seed: int
) -> dict[str, PairedTest]:
    """Test the headline metric and the accuracy of classes; McNemar's test holds for independent examples alone."""
    kind, positive = numbers.task.kind, numbers.positive
    headline = headline_of(numbers.task, common)
    p_values: dict[str, tuple[str, float]] = {}
    for name in dict.fromkeys([headline, *(["accuracy"] if "accuracy" in common else [])]):
        if name == "accuracy" and len(np.unique(groups)) == len(groups):
            one, other = (values.argmax(axis=1) == truth[:, 0] for values in pair)
            p_values[name] = (paired.MCNEMAR, paired.mcnemar(one, other))
        else:
            p = paired.permutation_test(name, kind, truth, pair, groups, positive, seed)
            p_values[name] = (paired.PERMUTATION, p)
    corrected = paired.holm([p for _, p in p_values.values()])
    return {
        name: PairedTest(test, p, fixed) for (name, (test, p)), fixed in zip(p_values.items(), corrected, strict=True)
    }
