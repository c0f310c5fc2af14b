"""Write all that a fine-tuning run leaves: bundle, metrics, predictions, history, figures, report, run record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
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
from plmkit.output.learning_curve import draw_learning_curve
from plmkit.output.metric_names import readable
from plmkit.output.metrics_table import write_metrics
from plmkit.output.model_card import readme, tuned_model_card
from plmkit.output.predictions import Predicted, write_predictions
from plmkit.output.reliability import draw_reliability
from plmkit.output.report import write_report
from plmkit.output.run_record import write_record
from plmkit.output.tables import write_table
from plmkit.output.verdict import headline_text

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
    learning_curve: Path | None
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
        figures = _drawn(places, outcome, record, Path(temporary))
        outcome.model.save(folder)
        outcome.trust.save(folder)
        card = tuned_model_card(examples, negative, record) | outcome.trust.card()
        write_bundle(folder, card, readme(record, negative), places.bundle)
        for name, drawn in figures.items():
            if wanted := getattr(places, name, None):
                wanted.write_bytes(drawn.read_bytes())
        if places.report:
            write_report(places.report, record, figures)
    if places.metrics:
        write_metrics(places.metrics, record["metrics"])
    if places.predictions:
        _write_predictions(places.predictions, outcome, examples, split)
    if places.history:
        _write_history(places.history, outcome)
    if places.record:
        write_record(record, places.record)


def _drawn(places: Places, outcome: Outcome, record: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Draw what is wanted, which for a report is all; return where each figure is, by the name of its output."""
    ways: dict[str, Callable[[Path], None]] = {
        "curves": lambda path: _draw_curves(path, outcome, record),
        "figure": lambda path: _draw_judgement(path, outcome, record),
        "reliability": lambda path: _draw_reliability(path, outcome),
    }
    if curve := outcome.curve:
        ways["learning_curve"] = lambda path: draw_learning_curve(path, curve)
    figures = {name: folder / f"{name}.png" for name in ways if places.report or getattr(places, name, None)}
    for name, path in figures.items():
        ways[name](path)
    return figures


def _draw_curves(path: Path, outcome: Outcome, record: Mapping[str, Any]) -> None:
    draw_training_curves(
        path,
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
            if run.of != "share"  # the learning curve has a figure of its own
        ],
    )


def _draw_judgement(path: Path, outcome: Outcome, record: Mapping[str, Any]) -> None:
    task = outcome.model.task
    text = headline_text(record["metrics"], headline(task), outcome.shown.name)
    draw_judgement(path, task, outcome.shown.truth, outcome.predicted, outcome.positive, text)


def _draw_reliability(path: Path, outcome: Outcome) -> None:
    shown = outcome.shown
    before = outcome.uncalibrated[shown.name][shown.kept]
    draw_reliability(
        path, outcome.model.task, shown.truth, before, outcome.predicted, outcome.trust.conformal, shown.name
    )


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
