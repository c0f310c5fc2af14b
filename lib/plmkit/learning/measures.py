"""The metrics of each kind of task, prepared once on the data and then computed for any weights.

Weights say how often each place counts: once each, or as often as a draw of the bootstrap holds it. The docstring of
metrics.py says what truth (P, K), predictions (P, C) and the metrics are. Axis of weightings: B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Kind
from plmkit.learning import confusion
from plmkit.learning.confusion import ClassAnswers, LabelAnswers
from plmkit.learning.correlation import Quantities
from plmkit.learning.ranking import Rankings
from plmkit.learning.undefined import mean_of_defined, mean_where

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating]
# from weights (B, P) to named metrics
Measure = Callable[[Floats], dict[str, Floats]]
Prepare = Callable[[Numbers, Numbers, int], Measure]

ERRORS = ("rmse", "mae")


def prepare(names: Iterable[str], kind: Kind, truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    """Return a measure of at least these metrics, (B,) each."""
    families = [family for family, members in FAMILIES[kind].items() if set(members) & set(names)]
    measures = [family(truth, predicted, positive) for family in families]

    def measure(weights: Floats) -> dict[str, Floats]:
        return {name: values for each in measures for name, values in each(weights).items()}

    return measure


def _class_answers(truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    answers = ClassAnswers(truth[:, 0].astype(np.int64), predicted.argmax(axis=1), predicted.shape[1])

    def measure(weights: Floats) -> dict[str, Floats]:
        counts = answers.counts(weights)
        return {
            "accuracy": confusion.accuracy(counts),
            "mcc": confusion.matthews_correlation(counts),
            "macro_f1": mean_of_defined(confusion.f1(counts)),
        }

    return measure


def _class_areas(truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    classes = predicted.shape[1]
    # of two classes the first column is that of the ROC curve, the last that of the positive class; often the same
    columns = list(dict.fromkeys([1, positive] if classes == 2 else range(classes)))
    rankings = Rankings(_one_column_each(truth, classes)[:, columns], predicted[:, columns])

    def measure(weights: Floats) -> dict[str, Floats]:
        auroc, precision = rankings.areas(weights)
        if classes == 2:
            return {"auroc": auroc[:, 0], "average_precision": precision[:, -1]}
        return {"auroc": auroc.mean(axis=1), "average_precision": precision.mean(axis=1)}

    return measure


def _label_answers(truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    answers = LabelAnswers(truth, predicted)

    def measure(weights: Floats) -> dict[str, Floats]:
        counts = answers.counts(weights)
        return {
            "macro_f1": mean_where(confusion.f1(counts), counts.true > 0),
            "micro_f1": confusion.micro_f1(counts),
        }

    return measure


def _label_areas(truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    rankings = Rankings(truth, predicted)

    def measure(weights: Floats) -> dict[str, Floats]:
        auroc, precision = rankings.areas(weights)
        return {"auroc": mean_of_defined(auroc), "average_precision": mean_of_defined(precision)}

    return measure


def _agreement(truth: Numbers, predicted: Numbers, positive: int) -> Measure:
    quantities = Quantities(truth, predicted)

    def measure(weights: Floats) -> dict[str, Floats]:
        found = quantities.agreement(weights)
        # the truth decides what counts: constant predictions of a quantity must not leave it out of the mean
        varies, known = ~np.isnan(found["r2"]), ~np.isnan(found["mae"])
        return {name: mean_where(found[name], known if name in ERRORS else varies) for name in found}

    return measure


def prepare_by_label(kind: Kind, truth: Numbers, predicted: Numbers) -> Measure:
    """Return a measure of the metrics of each label alone, (B, labels) each."""
    if kind == "regression":
        return Quantities(truth, predicted).agreement
    classes = predicted.shape[1]
    is_true = truth if kind == "multilabel" else _one_column_each(truth, classes)
    answered = predicted if kind == "multilabel" else np.eye(classes)[predicted.argmax(axis=1)]
    rankings, answers = Rankings(is_true, predicted), LabelAnswers(is_true, answered)

    def measure(weights: Floats) -> dict[str, Floats]:
        auroc, precision = rankings.areas(weights)
        return {"auroc": auroc, "average_precision": precision, "f1": confusion.f1(answers.counts(weights))}

    return measure


def _one_column_each(truth: Numbers, classes: int) -> Floats:
    return np.equal(truth, np.arange(classes)).astype(np.float64)


# metrics that are computed together, by the function that prepares them
FAMILIES: Mapping[Kind, Mapping[Prepare, tuple[str, ...]]] = {
    "classification": {_class_answers: ("accuracy", "mcc", "macro_f1"), _class_areas: ("auroc", "average_precision")},
    "multilabel": {_label_answers: ("macro_f1", "micro_f1"), _label_areas: ("auroc", "average_precision")},
    "regression": {_agreement: ("spearman", "pearson", "r2", "rmse", "mae")},
}
