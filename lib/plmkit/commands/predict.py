"""plm predict: a tuned model and proteins to labels and probabilities."""

from __future__ import annotations

import logging
from pathlib import Path

from plmkit.config import PredictConfig
from plmkit.data.dataset import labels_in_headers
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.data.residues import clean_residues, clean_window
from plmkit.errors import UserError, raise_problems
from plmkit.models.bundle import Bundle, open_bundle
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)


def run(config: PredictConfig) -> None:
    """Write a label and the probability of each label for every protein."""
    outputs, inputs = (
        [config.predictions, config.metrics, config.record],
        [config.bundle, config.proteins, Path(config.model)],
    )
    with staged(outputs, inputs) as staging, open_bundle(config.bundle) as bundle:
        clean = clean_window if bundle.unit == "window" else clean_residues
        proteins = read_fasta(config.proteins, "proteins", clean)
        _check_lengths(proteins, bundle)
        truth = _truth(proteins, bundle) if config.labelled else None
        with open_model(config.model, config.model_name) as files:
            bundle.check_base(files)
            _predict(config, bundle, proteins, truth, files, staging)
    log.info("%d proteins predicted", len(proteins))


def _check_lengths(proteins: Proteins, bundle: Bundle) -> None:
    if bundle.unit == "protein":
        return
    length = bundle.window_length
    raise_problems(
        "proteins",
        [
            f"line {record.line}: {record.name!r} has {len(record.sequence)} residues, the model was tuned on "
            f"windows of {length}; for whole proteins use plm ptm"
            for record in proteins.records
            if len(record.sequence) != length
        ],
    )


def _truth(proteins: Proteins, bundle: Bundle) -> list[str]:
    labels = labels_in_headers(proteins)
    if labels is None:
        raise UserError("proteins: --labelled needs LABEL= in every header; write it there or leave the option out")
    unknown = [
        f"line {record.line}: {record.name!r} has the label {label!r}, the model knows {', '.join(bundle.labels)}"
        for record, label in zip(proteins.records, labels, strict=True)
        if label not in bundle.labels
    ]
    raise_problems("proteins", unknown)
    return labels


def _predict(
    config: PredictConfig,
    bundle: Bundle,
    proteins: Proteins,
    truth: list[str] | None,
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.judging import judge
    from plmkit.models.backbone import load_backbone
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.tuned import load_tuned
    from plmkit.output.metrics_table import metric_rows, write_metrics
    from plmkit.output.predictions import write_predictions
    from plmkit.output.run_record import input_entry, run_record, write_record

    device = choose_device()
    model = load_tuned(load_backbone(files, device), bundle.folder, bundle.labels, bundle.card["pooling"])
    sequences = proteins.sequences
    notes = files.notes() + proteins.notes("proteins") + model.backbone.tokenizer.notes(sequences, "proteins")
    known = bundle.known(sequences) if truth is not None else 0
    if known:
        notes.append(
            f"proteins: {known} of {len(sequences)} were among the fine-tuning examples; the measures are too good"
        )
    for note in notes:
        log.warning("note: %s", note)
    with Progress([len(sequence) for sequence in sequences]) as progress:
        probabilities = model.probabilities(sequences, config.batch_tokens, progress.advance)
    write_predictions(staging[config.predictions], proteins.names, bundle.labels, probabilities, truth)
    metrics = []
    if truth is not None:
        negative = bundle.card["task"]["negative_label"]
        found = judge(proteins, truth, bundle.labels, negative, probabilities)
        metrics = metric_rows("fine-tuned model", "partly known" if known else "held-out", len(proteins), found)
    if config.metrics:
        write_metrics(staging[config.metrics], metrics)
    if config.record:
        inputs = [
            input_entry("tuned model", config.bundle, 1),
            input_entry("proteins", config.proteins, len(proteins)),
        ]
        counts = {"proteins": len(proteins)}
        record = run_record("predict", config, files, inputs, describe_device(device), counts, metrics, notes)
        write_record(record, staging[config.record])
