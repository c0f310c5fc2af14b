"""What the run record of plm finetune says of the data, the trainings and the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.relatives import borders
from plmkit.data.remarks import label_counts, label_shares
from plmkit.data.splits import Split, groups_of
from plmkit.learning.baselines import name_of_simple
from plmkit.learning.finetuning import Outcome
from plmkit.learning.judging import headline
from plmkit.learning.rivals import Rival
from plmkit.learning.trainer import Plan


def finetuning_counts(
    examples: Examples,
    split: Split,
    folds: Sequence[Split],
    outcome: Outcome,
    negative: str | None,
    plan: Plan,
    rivals: Sequence[Rival],
) -> dict[str, Any]:
    """Return what the run record says of the data, the trainings and the model."""
    task, shape = examples.task, outcome.model.shape
    parts = {"training": split.train, "validation": split.validation, **split.tests}
    crossed = {"cross-validation": np.concatenate([split.train, split.validation])} if folds else {}
    groups = np.array(groups_of(examples))
    reads_states = outcome.model.backbone.files.reads_states
    kept, left_out = outcome.runs[outcome.kept], len(split.left_out)
    return {
        "examples": len(examples),
        "unit": task.unit,
        "window_length": examples.window_length,
        "task": task.kind,
        "parts": {name: len(chosen) for name, chosen in parts.items()},
        "places": {name: int((~np.isnan(examples.truth_of(c)).all(axis=1)).sum()) for name, c in parts.items()},
        "groups": {name: len(np.unique(groups[chosen])) for name, chosen in (parts | crossed).items()},
        "labels": label_counts(examples, parts),
        "shares": label_shares(examples, parts | ({"training side": split.training_side} if left_out else {})),
        "left_out": left_out,
        "positive_label": task.labels[outcome.positive] if task.is_binary else None,
        "negative_label": negative,
        "split": {
            "method": "as given" if split.validation_is == "given" else "by group",
            "test": "as given" if split.tests else "none",
            "grouped_by": _grouped_by(examples),
            "groups": split.groups,
            "validation_groups": split.validation_groups,
            "seed": plan.training.seed,
        },
        "shown": outcome.shown.name,
        "headline": headline(task),
        "simple": name_of_simple(task),
        "rivals": [rival.role for rival in rivals],
        "border": borders(examples, split),
        "select_by": plan.training.select_by,
        "method": shape.method,
        "adapter": None if shape.adapter is None else asdict(shape.adapter),
        "pooling": shape.pooling,
        "learning_rate": plan.training.learning_rate,
        "head_learning_rate": plan.training.learning_rate * plan.training.head_factor,
        "precision": str(plan.precision).removeprefix("torch."),
        "runs": [
            {"name": run.name, "epochs": len(run.trained.epochs), "best_epoch": run.trained.best_epoch}
            for run in outcome.runs
        ],
        "kept": kept.name,
        "epochs": len(kept.trained.epochs),
        "best_epoch": kept.trained.best_epoch,
        "learned_weights": outcome.learned_weights,
        "model_weights": outcome.model.backbone.weights,
    } | ({"with_states": examples.count_with_states(with_states=True)} if reads_states else {})


def _grouped_by(examples: Examples) -> str:
    by = ["group", "protein"] if examples.proteins_are_known else []
    by += ["cluster of similar sequences"] if examples.clusters is not None else []
    return f"same {', '.join(by)} or sequence" if by else "same sequence"
