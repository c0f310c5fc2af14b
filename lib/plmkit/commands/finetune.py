"""plm finetune: labelled sequences to a tuned model."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plmkit.config import FinetuneConfig
from plmkit.data.dataset import Columns, Examples, read_examples
from plmkit.data.negatives import negative_label, positive_class
from plmkit.data.splits import Split, split_by_group
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.staging import Staging, staged

if TYPE_CHECKING:
    from plmkit.learning.finetuning import Outcome

log = logging.getLogger(__name__)

_FEW = 20
_SKEWED = 4
_TOO_LARGE = 0.6


def run(config: FinetuneConfig) -> None:
    """Learn, judge, and write the tuned model with everything that tells how good it is."""
    outputs = [config.bundle, config.metrics, config.history, config.curves, config.report, config.record]
    with staged(outputs, inputs=[config.examples, config.labels, Path(config.model)]) as staging:
        columns = Columns(config.sequence_column, config.label_column, config.identifier_column, config.group_column)
        examples = read_examples(config.examples, "examples", config.unit, columns, config.labels)
        negative = None
        if config.unit == "window" or config.negative_label:
            negative = negative_label(examples.labels, config.negative_label, "examples")
        split = split_by_group(examples, config.validation_share, config.seed)
        with open_model(config.model, config.model_name) as files:
            _finetune(config, examples, split, negative, files, staging)


def _finetune(
    config: FinetuneConfig,
    examples: Examples,
    split: Split,
    negative: str | None,
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.finetuning import LoraSettings, fine_tune
    from plmkit.learning.training import BATCH_TOKENS, TrainingSettings
    from plmkit.models.device import choose_device, describe_device
    from plmkit.output.metrics_table import metric_rows
    from plmkit.output.run_record import input_entry, run_record
    from plmkit.output.tuned_model import write_results

    training = TrainingSettings(
        epochs=config.epochs,
        patience=config.patience,
        learning_rate=config.learning_rate,
        batch_size=config.batch_size,
        batch_tokens=config.batch_tokens or BATCH_TOKENS,
        balanced=config.class_weights == "balanced",
        seed=config.seed,
    )
    lora = LoraSettings(config.rank, config.alpha, config.adapter_dropout, config.head_dropout)
    device = choose_device()
    outcome = fine_tune(files, examples, split, negative, config.pooling, lora, training, device)
    notes = files.notes() + examples.notes() + outcome.notes + _data_notes(examples, split)
    for note in notes:
        log.warning("note: %s", note)
    inputs = [input_entry("examples", config.examples, len(examples))]
    if config.labels is not None:
        inputs.append(input_entry("labels", config.labels, len(examples)))
    counts = _counts(examples, split, outcome) | {"positive_label": _positive_label(examples, negative)}
    metrics = [
        row
        for method, found in outcome.judged.items()
        for row in metric_rows(method, "validation", len(split.validation), found)
    ]
    record = run_record("finetune", config, files, inputs, describe_device(device), counts, metrics, notes)
    write_results(config, staging, outcome, examples, negative, record)


def _counts(examples: Examples, split: Split, outcome: Outcome) -> dict[str, Any]:
    sides = [Counter(examples.items[index].label for index in side) for side in (split.train, split.validation)]
    return {
        "examples": len(examples),
        "training": len(split.train),
        "validation": len(split.validation),
        "groups": split.groups,
        "grouped_by": "same protein or same sequence" if examples.proteins_are_known else "same sequence",
        "validation_groups": split.validation_groups,
        "labels": [
            {"name": label, "training": sides[0][label], "validation": sides[1][label]} for label in examples.labels
        ],
        "pooling": outcome.model.pooling,
        "epochs": len(outcome.epochs),
        "best_epoch": outcome.best_epoch,
        "learned_weights": outcome.learned_weights,
        "frozen_weights": outcome.frozen_weights,
    }


def _positive_label(examples: Examples, negative: str | None) -> str | None:
    labels = examples.labels
    return labels[positive_class(labels, negative)] if len(labels) == 2 else None


def _data_notes(examples: Examples, split: Split) -> list[str]:
    notes = []
    if examples.unit == "window" and not examples.proteins_are_known:
        notes.append(
            "examples: it is not known which windows come from one protein, so a protein may stand in training and in "
            "validation and the measures be too good; name windows protein%start%site, or give a column of groups"
        )
    if len(split.validation) > _TOO_LARGE * len(examples):
        notes.append(
            f"examples: {len(split.validation)} of {len(examples)} are kept for validation, since large groups cannot "
            "be divided; little is left to learn from"
        )
    counts = Counter(item.label for item in examples.items)
    validation = Counter(examples.items[index].label for index in split.validation)
    if split.validation_groups < _FEW:
        notes.append(
            f"examples: the validation examples come from only {split.validation_groups} groups of related sequences; "
            "the intervals are narrower than the true uncertainty"
        )
    rare, fewest = min(validation.items(), key=lambda pair: pair[1])
    if fewest < _FEW:
        notes.append(
            f"examples: only {fewest} validation examples have the label {rare!r}; "
            "all measures are uncertain, look at their intervals"
        )
    if max(counts.values()) > _SKEWED * min(counts.values()):
        rare = min(counts, key=lambda label: counts[label])
        notes.append(
            f"examples: label {rare!r} is rare ({counts[rare]} of {len(examples)}); judge by MCC and average "
            "precision, not by accuracy, and consider --class-weights balanced"
        )
    return notes
