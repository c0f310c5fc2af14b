"""Run records of fine-tuning, made by hand: what report, verdict and model card are written from."""

from collections.abc import Sequence
from typing import Any

from plmkit.learning.metrics import METRICS

SIMPLE = {
    "classification": "logistic regression",
    "multilabel": "logistic regression",
    "regression": "ridge regression",
}
HEADLINES = {"classification": "macro_f1", "multilabel": "average_precision", "regression": "spearman"}
ADAPTER = {"method": "lora", "rank": 8, "alpha": 16, "dropout": 0.05, "layers": None}


def row(
    method: str, part: str, metric: str, value: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    """One row of the table of metrics; all parts have 20 examples."""
    return {"method": method, "examples": f"{part} (20)", "metric": metric, "value": value, "low": low, "high": high}


def made_record(
    unit: str = "protein",
    task: Any = "classification",
    method: str = "lora",
    names: Sequence[str] = ("a", "b", "c"),
    tests: Sequence[str] = (),
    **config: Any,
) -> dict[str, Any]:
    """A record of 100 training and 20 validation examples, and 20 for each test set; the tuned model is better."""
    parts = {"training": 100, "validation": 20} | dict.fromkeys(tests, 20)
    judged = [*tests, *(["cross-validation"] if config.get("folds") else []), "validation"]
    simple, headline = SIMPLE[task], HEADLINES[task]
    rows = []
    for part in reversed(judged):
        for name in METRICS[task]:
            rows += [row("fine-tuned model", part, name, 0.75, 0.65, 0.85), row(simple, part, name, 0.5, 0.4, 0.6)]
        rows.append(row(f"fine-tuned model minus {simple}", part, headline, 0.25, 0.125, 0.375))
    settings = {
        "epochs": 20,
        "patience": 5,
        "batch_size": 16,
        "loss": "auto",
        "class_weights": "none",
        "negatives": None,
        "seeds": 1,
        "folds": 0,
        "validation_share": 0.2,
    }
    return {
        "schema_version": 1,
        "plmkit": "9.9",
        "command": "finetune",
        "config": settings | config,
        "model": {
            "name": "big",
            "family": "esm2",
            "sha256": "0123456789abcdef",
            "citation": "10.1/esm",
            "licence": "MIT",
            "revision": None,
        },
        "inputs": [{"role": "examples", "sha256": "beef", "records": 120}],
        "device": "cpu",
        "libraries": {"torch": "1", "transformers": "2", "peft": "3"},
        "metrics": rows,
        "notes": [],
        "thresholds": [],
        "verdict": {"sentence": "LoRA beats everything.", "part": judged[0], "finding": "better"},
        "counts": {
            "examples": sum(parts.values()),
            "unit": unit,
            "window_length": 21 if unit == "window" else None,
            "task": task,
            "parts": parts,
            "places": {part: 7 * number for part, number in parts.items()},
            "groups": {part: number // 2 for part, number in parts.items()}
            | ({"cross-validation": 60} if config.get("folds") else {}),
            "labels": [{"name": name} | {part: 5 for part in parts} for name in names],
            "shares": [],
            "left_out": 0,
            "positive_label": names[1] if task == "classification" and len(names) == 2 else None,
            "split": {
                "method": "by group",
                "test": "as given" if tests else "none",
                "grouped_by": "same sequence",
                "groups": 60,
            },
            "shown": judged[0] if tests else "validation",
            "headline": headline,
            "simple": simple,
            "rivals": ["constant", "linear", "homologue", "frozen"],
            "border": {},
            "select_by": headline,
            "method": method,
            "adapter": None if method in ("head", "full") else ADAPTER | {"method": method},
            "pooling": "residues" if unit == "residue" else "mean",
            "learning_rate": 0.0003,
            "head_learning_rate": 0.001,
            "precision": "float32",
            "runs": [{"name": "seed 1", "epochs": 9, "best_epoch": 4}],
            "kept": "seed 1",
            "epochs": 9,
            "best_epoch": 4,
            "learned_weights": 1000,
            "model_weights": 8000000,
        },
    }
