"""Write all that a fine-tuning run leaves: bundle, metrics, predictions, history, figures, report, run record."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.splits import Split
from plmkit.learning.finetuning import Outcome
from plmkit.learning.judging import headline
from plmkit.models.bundle import write_bundle
from plmkit.output.figures import Curves, draw_training_curves
from plmkit.output.judgement_figures import draw_judgement
from plmkit.output.metrics_table import write_metrics
from plmkit.output.model_card import readme, tuned_model_card
from plmkit.output.predictions import Predicted, write_predictions
from plmkit.output.report import write_report
from plmkit.output.run_record import write_record
from plmkit.output.tables import write_table
from plmkit.output.verdict import headline_text, readable

HISTORY_HEADER = ("run", "epoch", "training_loss", "validation_loss", "score")


@dataclass(frozen=True)
class Places:
    """Where to write each output; None: nobody asked for it."""

    bundle: Path
    metrics: Path | None
    predictions: Path | None
    history: Path | None
    curves: Path | None
    figure: Path | None
    report: Path | None
    record: Path | None


def write_results(
    places: Places,
    outcome: Outcome,
    examples: Examples,
    split: Split,
    negative: str | None,
    record: Mapping[str, Any],
) -> None:
    """Write every output that was asked for."""
    with tempfile.TemporaryDirectory(prefix="plmkit-results-") as temporary:
        folder = Path(temporary) / "bundle"
        folder.mkdir()
        curves, figure = Path(temporary) / "curves.png", Path(temporary) / "figure.png"
        _draw(outcome, record, curves, figure)
        outcome.model.save(folder)
        write_bundle(folder, tuned_model_card(examples, negative, record), readme(record), places.bundle)
        for wanted, drawn in ((places.curves, curves), (places.figure, figure)):
            if wanted:
                wanted.write_bytes(drawn.read_bytes())
        if places.report:
            write_report(places.report, record, curves, figure)
    if places.metrics:
        write_metrics(places.metrics, record["metrics"])
    if places.predictions:
        _write_predictions(places.predictions, outcome, examples, split)
    if places.history:
        _write_history(places.history, outcome)
    if places.record:
        write_record(record, places.record)


def _draw(outcome: Outcome, record: Mapping[str, Any], curves: Path, figure: Path) -> None:
    draw_training_curves(
        curves,
        [
            Curves(
                run.name,
                [epoch.train_loss for epoch in run.trained.epochs],
                [epoch.validation_loss for epoch in run.trained.epochs],
                [epoch.score for epoch in run.trained.epochs],
                readable(record["counts"]["select_by"]),
                run.trained.best_epoch,
            )
            for run in outcome.runs
        ],
    )
    task = outcome.model.task
    text = headline_text(record["metrics"], headline(task), outcome.shown.name)
    draw_judgement(figure, task, outcome.shown.truth, outcome.predicted, outcome.positive, text)


def _write_predictions(path: Path, outcome: Outcome, examples: Examples, split: Split) -> None:
    """Write what the model says of all examples it did not learn from."""
    chosen = {"validation": split.validation, **split.tests}
    indices = np.concatenate(list(chosen.values()))
    items = [examples.items[index] for index in indices]
    predicted = Predicted(
        [item.name for item in items],
        [item.sequences[0] for item in items],
        np.concatenate([outcome.put_aside[name] for name in chosen]),
        None,
        examples.truth_of(indices),
        [name for name, part in chosen.items() for _ in part],
    )
    write_predictions(path, examples.task, predicted)


def _write_history(path: Path, outcome: Outcome) -> None:
    rows = [
        (run.name, epoch.number, epoch.train_loss, epoch.validation_loss, epoch.score)
        for run in outcome.runs
        for epoch in run.trained.epochs
    ]
    write_table(path, HISTORY_HEADER, rows)
