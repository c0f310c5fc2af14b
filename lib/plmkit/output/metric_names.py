"""Metrics as people call them."""

from __future__ import annotations

NAMES = {
    "accuracy": "accuracy",
    "mcc": "Matthews correlation (MCC)",
    "macro_f1": "F1, mean over labels",
    "micro_f1": "F1, all labels together",
    "auroc": "area under the ROC curve",
    "average_precision": "average precision",
    "f1": "F1",
    "prevalence": "share of the label",
    "spearman": "Spearman correlation",
    "pearson": "Pearson correlation",
    "r2": "explained variance (R²)",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "loss": "validation loss",
    "neighbours_agree": "share of neighbours with the same value",
    "neighbours_agree_by_chance": "the same of proteins drawn by lot",
}


def readable(metric: str) -> str:
    """Return the name of a metric as people say it."""
    name, of, label = metric.partition(" of ")
    return NAMES.get(name, name) + of + label
