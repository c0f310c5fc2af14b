"""Write all that a fine-tuning run leaves: bundle, metrics, history, curves, report, run record."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plmkit import __version__
from plmkit.config import FinetuneConfig
from plmkit.data.dataset import Examples
from plmkit.learning.finetuning import Outcome
from plmkit.models.bundle import SCHEMA_VERSION, sequence_digest, write_bundle
from plmkit.output.figures import draw_training_curves
from plmkit.output.metrics_table import write_metrics
from plmkit.output.report import write_report
from plmkit.output.run_record import write_record
from plmkit.output.staging import Staging
from plmkit.output.tables import write_table
from plmkit.output.templates import render

HISTORY_HEADER = ("epoch", "training_loss", "validation_loss")


def write_results(
    config: FinetuneConfig,
    staging: Staging,
    outcome: Outcome,
    examples: Examples,
    negative: str | None,
    record: Mapping[str, Any],
) -> None:
    """Write every output that was asked for to its staged path."""
    with tempfile.TemporaryDirectory(prefix="plmkit-results-") as temporary:
        folder = Path(temporary) / "bundle"
        folder.mkdir()
        outcome.model.save(folder)
        card = tuned_model_card(outcome, examples, negative, record)
        write_bundle(folder, card, render("model_card.md", card=card), staging[config.bundle])
        curves = Path(temporary) / "curves.png"
        train_losses = [epoch.train_loss for epoch in outcome.epochs]
        validation_losses = [epoch.validation_loss for epoch in outcome.epochs]
        draw_training_curves(curves, train_losses, validation_losses, outcome.best_epoch)
        if config.curves:
            staging[config.curves].write_bytes(curves.read_bytes())
        if config.report:
            write_report(staging[config.report], record, curves, outcome.confusion.tolist())
    if config.metrics:
        write_metrics(staging[config.metrics], record["metrics"])
    if config.history:
        rows = [(epoch.number, epoch.train_loss, epoch.validation_loss) for epoch in outcome.epochs]
        write_table(staging[config.history], HISTORY_HEADER, rows)
    if config.record:
        write_record(record, staging[config.record])


def tuned_model_card(
    outcome: Outcome, examples: Examples, negative: str | None, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of a bundle's plmkit.json."""
    counts, config = record["counts"], record["config"]
    return {
        "schema_version": SCHEMA_VERSION,
        "plmkit": __version__,
        "task": {
            "kind": "classification",
            "unit": examples.unit,
            "window_length": examples.window_length,
            "centre_residues": examples.centre_residues,
            "negative_label": negative,
        },
        "labels": list(examples.labels),
        "base_model": record["model"],
        "pooling": outcome.model.pooling,
        "data": {
            "sha256": [entry["sha256"] for entry in record["inputs"]],
            "examples": counts["examples"],
            "training": counts["training"],
            "validation": counts["validation"],
            "labels": counts["labels"],
            "sequences": sorted({sequence_digest(sequence) for sequence in examples.sequences}),
        },
        "split": {
            "method": f"by group ({counts['grouped_by']}), stratified by label",
            "groups": counts["groups"],
            "validation_share": config["validation_share"],
            "seed": config["seed"],
        },
        "training": config | {"epochs_run": counts["epochs"], "best_epoch": counts["best_epoch"]},
        "metrics": record["metrics"],
        "libraries": record["libraries"],
        "notes": record["notes"],
    }
